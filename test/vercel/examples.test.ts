/** The example as it is: another provider is the only thing that changes, and what Vercel has not is told before anything. */
import { join } from 'node:path';
import { createServerlessManager, ServerlessError } from 'polyfaas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createVercelFake, type VercelFake } from '../fakes/vercel/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

let fake: VercelFake;
const clock = new ManualClock(Date.now());
beforeAll(async () => {
  fake = await createVercelFake({ clock });
});
afterAll(() => fake.stop());

it('deploys of the shop to Vercel what Vercel has, is served by it, and takes all of it away again', async () => {
  const { default: shop } = await import('../../examples/shop/polyfaas.config.ts');
  fake.world.projects.setSharedVariable('orders_db', 'postgres://demo');
  const before = fake.inventory();
  await using manager = await createServerlessManager(
    {
      ...shop,
      root: join(import.meta.dirname, '../../examples/shop'),
      provider: 'vercel',
      region: 'eu-central',
      providerOptions: {
        vercel: {
          token: fake.token,
          team: fake.teamId,
          endpoints: { api: fake.api, queue: fake.queueEndpoint },
          queues: 'beta',
        },
      },
    },
    { clock: new WaitingClock(clock) },
  );
  const { outcomes } = await manager.deployAll();
  const told = outcomes.map((outcome) => {
    if (!('error' in outcome)) return [outcome.name, 'deployed'];
    const { error } = outcome;
    return [outcome.name, ServerlessError.isInstance(error) ? error.code : error];
  });
  // Neither storage of objects nor a bus has events on Vercel.
  expect(Object.fromEntries(told)).toEqual({
    orders: 'deployed',
    thumbnails: 'UNSUPPORTED',
    notify: 'UNSUPPORTED',
    legacy: 'deployed',
  });
  expect((await manager.describe('orders'))?.region).toBe('fra1');
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
  for (const name of ['orders', 'legacy'] as const) {
    expect((await manager.deploy(name)).changed).toBe(false);
  }
  for (const name of ['orders', 'legacy'] as const) await manager.remove(name);
  expect(fake.inventory()).toEqual(before);
});
