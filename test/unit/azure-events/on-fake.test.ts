import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planEvents } from '../../../providers/azure/events/plan.ts';
import { ownQueueName } from '../../../providers/azure/events/names.ts';
import { sharedHosts } from '../../../providers/azure/events/shared.ts';
import { bucket, bus, ONE_OF_EACH, platform, queue, stream, table, topic } from './bindings.ts';
import { EventWorld, type EventFunction } from './world.ts';

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

describe('bindings on Azure', () => {
  it('leave nothing behind once their function is removed', async () => {
    const before = world.fake.inventory();
    const one = await aFunction();
    await one.bind(ONE_OF_EACH);
    expect(world.sources().length).toBeGreaterThan(10);
    await one.remove();
    const left = world.sources().filter((line) => !before.includes(line));
    expect(left).toEqual([]);
  });

  it('are done again without harm, wherever it was broken off', async () => {
    const one = await aFunction();
    await one.bind(ONE_OF_EACH);
    const once = world.fake.inventory();
    one.record = { ...one.record, pending: ONE_OF_EACH.map(({ id }) => id) };
    await one.bind(ONE_OF_EACH);
    expect(world.fake.inventory()).toEqual(once);
    await one.remove();
  });

  it('take with them what was their own, and leave their sources', async () => {
    const one = await aFunction();
    await one.bind(ONE_OF_EACH);
    await one.bind([]);
    const left = world.sources().join('\n');
    expect(left).not.toMatch(/subscription|leases|role assignment|system topic|polyfaas-event/i);
    expect(left).toMatch(/orders/);
    expect(left).toMatch(/pictures/);
    await one.remove();
  });

  it('put addresses and policies into the settings', async () => {
    const one = await aFunction();
    await one.bind(ONE_OF_EACH);
    const { storage, serviceBus, cosmos } = sharedHosts(one.target);
    const texts: Record<string, string> = {};
    for (const [name, value] of Object.entries(one.settings)) {
      if (typeof value === 'string') texts[name] = value;
    }
    const of = (part: RegExp): string =>
      Object.entries(texts).find(([name]) => part.test(name))?.[1] ?? '';
    expect(of(/queueServiceUri$/)).toContain(storage.name);
    expect(of(/SERVICEBUS.*fullyQualifiedNamespace$/)).toBe(
      `${serviceBus.name}.servicebus.windows.net`,
    );
    expect(of(/accountEndpoint$/)).toContain(cosmos.name);
    expect(of(/enqueuedTimeUtc$/)).toMatch(/^2026-\d\d-\d\dT.*Z$/);
    const policies: readonly { source: string; deadLetter: { url: string } | null }[] = JSON.parse(
      texts['POLYFAAS_BINDINGS'] ?? '[]',
    );
    expect(policies).toHaveLength(ONE_OF_EACH.length);
    expect(policies[0]?.deadLetter?.url).toBe(
      world.fake.world.queues.urlOf(storage.name, 'orders-dead'),
    );
    await one.remove();
  });

  it('read a table from when its leases were made, each time that it is bound', async () => {
    const one = await aFunction();
    const since = (): number => {
      const value = Object.entries(one.settings).find(([name]) => name.endsWith('_SINCE'))?.[1];
      return Date.parse(typeof value === 'string' ? value : '');
    };
    const before = world.clock.now();
    await one.bind([table('d')]);
    const first = since();
    expect(first).toBeGreaterThan(before - 1000);
    expect(first).toBeLessThan(world.clock.now());
    await world.clock.advance(3_600_000);
    await one.bind([table('d'), table('e', { table: 'other' })]);
    const { settings } = one;
    await one.bind([table('d'), table('e', { table: 'other' })]);
    expect(one.settings).toEqual(settings);
    await one.bind([table('d', { batchSize: 7 })]);
    expect(since()).toBe(first);
    await one.bind([]);
    await world.clock.advance(3_600_000);
    const again = world.clock.now();
    await one.bind([table('d')]);
    expect(since()).toBeGreaterThan(again - 1000);
    await one.remove();
  });

  it('refuse what is missing before anything is written', async () => {
    const one = await aFunction();
    const before = world.fake.inventory();
    const wanted = [
      queue('q', { create: false }),
      topic('t', { create: false }),
      bucket('o', { create: false }),
      stream('s', { create: false }),
      table('d', { create: false }),
      bus('b', { create: false }),
    ];
    for (const binding of wanted) {
      const { checks } = planEvents(one.wish([binding]));
      await expect(world.run(checks)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringMatching(
          new RegExp(`events\\.${binding.id}\\.\\w+: there is no .*create: true`),
        ),
      });
    }
    expect(world.fake.inventory()).toEqual(before);
    await one.remove();
  });

  it('name a host of the options that is not there', async () => {
    const one = await aFunction();
    const change = { platform: platform({ storageAccountForEvents: 'nothere' }) };
    const { checks } = planEvents(one.wish([queue('q')], change));
    await expect(world.run(checks)).rejects.toThrow(/storageAccountForEvents/);
    await one.remove();
  });

  it('never touch what others made in a host that the options name', async () => {
    const one = await aFunction();
    const { subscriptionId } = one.target;
    const account = `/subscriptions/${subscriptionId}/resourceGroups/polyfaas-shop-dev/providers/Microsoft.Storage/storageAccounts/usersdata`;
    await world.put(account, '2023-05-01', {
      location: 'westeurope',
      sku: { name: 'Standard_LRS' },
      kind: 'StorageV2',
      properties: {},
    });
    const theirs = `${account}/queueServices/default/queues/theirs`;
    await world.put(theirs, '2023-05-01', { properties: { metadata: { whose: 'theirs' } } });
    const change = { platform: platform({ storageAccountForEvents: 'usersdata' }) };
    await one.bind([queue('a', { queue: 'theirs', deadLetter: 'ours' })], change);
    expect(world.fake.inventory().join('\n')).toMatch(/ours/);
    await one.remove(change);
    expect(await world.get(theirs, '2023-05-01')).toMatchObject({
      properties: { metadata: { whose: 'theirs' } },
    });
    expect(
      await world.get(`${account}/queueServices/default/queues/ours`, '2023-05-01'),
    ).toBeUndefined();
    expect(await world.get(account, '2023-05-01')).toBeDefined();
  });

  it('hand a source on that another function uses', async () => {
    const [one, two] = [await aFunction(), await aFunction()];
    await one.bind([queue('q', { queue: 'both' }), topic('t', { topic: 'both' })]);
    await two.bind([topic('t', { topic: 'both', deadLetter: 'both' })]);
    await one.remove();
    const left = world.sources().join('\n');
    expect(left).toMatch(/queue .*both/);
    expect(left).toMatch(/service bus topic .*both/);
    await two.remove();
    expect(world.sources().join('\n')).not.toMatch(/both/);
  });

  it('change the filter of a subscription, and nothing else of it', async () => {
    const one = await aFunction();
    await one.bind([topic('t')]);
    const { serviceBus } = sharedHosts(one.target);
    const rule = async (): Promise<unknown> => {
      const id = one.record.made.find(({ kind }) => kind === 'subscription')?.id ?? '';
      expect(id).toContain(serviceBus.name);
      const found = await world.get(`${id}/rules/$Default`, '2021-11-01');
      return Object(Object(found?.['properties'])['sqlFilter'])['sqlExpression'];
    };
    expect(await rule()).toBe('1=1');
    await one.bind([topic('t', { filter: { tenant: ['blue'] } })]);
    expect(await rule()).toBe("user.[tenant] IN ('blue')");
    await one.remove();
  });

  it('refuse an event subscription of their name that is not theirs', async () => {
    const one = await aFunction();
    await one.bind([bus('b')]);
    const id = one.record.made.find(({ kind }) => kind === 'eventSubscription')?.id ?? '';
    const found = await world.get(id, '2022-06-15');
    const properties = { ...Object(found?.['properties']), labels: ['theirs'] };
    await world.put(id, '2022-06-15', { properties });
    await expect(one.bind([bus('b', { pattern: { source: ['x'] } })])).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    await one.remove();
    expect(await world.get(id, '2022-06-15')).toBeUndefined();
  });

  it('bring objects and events into the queue of their binding, filtered', async () => {
    const one = await aFunction();
    await one.bind([
      bucket('o', { prefix: 'in/', suffix: '.png' }),
      bus('b', { pattern: { type: ['Paid'], data: { total: [{ numeric: ['>', 5] }] } } }),
    ]);
    const { world: azure } = world.fake;
    const { storage } = sharedHosts(one.target);
    for (const key of ['in/a.png', 'in/a.jpg', 'out/a.png', 'in/größe 1+2&3.png']) {
      azure.blobs.put(storage.name, 'pictures', key, Buffer.from('x'), 'image/png');
    }
    const topicId = one.record.made.find(({ kind }) => kind === 'bus')?.id ?? '';
    const event = { specversion: '1.0', source: 'a', time: '2026-11-21T12:00:00Z' };
    azure.eventGrid.publish(topicId, [
      { ...event, id: '1', type: 'Paid', data: { total: 9 } },
      { ...event, id: '2', type: 'Paid', data: { total: 5 } },
      { ...event, id: '3', type: 'Sent', data: { total: 9 } },
    ]);
    await world.clock.advance(10_000);
    await world.fake.settle();
    const sent = (bindingId: string): readonly { id: string; subject?: string; type: string }[] =>
      azure.queues
        .peek(one.target.storageAccount, ownQueueName(bindingId))
        .map(({ text }) => JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
    const start = '/blobServices/default/containers/pictures/blobs/';
    expect(new Set(sent('o').map(({ subject }) => subject))).toEqual(
      new Set([`${start}in/a.png`, `${start}in/größe 1+2&3.png`]),
    );
    expect(sent('o')[0]?.type).toBe('Microsoft.Storage.BlobCreated');
    expect(sent('b').map(({ id }) => id)).toEqual(['1']);
    await one.remove();
  });

  it('read queues of Service Bus that allow all attempts, and refuse others', async () => {
    const one = await aFunction();
    const change = { platform: platform({ queues: 'servicebus' }) };
    await one.bind([queue('q', { deadLetter: 'dead' })], change);
    const { serviceBus } = sharedHosts(one.target);
    const queueId = (name: string): string => `${serviceBus.id}/queues/${name}`;
    expect(await world.get(queueId('orders'), '2021-11-01')).toMatchObject({
      properties: { maxDeliveryCount: 4 },
    });
    const native = queueId('theirs');
    await world.put(native, '2021-11-01', { properties: { maxDeliveryCount: 2 } });
    const { checks } = planEvents(one.wish([queue('n', { queue: native, create: false })], change));
    await expect(world.run(checks)).rejects.toThrow(
      /events\.n\.queue: .* after 2 deliveries.*maxDeliveryCount to 4/,
    );
    await one.remove(change);
  });
});
