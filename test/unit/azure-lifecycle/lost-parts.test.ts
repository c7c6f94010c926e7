/** What somebody deleted or switched off by hand is seen by a full reading, and the next deploy brings it back. */
import { describe, expect, it } from 'vitest';
import { API, onFake, type OnFake } from '../azure-execute/on-fake.ts';

const { signal } = new AbortController();
const GRID = '2022-06-15';
const BUS = '2024-01-01';
const STORAGE = '2023-05-01';

const SPEC = {
  source: `const on = async () => undefined;
export default { object: on, topic: on, bus: on, stream: on, queue: on };`,
  events: [
    { type: 'object', id: 'pics', bucket: 'pictures', on: ['created'], create: true },
    { type: 'topic', id: 'news', topic: 'news', create: true },
    { type: 'bus', id: 'sales', bus: 'main', create: true },
    { type: 'stream', id: 'clicks', stream: 'clicks', create: true },
    { type: 'queue', id: 'in', queue: 'inbox', deadLetter: 'dead', create: true },
  ],
};

async function idsIn(azure: OnFake, path: string, apiVersion: string): Promise<readonly string[]> {
  const { body } = await azure.observer.arm({ method: 'GET', path, apiVersion, signal });
  const all: readonly unknown[] = Object(body).value;
  return all.map((one) => String(Object(one).id));
}

async function resource(azure: OnFake, type: RegExp): Promise<string> {
  const path = `/subscriptions/${azure.fake.subscriptionId}/resources`;
  return (await idsIn(azure, path, '2021-04-01')).find((id) => type.test(id)) ?? '';
}

/** By what it is, how to find it. */
const PARTS: Readonly<Record<string, (azure: OnFake) => Promise<readonly [string, string]>>> = {
  async 'the subscription of a topic'(azure) {
    const host = await resource(azure, /ServiceBus\/namespaces\/[^/]+$/i);
    const [id = ''] = await idsIn(azure, `${host}/topics/news/subscriptions`, BUS);
    return [id, BUS];
  },
  async 'the event subscription of a container'(azure) {
    const topic = await resource(azure, /systemTopics\/[^/]+$/i);
    const [id = ''] = await idsIn(azure, `${topic}/eventSubscriptions`, GRID);
    return [id, GRID];
  },
  async 'the event subscription of a bus'(azure) {
    const topic = await resource(azure, /EventGrid\/topics\/[^/]+$/i);
    const [id = ''] = await idsIn(azure, `${topic}/eventSubscriptions`, GRID);
    return [id, GRID];
  },
  async 'the queue that events are put into'(azure) {
    const queues = `${azure.place.ownStorageId}/queueServices/default/queues`;
    const ids = await idsIn(azure, queues, STORAGE);
    return [ids.find((id) => /polyfaas-event-/.test(id)) ?? '', STORAGE];
  },
  async 'the consumer group of a stream'(azure) {
    const host = await resource(azure, /EventHub\/namespaces\/[^/]+$/i);
    const groups = `${host}/eventhubs/clicks/consumergroups`;
    const ids = await idsIn(azure, groups, BUS);
    return [ids.find((id) => !id.endsWith('$Default')) ?? '', BUS];
  },
  async 'a queue that was made'(azure) {
    const line = azure.fake.inventory().find((one) => /^storage queue [^/]+\/inbox$/.test(one));
    const account = /^storage queue ([^/]+)/.exec(line ?? '')?.[1] ?? '';
    const host = await resource(azure, new RegExp(`storageAccounts/${account}$`));
    return [`${host}/queueServices/default/queues/inbox`, STORAGE];
  },
};

describe('a full reading', () => {
  it('sees what is gone of the delivery of events, and a deploy brings just that back', async () => {
    const azure = await onFake();
    const manager = await azure.manager(SPEC);
    await manager.deploy('orders');
    const full = { drift: 'full' } as const;
    expect((await manager.plan('orders', full)).steps).toEqual([]);
    for (const [what, find] of Object.entries(PARTS)) {
      const before = azure.fake.inventory();
      const [path, apiVersion] = await find(azure);
      expect([what, path]).not.toEqual([what, '']);
      await azure.observer.arm({ method: 'DELETE', path, apiVersion, signal });
      await azure.clock.advance(60_000);
      expect([what, azure.fake.inventory()]).not.toEqual([what, before]);
      const { steps } = await manager.plan('orders', full);
      const ids = steps.map(({ id }) => id);
      expect([what, ...ids]).toEqual(expect.arrayContaining(['pending', 'record']));
      // Nothing is published, nor restarted.
      expect([what, ...ids]).not.toEqual(expect.arrayContaining(['activate']));
      expect([what, ...ids]).not.toEqual(expect.arrayContaining(['settings']));
      expect((await manager.deploy('orders', full)).changed).toBe(true);
      expect([what, azure.fake.inventory()]).toEqual([what, before]);
      expect((await manager.plan('orders', full)).steps).toEqual([]);
    }
  });
});

describe('a function app', () => {
  it('that takes plain HTTP is brought back to HTTPS by the next deploy', async () => {
    const azure = await onFake();
    const manager = await azure.manager();
    await manager.deploy('orders');
    const site = { path: azure.place.siteId, apiVersion: API, signal };
    await azure.observer.arm({
      ...site,
      method: 'PATCH',
      body: { properties: { httpsOnly: false } },
    });
    await azure.clock.advance(60_000);
    const { steps } = await manager.plan('orders');
    expect(steps.map(({ id }) => id)).toContain('site');
    await manager.deploy('orders');
    const { body } = await azure.observer.arm({ ...site, method: 'GET' });
    expect(body).toMatchObject({ properties: { httpsOnly: true } });
    expect((await manager.plan('orders', { drift: 'full' })).steps).toEqual([]);
  });
});
