/** Where instances stand ready, Lambda moves the traffic to a new version when those of that version do. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { createStage, type Stage } from './support/stage.ts';

const INIT_FAILED = 'FUNCTION_ERROR_INIT_FAILURE';
const FunctionName = 'shop-dev-main';
const NO_ROOM = 'INSUFFICIENT_CAPACITY';

const answers = (answer: string, minInstances: number): FunctionSpec => ({
  source: `export default { invoke: () => '${answer}' };`,
  minInstances,
});

async function deploy(stage: Stage, main: FunctionSpec) {
  const manager = await stage.manager({ functions: { main } });
  await manager.deploy('main');
  return manager;
}

/** What callers get, and what Lambda says of the alias. */
async function served(stage: Stage): Promise<unknown> {
  const manager = await stage.manager();
  const lambda = await manager.native(AWS.lambda)?.();
  const alias = await lambda?.getAlias({ FunctionName, Name: 'live' });
  const kept = await lambda
    ?.getProvisionedConcurrencyConfig({ FunctionName, Qualifier: 'live' })
    .then(({ Status, RequestedProvisionedConcurrentExecutions: size }) => `${size} ${Status}`)
    .catch(() => 'none');
  const { output } = await manager.invoke('main');
  return [output, kept, alias?.RoutingConfig?.AdditionalVersionWeights ?? {}];
}

/** A stage where version 1 answers "a" and keeps the traffic: no instances of version 2, "b", can be kept ready. */
async function stuck(reason: string): Promise<Stage> {
  const stage = await createStage();
  await deploy(stage, answers('a', 1));
  stage.fake.world.lambdaService.refuseInstances(reason);
  await expect(deploy(stage, answers('b', 1))).rejects.toMatchObject({
    code: reason === NO_ROOM ? 'QUOTA_EXCEEDED' : 'FUNCTION_FAILED',
    function: 'main',
    message: expect.stringContaining(
      `${reason} Version 1 keeps the traffic until those of version 2 do. ${
        reason === NO_ROOM ? 'Lower minInstances' : 'Deploy code that starts'
      }`,
    ),
  });
  expect(await served(stage)).toStrictEqual(['a', '1 FAILED', { 1: 1 }]);
  return stage;
}

it('a deploy ends when the new version has the traffic, also where the number of its instances changes', async () => {
  await using stage = await createStage();
  await deploy(stage, answers('a', 1));
  const manager = await deploy(stage, answers('b', 2));
  expect(await served(stage)).toStrictEqual(['b', '2 READY', {}]);
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
  await manager.rollback('main');
  expect(await served(stage)).toStrictEqual(['a', '2 READY', {}]);
});

it.each([INIT_FAILED, NO_ROOM])('after %s, the next version gets the traffic', async (reason) => {
  await using stage = await stuck(reason);
  stage.fake.world.lambdaService.refuseInstances(undefined);
  const manager = await deploy(stage, answers('c', 1));
  expect(await served(stage)).toStrictEqual(['c', '1 READY', {}]);
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
});

it('code whose instances do not start does not get the traffic by deploying it again', async () => {
  await using stage = await stuck(INIT_FAILED);
  await expect(deploy(stage, answers('b', 1))).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
  expect(await served(stage)).toStrictEqual(['a', '1 FAILED', { 1: 1 }]);
  const manager = await stage.manager({ functions: { main: answers('b', 1) } });
  stage.fake.world.lambdaService.refuseInstances(undefined);
  await manager.rollback('main');
  expect(await served(stage)).toStrictEqual(['a', expect.stringMatching(/^1 /), {}]);
});

it('once there is room, the same deploy goes on', async () => {
  await using stage = await stuck(NO_ROOM);
  stage.fake.world.lambdaService.refuseInstances(undefined);
  const manager = await deploy(stage, answers('b', 1));
  expect(await served(stage)).toStrictEqual(['b', '1 READY', {}]);
  expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
});

it.each([
  ['the same code', answers('b', 0), 'b'],
  ['other code', answers('c', 0), 'c'],
])('where there is no room, %s goes live without instances', async (_name, spec, answer) => {
  await using stage = await stuck(NO_ROOM);
  await deploy(stage, spec);
  expect(await served(stage)).toStrictEqual([answer, 'none', {}]);
});

it('a version that has no traffic yet shares none', async () => {
  await using stage = await stuck(INIT_FAILED);
  const canary = { providerOptions: { aws: { canary: { weight: 0.1 } } } };
  await expect(deploy(stage, { ...answers('c', 1), ...canary })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('Lambda has not given version 2 its traffic yet: version 1'),
  });
  expect(await served(stage)).toStrictEqual(['a', '1 FAILED', { 1: 1 }]);
});

it('keeps the version that served, and not the one that never did', async () => {
  await using stage = await stuck(INIT_FAILED);
  stage.fake.world.lambdaService.refuseInstances(undefined);
  const manager = await deploy(stage, { ...answers('c', 1), keepVersions: 2 });
  await manager.rollback('main');
  expect(await served(stage)).toStrictEqual(['a', '1 READY', {}]);
});

it("a hand's weight is taken off at once", async () => {
  await using stage = await createStage();
  await deploy(stage, answers('a', 1));
  const manager = await deploy(stage, answers('b', 1));
  const lambda = await manager.native(AWS.lambda)?.();
  const RoutingConfig = { AdditionalVersionWeights: { 1: 1 } };
  await lambda?.updateAlias({ FunctionName, Name: 'live', RoutingConfig });
  expect(await served(stage)).toStrictEqual(['a', '1 READY', { 1: 1 }]);
  await manager.deploy('main');
  expect(await served(stage)).toStrictEqual(['b', '1 READY', {}]);
});

/** A stage where version 2 serves. */
async function twice(): Promise<Stage> {
  const stage = await createStage();
  await deploy(stage, answers('a', 1));
  await deploy(stage, answers('b', 1));
  return stage;
}

it('says so when somebody else moves the alias meanwhile', async () => {
  await using same = await twice();
  const before = await same.manager({ functions: { main: answers('b', 1) } });
  const calls = await same.during(() => before.rollback('main'));
  const looks = calls.indexOf('lambda:GetAlias', calls.indexOf('lambda:UpdateAlias'));
  expect(looks).toBeGreaterThan(0);

  await using stage = await twice();
  const lambda = await (await stage.manager()).native(AWS.lambda)?.();
  const manager = await stage.manager({ functions: { main: answers('b', 1) } });
  stage.fake.faults.interrupt({
    call: looks,
    work: async () => {
      await lambda?.updateAlias({ FunctionName, Name: 'live', FunctionVersion: '2' });
    },
  });
  await expect(manager.rollback('main')).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('another deploy made its version live'),
  });
});

it('what stands ready is no cold start, though Lambda tells how long it took with the first call', async () => {
  await using stage = await createStage();
  const manager = await deploy(stage, answers('a', 1));
  expect(await manager.invoke('main')).toMatchObject({ output: 'a', coldStart: false });
  await stage.clock.advance(10 * 60_000);
  expect(await manager.metrics('main', { last: '1h' })).toMatchObject({
    invocations: 1,
    coldStarts: 0,
    initDurationMs: { average: expect.any(Number) },
  });
});
