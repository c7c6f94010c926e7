/** Two versions that share the traffic, and what cannot be changed meanwhile. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { createStage } from './support/stage.ts';

const spec = (comment: string): FunctionSpec => ({
  source: `export const handler = async () => 'a'; // ${comment}`,
  providerOptions: { aws: { canary: { weight: 0.5 } } },
});

it('a change that leaves the zip as it is goes live at once, though a share was asked for', async () => {
  await using stage = await createStage();
  const before = await stage.manager({ functions: { main: spec('one') } });
  await before.deploy('main');
  const after = await stage.manager({ functions: { main: spec('two') } });
  expect(await after.deploy('main')).toMatchObject({ version: '1', changed: true });
  expect(await after.deploy('main')).toMatchObject({ version: '1', changed: false });
  expect((await after.invoke('main', null)).output).toBe('a');
});

it('leaves standing instances as they are until one version has all of the traffic', async () => {
  await using stage = await createStage();
  const code = (answer: string): FunctionSpec => ({
    source: `export const handler = async () => '${answer}';`,
  });
  const canary = { providerOptions: { aws: { canary: { weight: 0.5 } } } };
  const deploy = async (main: FunctionSpec) => {
    const manager = await stage.manager({ functions: { main } });
    const deployment = await manager.deploy('main');
    expect((await manager.plan('main')).steps).toStrictEqual([]);
    expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
    return deployment;
  };
  await deploy({ ...code('a'), minInstances: 1 });
  const { warnings } = await deploy({ ...code('b'), minInstances: 3, ...canary });
  expect(warnings).toStrictEqual([
    expect.objectContaining({
      field: 'functions.main.minInstances',
      message: expect.stringMatching(/1 stay, and 3 are applied/),
    }),
  ]);
  const lambda = await (await stage.manager()).native(AWS.lambda)?.();
  const standing = async () => {
    const config = await lambda?.getProvisionedConcurrencyConfig({
      FunctionName: 'shop-dev-main',
      Qualifier: 'live',
    });
    return config?.RequestedProvisionedConcurrentExecutions;
  };
  expect(await standing()).toBe(1);
  await deploy({ ...code('b'), minInstances: 3 });
  expect(await standing()).toBe(3);
});
