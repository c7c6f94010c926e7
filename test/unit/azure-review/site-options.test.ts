/** Options that are taken back: each is undone, or refused before anything is sent. */
import { describe, expect, it } from 'vitest';
import type { JsonValue } from 'polyfaas/spi';
import { at } from '../../../providers/azure/arm/json.ts';
import { azureWorld } from '../../plan/azure-world.ts';
import { API, onFake, type OnFake } from '../azure-execute/on-fake.ts';

const SUBNET =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/one';
const OTHER = SUBNET.replace('one', 'two');

async function propertyOf(azure: OnFake, ...path: readonly string[]): Promise<JsonValue> {
  const { signal } = new AbortController();
  const request = { method: 'GET', path: azure.place.siteId, apiVersion: API, signal } as const;
  const { body } = await azure.observer.arm(request);
  return at(body, 'properties', ...path) ?? null;
}

const options = (azure: object): object => ({ providerOptions: { azure } });

describe.each(['flex', 'premium'])('a subnet, on plan %s', (plan) => {
  it('is left when the option is taken away, and only then', async () => {
    const azure = await onFake();
    const inside = await azure.manager(options({ plan, vnetSubnetId: SUBNET }));
    await inside.deploy('orders');
    expect(await propertyOf(azure, 'virtualNetworkSubnetId')).toBe(SUBNET);
    const elsewhere = await azure.manager(options({ plan, vnetSubnetId: OTHER }));
    await elsewhere.deploy('orders');
    expect(await propertyOf(azure, 'virtualNetworkSubnetId')).toBe(OTHER);
    const outside = await azure.manager(options({ plan }));
    await outside.deploy('orders');
    expect(await propertyOf(azure, 'virtualNetworkSubnetId')).toBeNull();
    expect((await outside.plan('orders', { drift: 'full' })).steps).toEqual([]);
    expect((await outside.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
  });

  it('that somebody else chose stays', async () => {
    const azure = await onFake();
    await (await azure.manager(options({ plan }))).deploy('orders');
    const { signal } = new AbortController();
    await azure.observer.arm({
      method: 'PATCH',
      path: azure.place.siteId,
      apiVersion: API,
      body: { properties: { virtualNetworkSubnetId: OTHER } },
      signal,
    });
    await azure.clock.advance(10_000);
    const next = await azure.manager(options({ plan, applicationInsights: false }));
    await next.deploy('orders');
    expect(await propertyOf(azure, 'virtualNetworkSubnetId')).toBe(OTHER);
  });
});

describe('rolling updates', () => {
  it('end when the option is taken away', async () => {
    const azure = await onFake();
    const rolling = await azure.manager(options({ siteUpdateStrategy: 'rolling' }));
    await rolling.deploy('orders');
    const strategy = ['functionAppConfig', 'siteUpdateStrategy', 'type'];
    expect(await propertyOf(azure, ...strategy)).toBe('RollingUpdate');
    const recreating = await azure.manager(options({ siteUpdateStrategy: 'recreate' }));
    await recreating.deploy('orders');
    expect(await propertyOf(azure, ...strategy)).toBe('Recreate');
    expect((await recreating.plan('orders', { drift: 'full' })).steps).toEqual([]);
  });
});

describe('zones', () => {
  it.each([
    [false, true],
    [true, false],
  ])('are not changed from %s to %s: it is said before anything is sent', async (from, to) => {
    const azure = await onFake();
    const first = await azure.manager(options({ zoneRedundant: from }));
    await first.deploy('orders');
    const writes = azure.fake.faults.writes;
    const next = await azure.manager(options({ zoneRedundant: to }));
    await expect(next.plan('orders')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/azure\.zoneRedundant.*[Rr]emove it first/),
    });
    expect(azure.fake.faults.writes).toBe(writes);
    expect((await first.deploy('orders')).changed).toBe(false);
  });

  it('are not changed of a plan that a deploy left which was broken off', async () => {
    await using world = await azureWorld();
    await world.deploy({ code: 'a' }, { until: 'plan' });
    const other = { code: 'a', azure: { zoneRedundant: true } };
    await expect(world.deploy(other)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('zoneRedundant'),
    });
    await world.deploy({ code: 'a' });
    expect((await world.manager.invoke('orders')).output).toBe('a');
  });
});
