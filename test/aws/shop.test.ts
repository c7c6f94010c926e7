/** The example as it is: another provider is the only thing that changes. */
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAwsFake, type AwsFake } from '../fakes/aws/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

let fake: AwsFake;
const clock = new ManualClock(Date.now());
beforeAll(async () => {
  fake = await createAwsFake({ clock });
});
afterAll(() => fake.stop());

it('deploys the shop to AWS, and takes all of it away again', async () => {
  const { default: shop } = await import('../../examples/shop/polyfaas.config.ts');
  fake.world.secrets.set('orders/db', 'postgres://demo');
  const before = fake.inventory();
  await using manager = await createServerlessManager(
    {
      ...shop,
      root: join(import.meta.dirname, '../../examples/shop'),
      provider: 'aws',
      region: 'eu-central',
      providerOptions: { aws: { endpoint: fake.endpoint, credentials: fake.credentials } },
    },
    { clock: new WaitingClock(clock) },
  );
  const { outcomes } = await manager.deployAll();
  expect(outcomes.map((outcome) => ('error' in outcome ? outcome.error : outcome.name))).toEqual([
    ...manager.functions,
  ]);
  const order = await manager.invoke<{ price: number }>('orders', { item: 'chair', quantity: 2 });
  expect(order.output.price).toBe(170);
  expect((await manager.deploy('orders')).changed).toBe(false);
  for (const name of ['orders', 'thumbnails', 'notify', 'legacy'] as const) {
    await manager.remove(name);
  }
  expect(fake.inventory()).toEqual(before);
});
