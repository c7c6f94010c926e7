import { expect, it } from 'vitest';
import { ServerlessError } from '../../../src/errors/index.ts';
import { benches, bind, events, messagesOf, ref } from '../local-events/harness.ts';

const newBench = benches();

it('refuses a delay so long that the time after it cannot be told', async () => {
  const { platform, calls, warnings } = newBench();
  platform.setBindings(ref('orders'), [bind('q', events.queue('orders'))]);
  platform.start();
  const queue = platform.sources.queue('orders');
  const refusals: unknown[] = [];
  for (const delaySeconds of [1e13, 1e300]) {
    await queue.send('late', { delaySeconds }).catch((error: unknown) => refusals.push(error));
  }
  await queue.send('now');
  await platform.settle();
  expect(warnings).toEqual([]);
  expect(calls.flatMap(messagesOf).map(({ data }) => data)).toEqual(['now']);
  expect(refusals.map((error) => ServerlessError.isInstance(error) && error.code)).toEqual([
    'INVALID_ARGUMENT',
    'INVALID_ARGUMENT',
  ]);
});

it('keeps an object as it was when it was put, whatever becomes of the buffer', async () => {
  const bucket = newBench().platform.sources.bucket('photos');
  const buffer = new Uint8Array(1_000).fill(1);
  const first = bucket.put('one', buffer);
  buffer.fill(2);
  const second = bucket.put('two', buffer);
  await Promise.all([first, second]);
  expect((await bucket.get('one'))?.[0]).toBe(1);
  expect((await bucket.get('two'))?.[0]).toBe(2);
});

it('keeps the history of a message short between queues that are the dead letter of each other', async () => {
  const { platform, store, calls, handle } = newBench();
  const retry = { ...events.retry, maxAttempts: 1 };
  for (const [name, deadLetter] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    platform.setBindings(ref(name), [bind('q', events.queue(name, { deadLetter, retry }))]);
    handle(name, () => {
      throw new Error('no');
    });
  }
  platform.start();
  await platform.sources.queue('a').send('x');
  while (calls.length < 50) await new Promise((resolve) => setImmediate(resolve));
  await platform.stop(0);
  const row = store.db.prepare('SELECT max(length(dead)) AS characters FROM ev_messages').get();
  expect(row?.['characters']).toBeLessThan(3_000);
});
