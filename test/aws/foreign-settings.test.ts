/** Settings of a function that polyfaas never sets: a hand's log group, dead-letter target and file systems. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { createStage } from './support/stage.ts';

const code = (answer: string): FunctionSpec => ({
  source: `export const handler = async () => '${answer}';`,
});
const FunctionName = 'shop-dev-main';

async function meddledStage() {
  const stage = await createStage();
  const manager = await stage.manager({ functions: { main: code('a') } });
  await manager.deploy('main');
  const clients = (
    await stage.manager({ providerOptions: { aws: { credentials: stage.fake.observer } } })
  ).native(AWS.clients);
  if (!clients) throw new Error('there are no clients');
  const lambda = await clients.lambda();
  await (await clients.logs()).createLogGroup({ logGroupName: '/elsewhere' });
  await lambda.updateFunctionConfiguration({
    FunctionName,
    LoggingConfig: { LogGroup: '/elsewhere' },
  });
  await stage.clock.advance(30_000);
  return { stage, manager, lambda };
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
  const { Description } = await lambda.getAlias({ FunctionName, Name: 'live' });
  const { Version = '' } = await lambda.publishVersion({ FunctionName, Description });
  await lambda.updateAlias({
    FunctionName,
    Name: 'live',
    FunctionVersion: Version,
    Description: Description?.replace(' v:1 ', ` v:${Version} `),
  });
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
