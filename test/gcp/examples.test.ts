/** The example as it is: another provider is the only thing that changes. */
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGcpFake, type GcpFake } from '../fakes/gcp/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

let fake: GcpFake;
const clock = new ManualClock(Date.now());
beforeAll(async () => {
  fake = await createGcpFake({ clock, location: 'europe-west3' });
});
afterAll(() => fake.stop());

it('deploys the shop to Google Cloud, is served by it, and takes all of it away again', async () => {
  const { default: shop } = await import('../../examples/shop/polyfaas.config.ts');
  const { world, projectId, endpoints, certificates, auth } = fake;
  world.secrets.set(`projects/${projectId}/secrets/orders-db`, 'postgres://demo');
  const before = fake.inventory();
  await using manager = await createServerlessManager(
    {
      ...shop,
      root: join(import.meta.dirname, '../../examples/shop'),
      provider: 'gcp',
      region: 'eu-central',
      providerOptions: { gcp: { projectId, auth, endpoints: { ...endpoints, certificates } } },
    },
    { clock: new WaitingClock(clock) },
  );
  const { outcomes } = await manager.deployAll();
  expect(outcomes.map((outcome) => ('error' in outcome ? outcome.error : outcome.name))).toEqual([
    ...manager.functions,
  ]);
  expect((await manager.describe('orders'))?.region).toBe('europe-west3');
  const order = await manager.invoke<{ price: number }>('orders', { item: 'chair', quantity: 2 });
  expect(order.output.price).toBe(170);
  const { url } = (await manager.describe('legacy')) ?? {};
  const reply = await fetch(`${url}/legacy/ada`);
  expect([reply.status, await reply.json()]).toMatchObject([200, { greeting: 'hello ada' }]);
  const denied = await fetch(`${(await manager.describe('orders'))?.url}/orders`, {
    method: 'POST',
    body: '{}',
  });
  expect(denied.status).toBe(401);
  for (const name of ['orders', 'thumbnails', 'notify', 'legacy'] as const) {
    expect((await manager.deploy(name)).changed).toBe(false);
  }
  for (const name of ['orders', 'thumbnails', 'notify', 'legacy'] as const) {
    await manager.remove(name);
  }
  expect(fake.inventory()).toEqual(before);
});
