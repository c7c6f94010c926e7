/** Records whose dead-letter queue is gone: the host reads on only when they are in safety. */
import { describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import { createStage } from '../../azure/support/stage.ts';

const SOURCE = `export default {
  [Symbol.for('polyfaas.function')]: true,
  stream: async ({ records }) => { for (const { data } of records) if (data === 'bad') throw new Error('no stock'); },
};`;

const STREAM: EventSpec = {
  type: 'stream',
  id: 's',
  stream: 'clicks',
  create: true,
  from: 'oldest',
  batchSize: 1,
  deadLetter: 'dead',
  retry: { maxAttempts: 2, backoff: 'fixed', delaySeconds: 1, jitter: false },
};

describe('a stream whose dead-letter queue is gone', () => {
  it('waits for it, and loses nothing', async () => {
    await using stage = await createStage();
    const { fake } = stage;
    const manager = await stage.manager({
      functions: { main: { source: SOURCE, events: [STREAM] } },
    });
    await manager.deploy('main');
    const nameOf = (start: string, end: string): string => {
      const line = fake.inventory().find((one) => one.startsWith(start) && one.endsWith(end)) ?? '';
      return line.slice(start.length, line.length - end.length);
    };
    const account = nameOf('storage queue ', '/dead');
    const namespace = nameOf('event hub ', '/clicks');
    const id = `/subscriptions/${fake.subscriptionId}/resourceGroups/polyfaas-shop-dev/providers/Microsoft.Storage/storageAccounts/${account}/queueServices/default/queues/dead`;
    await fake.world.arm.call({
      method: 'DELETE',
      path: id,
      apiVersion: '2025-01-01',
      caller: fake.world.identity.observer,
    });
    expect(fake.world.queues.exists(account, 'dead')).toBe(false);
    fake.world.eventHubs.send(namespace, 'clicks', 'key', '"bad"');
    fake.world.eventHubs.send(namespace, 'clicks', 'key', '"good"');
    // Long after its last attempt.
    await stage.until('the host has repeated it often', async () => {
      let said = 0;
      for await (const { message } of manager.logs('main', { last: '1h' })) {
        if (message.includes('takes nothing')) said += 1;
      }
      return said >= 3;
    });
    fake.world.queues.create(account, 'dead');
    await stage.until('it is there', () => fake.world.queues.peek(account, 'dead').length > 0);
    expect(
      fake.world.queues
        .peek(account, 'dead')
        .map(({ text }) => Buffer.from(text, 'base64').toString()),
    ).toEqual(['"bad"']);
    // Two attempts, as it is declared, and the record behind.
    await stage.until('the next one is handled', async () => {
      const { invocations } = await manager.metrics('main', { last: '1h' });
      return invocations === 3;
    });
  });
});
