/** The example as it is: another provider is the only thing that changes. */
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAzureFake, type AzureFake } from '../fakes/azure/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

let fake: AzureFake;
const clock = new ManualClock(Date.now());
beforeAll(async () => {
  fake = await createAzureFake({ clock });
});
afterAll(() => fake.stop());

it('deploys the shop to Azure, is served by it, and takes all of it away again', async () => {
  const { default: shop } = await import('../../examples/shop/polyfaas.config.ts');
  fake.world.vault.set('shop-vault', 'orders-db', 'postgres://demo');
  const before = fake.inventory();
  await using manager = await createServerlessManager(
    {
      ...shop,
      root: join(import.meta.dirname, '../../examples/shop'),
      provider: 'azure',
      region: 'eu-central',
      providerOptions: {
        azure: {
          subscriptionId: fake.subscriptionId,
          endpoint: fake.endpoint,
          logsEndpoint: fake.world.planes.logs,
          credential: fake.credential,
          keyVault: 'shop-vault',
        },
      },
    },
    { clock: new WaitingClock(clock) },
  );
  const { outcomes } = await manager.deployAll();
  expect(outcomes.map((outcome) => ('error' in outcome ? outcome.error : outcome.name))).toEqual([
    ...manager.functions,
  ]);
  expect((await manager.describe('orders'))?.region).toBe('germanywestcentral');
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
  expect((await manager.deploy('orders')).changed).toBe(false);
  for (const name of ['orders', 'thumbnails', 'notify', 'legacy'] as const) {
    await manager.remove(name);
  }
  expect(fake.inventory()).toEqual(before);
});
