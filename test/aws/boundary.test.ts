/** A permissions boundary that is added, changed or taken away later reaches every role that was made. */
import { expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import { createStage } from './support/stage.ts';

const SPEC: FunctionSpec = {
  source: `export default Object.assign(
    { [Symbol.for('polyfaas.function')]: true },
    { async invoke() { return 1; }, async schedule() {} },
  );`,
  events: [{ type: 'schedule', id: 's', every: '5 minutes' }],
  providerOptions: { aws: { keepWarm: { everyMinutes: 5 } } },
};
const ROLES = ['', '-sched', '-scheduler'].map(
  (use) => `polyfaas-shop-dev-main-eu-central-1${use}`,
);
const boundary = (name: string): string => `arn:aws:iam::123456789012:policy/${name}`;

it('of the configuration is brought to every role, and mended by a full reading', async () => {
  await using stage = await createStage();
  const iam = await (
    await stage.manager({ providerOptions: { aws: { credentials: stage.fake.observer } } })
  )
    .native(AWS.clients)
    ?.iam();
  const bounds = () =>
    Promise.all(
      ROLES.map(async (RoleName) => {
        const found = await iam?.getRole({ RoleName });
        return found?.Role?.PermissionsBoundary?.PermissionsBoundaryArn;
      }),
    );
  const manager = (name?: string) =>
    stage.manager({
      functions: { main: SPEC },
      ...(name === undefined
        ? {}
        : { providerOptions: { aws: { permissionsBoundaryArn: boundary(name) } } }),
    });
  const deploy = async (name?: string): Promise<void> => {
    const one = await manager(name);
    await one.deploy('main');
    expect((await one.plan('main')).steps).toStrictEqual([]);
    expect((await one.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
  };
  await deploy();
  expect(await bounds()).toStrictEqual([undefined, undefined, undefined]);
  await deploy('first');
  expect(await bounds()).toStrictEqual(ROLES.map(() => boundary('first')));
  await deploy('second');
  expect(await bounds()).toStrictEqual(ROLES.map(() => boundary('second')));
  await iam?.deleteRolePermissionsBoundary({ RoleName: ROLES[0] });
  await (await manager('second')).deploy('main', { drift: 'full' });
  expect(await bounds()).toStrictEqual(ROLES.map(() => boundary('second')));
  await deploy();
  expect(await bounds()).toStrictEqual([undefined, undefined, undefined]);
});
