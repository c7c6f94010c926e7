/** One event of each kind, sent by hand through the local provider, and proof that it arrived. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerlessManager } from 'polyfaas';
import type { LocalPlatform } from 'polyfaas/local';
import { expect, step } from './progress.ts';

export async function emitEvents(manager: ServerlessManager, local: LocalPlatform): Promise<void> {
  const { sources } = local;

  /** Waits until a function has logged a line, and gives the line's fields. */
  const logged = async (name: string, message: string): Promise<string> => {
    await local.settle();
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      for await (const entry of manager.logs(name, { last: '5m' }))
        if (entry.message === message) return `${message} ${JSON.stringify(entry.fields ?? {})}`;
      await sleep(50);
    }
    throw new Error(`${name} did not log "${message}"`);
  };

  await step(
    'queue: ten messages, one of them poisoned',
    async () => {
      const items = Array.from({ length: 10 }, (_, index) => ({
        data: index === 4 ? { item: 'unicorn' } : { item: 'lamp', quantity: index + 1 },
      }));
      await sources.queue('orders').sendBatch(items);
      await local.settle();
      return sources.deadLetters('orders-dead').list();
    },
    (dead) => {
      expect(dead.length === 1, 'one message in orders-dead');
      return `${10 - dead.length} filled, 1 in orders-dead after ${dead[0]?.attempts} attempts`;
    },
  );
  await step(
    'object: upload a picture',
    async () => {
      await sources.bucket('pictures').put('in/cat.png', new Uint8Array(2048));
      return logged('thumbnails', 'thumbnail made');
    },
    (line) => line,
  );
  await step(
    'topic: a user registered',
    async () => {
      await sources.topic('user-registered').publish({ name: 'ada' });
      return logged('notify', 'welcome sent');
    },
    (line) => line,
  );
  await step(
    'bus: an order was paid',
    async () => {
      await sources.bus('shop').publish({ source: 'till', type: 'OrderPaid', data: { id: 7 } });
      return logged('notify', 'receipt sent');
    },
    (line) => line,
  );
  await step(
    'schedule: fire the report now',
    async () => {
      await local.fireSchedule('orders', 'report');
      return logged('orders', 'report written');
    },
    (line) => line,
  );
}
