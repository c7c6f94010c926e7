import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planEvents } from '../../../providers/azure/events/plan.ts';
import { planRemoveShared, sharedHosts } from '../../../providers/azure/events/shared.ts';
import { API, ownershipTags } from '../../../providers/azure/names.ts';
import { bus, queue, RETRY, topic } from '../azure-events/bindings.ts';
import { EventWorld, type EventFunction } from '../azure-events/world.ts';

let world: EventWorld;

beforeAll(async () => {
  world = await EventWorld.start();
});

afterAll(async () => {
  await world.stop();
});

let count = 0;

async function aFunction(): Promise<EventFunction> {
  count += 1;
  return await world.function(`f${count}`);
}

describe('the subscription of a topic', () => {
  const blue = topic('t', { filter: { tenant: ['blue'] } });

  async function stateOf(one: EventFunction): Promise<readonly unknown[]> {
    const id = one.record.made.find(({ kind }) => kind === 'subscription')?.id ?? '';
    const rule = await world.get(`${id}/rules/$Default`, '2021-11-01');
    const found = await world.get(id, '2021-11-01');
    return [
      Object(Object(rule?.['properties'])['sqlFilter'])['sqlExpression'],
      Object(found?.['properties'])['maxDeliveryCount'],
    ];
  }

  it('keeps its filter until the new version is served', async () => {
    const one = await aFunction();
    await one.bind([blue]);
    const next = planEvents(one.wish([topic('t', { filter: { tenant: ['green'] } })]));
    await world.run(next.sources);
    expect(await stateOf(one)).toEqual(["user.[tenant] IN ('blue')", 4]);
    await world.run(next.after);
    expect(await stateOf(one)).toEqual(["user.[tenant] IN ('green')", 4]);
    await one.remove();
  });

  it('allows more attempts before the function counts on them, and fewer after', async () => {
    const one = await aFunction();
    await one.bind([blue]);
    const withAttempts = (maxAttempts: number) =>
      planEvents(
        one.wish([topic('t', { filter: { tenant: ['blue'] }, retry: { ...RETRY, maxAttempts } })]),
      );
    await world.run(withAttempts(9).sources);
    expect(await stateOf(one)).toEqual(["user.[tenant] IN ('blue')", 10]);
    const fewer = withAttempts(2);
    await world.run(fewer.sources);
    expect((await stateOf(one))[1]).toBe(10);
    await world.run(fewer.after);
    expect((await stateOf(one))[1]).toBe(3);
    await one.remove();
  });
});

describe('events that wait for their function', () => {
  it('are not thrown away after a week', async () => {
    const one = await aFunction();
    await one.bind([bus('b')]);
    const id = one.record.made.find(({ kind }) => kind === 'eventSubscription')?.id ?? '';
    expect(await world.get(id, '2022-06-15')).toMatchObject({
      properties: { destination: { properties: { queueMessageTimeToLiveInSeconds: -1 } } },
    });
    await one.remove();
  });
});

describe('what functions share', () => {
  it('stays while another function is on its way', async () => {
    const one = await aFunction();
    await one.bind([queue('q')]);
    const { storage } = sharedHosts(one.target);
    // A deploy has made the storage account of its function, and not the function app yet.
    const begun = `/subscriptions/${one.target.subscriptionId}/resourceGroups/${one.target.resourceGroup}/providers/Microsoft.Storage/storageAccounts/pfshopbegun`;
    await world.put(begun, API.storage, {
      location: 'westeurope',
      tags: ownershipTags({ ...one.target.ref, name: 'begun' }),
      sku: { name: 'Standard_LRS' },
      kind: 'StorageV2',
      properties: {},
    });
    await one.remove();
    expect(await world.get(storage.id, API.storage)).toBeDefined();
    const { signal } = new AbortController();
    await world.observer.arm({ method: 'DELETE', path: begun, apiVersion: API.storage, signal });
    await world.run([planRemoveShared(one.target)]);
    expect(await world.get(storage.id, API.storage)).toBeUndefined();
  });

  it('is kept where another function sends outcomes to', async () => {
    const [one, two] = [await aFunction(), await aFunction()];
    await one.bind([queue('q', { queue: 'failed' })]);
    const id = one.record.made.find(({ kind }) => kind === 'queue')?.id ?? '';
    const destinations = [{ scope: id, roleId: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' as const }];
    await two.bind([], { destinations });
    await one.remove();
    expect(await world.get(id, API.storage)).toBeDefined();
    await two.remove();
    expect(await world.get(id, API.storage)).toBeUndefined();
  });
});
