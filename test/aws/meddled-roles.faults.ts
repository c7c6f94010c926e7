/** Policies that a hand added to roles of ours keep nobody from removing them. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { createStage, type Stage } from './support/stage.ts';

const SOURCE = `export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true },
  { async invoke() {}, async schedule() {} },
);`;
const TIMED: FunctionSpec = {
  source: SOURCE,
  events: [{ type: 'schedule', id: 's', every: '5 minutes' }],
  providerOptions: { aws: { keepWarm: { everyMinutes: 5 } } },
};
const ROLES = ['', '-scheduler', '-sched'].map(
  (use) => `polyfaas-shop-dev-main-eu-central-1${use}`,
);

async function meddle(stage: Stage): Promise<void> {
  const iam = await (await hand(stage)).iam();
  for (const RoleName of ROLES) {
    await iam.putRolePolicy({
      RoleName,
      PolicyName: 'hand',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['sqs:*'], Resource: ['*'] }],
      }),
    });
  }
}

it('a function is removed with all of its roles', async () => {
  await using stage = await createStage();
  const before = stage.fake.inventory();
  const manager = await stage.manager({ functions: { main: TIMED } });
  await manager.deploy('main');
  await meddle(stage);
  expect(await manager.remove('main')).toStrictEqual({ removed: true, warnings: [] });
  expect(stage.fake.inventory()).toStrictEqual(before);
});

it('a deploy takes the last schedule away, and its role', async () => {
  await using stage = await createStage();
  const manager = await stage.manager({ functions: { main: TIMED } });
  await manager.deploy('main');
  await meddle(stage);
  await manager.deploy('main', { spec: { source: SOURCE } });
  const roles = stage.fake.inventory().filter((line) => line.startsWith('iam '));
  expect(roles).toHaveLength(1);
  expect((await manager.plan('main', { spec: { source: SOURCE } })).steps).toStrictEqual([]);
});
