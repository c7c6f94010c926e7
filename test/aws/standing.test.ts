/** Where instances stand ready, Lambda moves the traffic to a new version when those of that version do. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { createStage } from './support/stage.ts';

const answers = (answer: string, minInstances: number): FunctionSpec => ({
  source: `export default { invoke: () => '${answer}' };`,
  minInstances,
});

type Stage = Awaited<ReturnType<typeof createStage>>;

async function deploy(stage: Stage, main: FunctionSpec) {
  const manager = await stage.manager({ functions: { main } });
  await manager.deploy('main');
  return manager;
}

async function weights(stage: Stage): Promise<unknown> {
  const lambda = await (await stage.manager()).native(AWS.lambda)?.();
  const alias = await lambda?.getAlias({ FunctionName: 'shop-dev-main', Name: 'live' });
  return alias?.RoutingConfig?.AdditionalVersionWeights;
}

it('a deploy ends when the new version has the traffic, also where the number of its instances changes', async () => {
  await using stage = await createStage();
  await deploy(stage, answers('a', 1));
  const manager = await deploy(stage, answers('b', 2));
  expect((await manager.invoke('main')).output).toBe('b');
  expect(await weights(stage)).toBeUndefined();
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
  await manager.rollback('main');
  expect((await manager.invoke('main')).output).toBe('a');
  expect(await weights(stage)).toBeUndefined();
});

it('a deploy whose instances do not start says who serves, and the next one mends it', async () => {
  await using stage = await createStage();
  const before = await deploy(stage, answers('a', 1));
  stage.fake.world.lambdaService.refuseInstances('FUNCTION_ERROR_INIT_FAILURE');
  await expect(deploy(stage, answers('b', 1))).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    function: 'main',
    message: expect.stringMatching(
      /FUNCTION_ERROR_INIT_FAILURE Version 1 keeps the traffic until those of version 2 do\. Deploy code that starts/,
    ),
  });
  expect((await before.invoke('main')).output).toBe('a');
  stage.fake.world.lambdaService.refuseInstances(undefined);
  const manager = await deploy(stage, answers('c', 1));
  expect((await manager.invoke('main')).output).toBe('c');
  expect(await weights(stage)).toBeUndefined();
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
});

it('says who serves where there is no room for the instances of the new version', async () => {
  await using stage = await createStage();
  await deploy(stage, answers('a', 1));
  stage.fake.world.lambdaService.refuseInstances('INSUFFICIENT_CAPACITY');
  await expect(deploy(stage, answers('b', 1))).rejects.toMatchObject({
    code: 'QUOTA_EXCEEDED',
    message: expect.stringMatching(/INSUFFICIENT_CAPACITY Version 1 keeps .* Lower minInstances/),
  });
});
