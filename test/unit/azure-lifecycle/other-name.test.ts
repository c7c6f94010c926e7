/** A deployed function whose `siteNames` is changed: nothing is made beside it, and nothing is deleted under it. */
import { describe, expect, it } from 'vitest';
import { onFake, source } from '../azure-execute/on-fake.ts';

const SPEC = {
  source: source('x').replace('default {', 'default { queue: async () => undefined,'),
  events: [{ type: 'queue', id: 'in', queue: 'inbox', create: true }],
};
const NAMED = { siteNames: { orders: 'my-orders-app' } };

describe('another name for a function app', () => {
  it('is refused by a deploy and a removal while the function is deployed under the first', async () => {
    const azure = await onFake();
    const manager = await azure.manager(SPEC);
    await manager.deploy('orders');
    const before = azure.fake.inventory();
    const renamed = await azure.manager(SPEC, NAMED);
    const refused = {
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        new RegExp(
          `^providerOptions\\.azure\\.siteNames\\.orders: .*"${azure.place.physicalName}".*Set that name`,
        ),
      ),
    };
    await expect(renamed.plan('orders')).rejects.toMatchObject(refused);
    await expect(renamed.deploy('orders')).rejects.toMatchObject(refused);
    await expect(renamed.remove('orders')).rejects.toMatchObject(refused);
    expect(azure.fake.inventory()).toEqual(before);
    expect((await manager.invoke('orders', 1)).output).toMatchObject({ said: 'x' });
  });

  it('is taken once it was removed, and then the name is needed', async () => {
    const azure = await onFake();
    const manager = await azure.manager(SPEC);
    const before = azure.fake.inventory();
    await manager.deploy('orders');
    await manager.remove('orders');
    const renamed = await azure.manager(SPEC, NAMED);
    await renamed.deploy('orders');
    await expect(manager.deploy('orders')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('"my-orders-app"'),
    });
    await renamed.remove('orders');
    expect(azure.fake.inventory()).toEqual(before);
  });

  it('is refused also where it is the name of an app that is taken over', async () => {
    const azure = await onFake();
    const manager = await azure.manager(SPEC);
    await manager.deploy('orders');
    await azure.fake.stranger(NAMED.siteNames.orders, azure.place.resourceGroup);
    const before = azure.fake.inventory();
    const renamed = await azure.manager(SPEC, NAMED);
    const refused = {
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`"${azure.place.physicalName}"`),
    };
    await expect(renamed.deploy('orders', { adopt: true })).rejects.toMatchObject(refused);
    await expect(renamed.remove('orders')).rejects.toMatchObject(refused);
    expect(azure.fake.inventory()).toEqual(before);
    await manager.remove('orders');
    expect((await renamed.deploy('orders', { adopt: true })).changed).toBe(true);
  });

  it('is taken at once when the first is gone, also while lists still have it', async () => {
    const azure = await onFake();
    azure.fake.world.web.behaviour.listedStillMs = 3_600_000;
    const more = { source: source('y') };
    const manager = await azure.managerOf({ functions: { orders: SPEC, more } });
    await manager.deploy('orders');
    await manager.deploy('more');
    await manager.remove('orders');
    const listed: string[] = [];
    for await (const { name } of manager.list()) listed.push(name);
    expect(listed).toContain('orders');
    const renamed = await azure.manager(SPEC, NAMED);
    expect((await renamed.deploy('orders')).changed).toBe(true);
  });

  it('is no matter of other functions, stages and apps in the same group', async () => {
    const azure = await onFake();
    await (
      await azure.managerOf({ stage: 'other', functions: { orders: SPEC } }, { resourceGroup: 'g' })
    ).deploy('orders');
    const manager = await azure.managerOf(
      { functions: { orders: SPEC, more: { source: source('y') } } },
      { resourceGroup: 'g' },
    );
    await manager.deploy('more');
    expect((await manager.deploy('orders')).changed).toBe(true);
  });
});
