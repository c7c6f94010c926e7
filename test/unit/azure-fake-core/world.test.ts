import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAzureFake, type AzureFake } from '../../fakes/azure/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { NOW, SCOPES } from './support.ts';

let clock: ManualClock;
let fake: AzureFake;
const told: string[] = [];

beforeEach(async () => {
  told.length = 0;
  clock = new ManualClock(NOW);
  fake = await createAzureFake({ clock, recorder: (...call) => void told.push(call.join(' ')) });
});
afterEach(() => fake.stop());

async function send(credential: AzureFake['credential'], path: string): Promise<Response> {
  const { token } = await credential.getToken(SCOPES);
  return fetch(`${fake.endpoint}${path}?api-version=2025-05-01`, {
    headers: { authorization: `Bearer ${token}` },
  });
}

describe('the whole fake', () => {
  it('begins empty, and answers on all its planes', async () => {
    expect(fake.inventory()).toEqual([]);
    for (const plane of Object.values(fake.world.planes)) {
      const reply = await fetch(`${plane}/nobody/nothing`);
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(await reply.text()).not.toContain('The fake failed');
    }
    await fake.settle();
  });

  it('tells apart who calls', async () => {
    const path = `/subscriptions/${fake.subscriptionId}/providers/Microsoft.Web/sites`;
    expect(await fake.faults.count(() => send(fake.observer, path))).toBe(0);
    expect(await fake.faults.count(() => send(fake.credential, path))).toBe(1);
    expect(told).toEqual([`arm GET ${path}?api-version=2025-05-01 200`]);
    expect(fake.faults.writes).toBe(0);
  });
});

describe("a stranger's site", () => {
  it('is there without our tags, and notices whoever touches it', async () => {
    const stranger = await fake.stranger('shop-dev-orders', 'polyfaas-shop-dev');
    expect(fake.inventory()).toContain('web site shop-dev-orders');
    expect(fake.faults.writes).toBe(0);
    expect(await stranger.untouched()).toBe(true);
    const reply = await send(fake.credential, stranger.id);
    expect(await reply.json()).toMatchObject({
      name: 'shop-dev-orders',
      tags: { owner: 'somebody-else' },
    });
    await fake.world.arm.call({
      method: 'PATCH',
      path: `${stranger.id}/providers/Microsoft.Resources/tags/default`,
      apiVersion: '2021-04-01',
      body: { operation: 'Merge', properties: { tags: { 'polyfaas-app': 'shop' } } },
      caller: fake.world.identity.deployer,
    });
    expect(await stranger.untouched()).toBe(false);
    await stranger.remove();
    expect(fake.inventory()).toEqual([]);
  });
});

describe('the deletion of a group', () => {
  it('takes along what all parts have in it', async () => {
    const { id } = await fake.stranger('shop-dev-orders');
    const { arm, identity } = fake.world;
    const group = id.split('/providers/')[0] ?? '';
    const caller = identity.observer;
    await arm.call({ method: 'DELETE', path: group, apiVersion: '2025-04-01', caller });
    await clock.advance(10_000);
    await fake.settle();
    expect(fake.inventory()).toEqual([]);
    const again = await fake.stranger('shop-dev-orders');
    expect(again.id).toBe(id);
  });
});

describe('dead letters', () => {
  it('go back to the queue that they came from, and are counted anew', async () => {
    const { id } = await fake.stranger('shop-dev-orders');
    const { queues, storageFake, arm, identity } = fake.world;
    const account = storageFake.provider.resourcesIn('strangers')[0]?.split('/').at(-1) ?? '';
    for (const queue of ['orders', 'orders-dead']) queues.create(account, queue);
    const target = (queue: string): object => ({
      service: 'storageQueue',
      url: queues.urlOf(account, queue),
    });
    const policy = {
      source: 'orders',
      deadLetter: target('orders-dead'),
      again: target('orders'),
    };
    await arm.call({
      method: 'PUT',
      path: `${id}/config/appsettings`,
      apiVersion: '2025-05-01',
      body: { properties: { POLYFAAS_P0123456789_BINDINGS: JSON.stringify([policy]) } },
      caller: identity.observer,
    });
    const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');
    queues.put(account, 'orders-dead', text({ $polyfaas: { id: 'm1', attempts: 3 }, data: 1 }));
    queues.put(account, 'orders-dead', text({ plain: true }));
    expect(await fake.redrive('orders-dead')).toBe(2);
    expect(queues.peek(account, 'orders-dead')).toEqual([]);
    expect(queues.peek(account, 'orders').map((item) => item.text)).toEqual([
      text({ $polyfaas: { id: 'm1' }, data: 1 }),
      text({ plain: true }),
    ]);
  });
});
