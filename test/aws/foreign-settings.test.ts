/** Settings of a function that polyfaas never sets: a hand's log group, dead-letter target and file systems. */
import type { Lambda } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { createStage } from './support/stage.ts';

const code = (answer: string): FunctionSpec => ({
  source: `export const handler = async () => '${answer}';`,
});
const FunctionName = 'shop-dev-main';

async function meddledStage() {
  const stage = await createStage();
  const manager = await stage.manager({ functions: { main: code('a') } });
  await manager.deploy('main');
  const clients = await hand(stage);
  const lambda = await clients.lambda();
  await (await clients.logs()).createLogGroup({ logGroupName: '/elsewhere' });
  await lambda.updateFunctionConfiguration({
    FunctionName,
    LoggingConfig: { LogGroup: '/elsewhere' },
  });
  await stage.clock.advance(30_000);
  return { stage, manager, lambda };
}

/** Publishes what the hand set, and makes it live. */
async function makeForeignLive(lambda: Lambda): Promise<void> {
  const { Description } = await lambda.getAlias({ FunctionName, Name: 'live' });
  const { Version = '' } = await lambda.publishVersion({ FunctionName, Description });
  await lambda.updateAlias({
    FunctionName,
    Name: 'live',
    FunctionVersion: Version,
    Description: Description?.replace(' v:1 ', ` v:${Version} `),
  });
}

it('a log group that a hand set does not reach the next version', async () => {
  const { stage, manager, lambda } = await meddledStage();
  await manager.deploy('main', { spec: code('b') });
  const live = await lambda.getFunctionConfiguration({ FunctionName, Qualifier: 'live' });
  expect(live.LoggingConfig?.LogGroup).toBe('/aws/lambda/shop-dev-main');
  await stage[Symbol.asyncDispose]();
});

it('a live version with a log group of its own is found by a full reading, and replaced', async () => {
  const { stage, manager, lambda } = await meddledStage();
  await makeForeignLive(lambda);
  expect((await manager.plan('main')).steps).toStrictEqual([]);
  const { warnings } = await manager.deploy('main', { drift: 'full' });
  expect(warnings).toMatchObject([
    { type: 'drift', message: expect.stringContaining('"/elsewhere"') },
  ]);
  const live = await lambda.getFunctionConfiguration({ FunctionName, Qualifier: 'live' });
  expect(live.LoggingConfig?.LogGroup).toBe('/aws/lambda/shop-dev-main');
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
  await stage[Symbol.asyncDispose]();
});

it('a live version with one of its own lets a newer version have its share, and then everything', async () => {
  const { stage, manager, lambda } = await meddledStage();
  await makeForeignLive(lambda);
  const spec = { ...code('b'), providerOptions: { aws: { canary: { weight: 0.3 } } } };
  const { version } = await manager.deploy('main', { spec, drift: 'full' });
  const { steps, warnings } = await manager.plan('main', { spec, drift: 'full' });
  expect(steps).toStrictEqual([]);
  expect(warnings).toMatchObject([{ message: expect.stringContaining('gets all of it') }]);
  await manager.deploy('main', { spec: code('b'), drift: 'full' });
  const alias = await lambda.getAlias({ FunctionName, Name: 'live' });
  expect(alias.FunctionVersion).toBe(version);
  expect(alias.RoutingConfig?.AdditionalVersionWeights ?? {}).toStrictEqual({});
  const after = await manager.plan('main', { spec: code('b'), drift: 'full' });
  expect(after.steps).toStrictEqual([]);
  expect(after.warnings).toStrictEqual([]);
  await stage[Symbol.asyncDispose]();
});

it('a live version with one of its own is replaced when the share of a newer one is taken back', async () => {
  const { stage, manager, lambda } = await meddledStage();
  await makeForeignLive(lambda);
  const spec = { ...code('b'), providerOptions: { aws: { canary: { weight: 0.3 } } } };
  await manager.deploy('main', { spec });
  await manager.deploy('main', { drift: 'full' });
  const live = await lambda.getFunctionConfiguration({ FunctionName, Qualifier: 'live' });
  expect(live.LoggingConfig?.LogGroup).toBe('/aws/lambda/shop-dev-main');
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
  await stage[Symbol.asyncDispose]();
});
