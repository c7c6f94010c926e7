/** Everything that polyfaas does, step by step, on a shop that is not deployed yet. */
import type { ServerlessManager } from 'polyfaas';
import { LOCAL } from 'polyfaas/local';
import shop from '../shop/polyfaas.config.ts';
import { emitEvents } from './events.ts';
import { callLegacy, callOverHttp } from './http.ts';
import type { Issuer } from './issuer.ts';
import { metricsTable } from './metrics.ts';
import { expect, step } from './progress.ts';

export async function tour(manager: ServerlessManager, issuer: Issuer): Promise<void> {
  const local = manager.native(LOCAL);

  await step('keep a secret', async () => local?.secrets.set('orders/db', 'postgres://demo'));
  await step(
    'package and deploy four functions',
    async () => {
      const { outcomes } = await manager.deployAll();
      const failed = outcomes.find(({ status }) => status === 'failed' || status === 'cancelled');
      if (failed && 'error' in failed) throw failed.error;
      return outcomes;
    },
    (outcomes) => outcomes.map(({ name }) => name).join(', '),
  );
  await step(
    'deploy again: nothing to do',
    () => manager.deploy('orders'),
    ({ changed, journal }) => {
      expect(!changed && journal.length === 0, 'no step in a second deploy');
      return 'no steps, no writes';
    },
  );

  const order = { item: 'chair', quantity: 2 };
  await step(
    'invoke',
    () => manager.invoke<{ price: number }>('orders', order),
    ({ output, durationMs, coldStart }) => {
      expect(output.price === 170, 'the price of two chairs');
      const handler = durationMs === null ? 'unknown' : `${durationMs.toFixed(2)} ms`;
      return `price ${output.price}, handler ${handler}, ${coldStart ? 'cold' : 'warm'}`;
    },
  );
  await step(
    'invoke, three at once: instances are added',
    () =>
      Promise.all([1, 2, 3].map((quantity) => manager.invoke('orders', { ...order, quantity }))),
    (results) => `${results.filter(({ coldStart }) => coldStart).length} cold starts`,
  );

  const { url } = await manager.deploy('orders');
  expect(url !== null, 'an address for the routes of orders');
  await callOverHttp(`${url}/orders`, issuer);
  const legacy = await manager.describe('legacy');
  await callLegacy(`${legacy?.url}/legacy/world`);

  if (local) await emitEvents(manager, local);
  else process.stdout.write('  (events are sent by hand on the local provider only)\n');

  await step(
    'pre-warm three instances',
    () => manager.preWarm('orders', { instances: 3 }),
    ({ distinctInstances }) => `${distinctInstances} distinct instances ready`,
  );
  await step(
    'three calls at once, all warm',
    () =>
      Promise.all([1, 2, 3].map((quantity) => manager.invoke('orders', { ...order, quantity }))),
    (results) => {
      expect(!local || results.every(({ coldStart }) => !coldStart), 'no cold start after preWarm');
      return `${results.filter(({ coldStart }) => !coldStart).length} of 3 warm`;
    },
  );

  const release = async (): Promise<string> =>
    (await manager.invoke<{ release: string }>('orders', order)).output.release;
  await step(
    'deploy a second version',
    async () => {
      const spec = {
        ...shop.functions.orders,
        env: { ...shop.functions.orders.env, RELEASE: '2' },
      };
      const { version } = await manager.deploy('orders', { spec });
      return { version, release: await release() };
    },
    (now) => {
      expect(now.release === '2', 'the second release to be live');
      return `version ${now.version} is live, release ${now.release}`;
    },
  );
  await step(
    'roll back',
    async () => {
      const { version } = await manager.rollback('orders');
      return { version, release: await release() };
    },
    (now) => {
      expect(now.release === '1', 'the first release to be live again');
      return `version ${now.version} is live, release ${now.release}`;
    },
  );

  process.stdout.write(`\n${await metricsTable(manager)}\n\n`);
  await step('remove everything', () =>
    Promise.all(manager.functions.map((name) => manager.remove(name))),
  );
}
