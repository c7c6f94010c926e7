import { describe, expect, it } from 'vitest';
import type { Binding } from '../../../src/spi/index.ts';
import { bind, benches, events, messagesOf, recordsOf, ref } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();
const ORDERS = ref('orders');
const ONCE = { ...events.retry, maxAttempts: 1 };

const failing = (event: Binding['event']): Bench => {
  const bench = newBench();
  bench.platform.setBindings(ORDERS, [bind('x', event)]);
  bench.handle('orders', () => {
    throw new Error('broken');
  });
  bench.platform.start();
  return bench;
};

describe('dead letters', () => {
  it('are sent back to their queue, with attempts counted anew', async () => {
    const bench = failing(events.queue('orders', { retry: ONCE, deadLetter: 'dead' }));
    const queue = bench.platform.sources.queue('orders');
    const dead = bench.platform.sources.deadLetters('dead');
    const [first, second] = await queue.sendBatch([
      { data: 1, options: { group: 'g' } },
      { data: 2 },
    ]);
    await bench.platform.settle();
    expect(await dead.list(1)).toEqual([expect.objectContaining({ id: first?.id })]);
    bench.handle('orders', () => null);
    expect(await dead.redrive([first?.id ?? '', 'unknown'])).toBe(1);
    expect(await dead.list()).toEqual([expect.objectContaining({ id: second?.id })]);
    await bench.platform.settle();
    const [again] = bench.calls.slice(-1).flatMap(messagesOf);
    expect(again).toEqual({ id: first?.id, data: 1, attempt: 1 });
    expect(bench.calls.at(-1)?.event).toMatchObject({ messages: [{ group: 'g' }] });
    expect(await dead.redrive()).toBe(1);
    expect(await dead.redrive()).toBe(0);
    await bench.platform.settle();
    expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 0 });
  });

  it.each([
    ['topic', events.topic('source', { retry: ONCE, deadLetter: 'dead' })],
    ['bus', events.bus('source', { retry: ONCE, deadLetter: 'dead' })],
    ['object', events.object('source', { retry: ONCE, deadLetter: 'dead' })],
    ['stream', events.stream('source', { retry: ONCE, deadLetter: 'dead' })],
    ['table', events.table('source', { retry: ONCE, deadLetter: 'dead' })],
  ])('of a %s go back to the same function as the same event', async (kind, event) => {
    const bench = failing(event);
    // Another function of the same source does not see it twice.
    bench.platform.setBindings(ref('other'), [bind('x', event)]);
    const { sources } = bench.platform;
    await sources.topic('source').publish({ n: 1 });
    await sources.bus('source').publish({ source: 's', type: 't', data: { n: 1 } });
    await sources.bucket('source').put('key', 'body');
    await sources.stream('source').put('key', { n: 1 });
    await sources.table('source').put({ id: 1 }, { n: 1 });
    await bench.platform.settle();
    const dead = await sources.deadLetters('dead').list();
    expect(dead).toEqual([
      expect.objectContaining({ origin: `${kind}:source`, function: ORDERS, bindingId: 'x' }),
    ]);
    bench.handle('orders', () => null);
    expect(await sources.deadLetters('dead').redrive()).toBe(1);
    await bench.platform.settle();
    const [first, again] = bench.calls.filter((call) => call.ref.name === 'orders');
    expect(again?.event).toEqual(first?.event);
    expect(again).toMatchObject({ kind, attempt: 1 });
    expect(bench.calls.filter((call) => call.ref.name === 'other')).toHaveLength(1);
    expect(await sources.deadLetters('dead').list()).toEqual([]);
  });

  it('of an asynchronous invocation are invoked again with their input', async () => {
    const bench = failing(events.topic('unused'));
    await bench.platform.invokeAsync(ORDERS, { id: 1 }, 'request-1', {
      retry: ONCE,
      maxAgeSeconds: 60,
      onFailure: { type: 'queue', name: 'failures' },
    });
    await bench.platform.settle();
    bench.handle('orders', () => null);
    await bench.clock.advance(1_000_000);
    expect(await bench.platform.sources.deadLetters('failures').redrive()).toBe(1);
    await bench.platform.settle();
    expect(bench.calls.at(-1)).toMatchObject({
      kind: 'invoke',
      event: { id: 1 },
      requestId: 'request-1',
      attempt: 1,
    });
  });

  it('of an asynchronous invocation go back to a function that was removed and deployed again', async () => {
    const bench = failing(events.topic('unused'));
    await bench.platform.invokeAsync(ORDERS, { id: 1 }, 'request-1', {
      retry: ONCE,
      maxAgeSeconds: 60,
      onFailure: { type: 'queue', name: 'failures' },
    });
    await bench.platform.settle();
    bench.platform.setBindings(ORDERS, []);
    bench.platform.forget(ORDERS);
    const dead = bench.platform.sources.deadLetters('failures');
    expect(await dead.redrive()).toBe(0);
    expect(bench.warnings).toEqual([
      {
        message: expect.stringContaining('were not sent back'),
        fields: { queue: 'failures', deadLetters: 1 },
      },
    ]);
    bench.handle('orders', () => null);
    bench.platform.setBindings(ORDERS, []);
    expect(await dead.redrive()).toBe(1);
    await bench.platform.settle();
    expect(bench.calls.at(-1)).toMatchObject({ event: { id: 1 }, requestId: 'request-1' });
    expect(await dead.list()).toEqual([]);
  });

  it('stay when their binding is gone', async () => {
    const bench = failing(events.topic('source', { retry: ONCE, deadLetter: 'dead' }));
    await bench.platform.sources.topic('source').publish(1);
    await bench.platform.settle();
    bench.platform.setBindings(ORDERS, []);
    expect(await bench.platform.sources.deadLetters('dead').redrive()).toBe(0);
    expect(await bench.platform.sources.deadLetters('dead').list()).toHaveLength(1);
    expect(await bench.platform.sources.deadLetters('dead').purge()).toBe(1);
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([]);
  });

  it('stay when their binding has another source by now', async () => {
    const bench = failing(events.topic('source', { retry: ONCE, deadLetter: 'dead' }));
    await bench.platform.sources.topic('source').publish(1);
    await bench.platform.settle();
    bench.platform.setBindings(ORDERS, [bind('x', events.queue('source'))]);
    expect(await bench.platform.sources.deadLetters('dead').redrive()).toBe(0);
    expect(await bench.platform.sources.deadLetters('dead').list()).toHaveLength(1);
  });

  it('reach a function that is bound to their queue, and keep what is known of them', async () => {
    const bench = failing(events.queue('orders', { retry: ONCE, deadLetter: 'dead' }));
    bench.platform.setBindings(ref('undertaker'), [bind('q', events.queue('dead'))]);
    let release = (): void => {};
    bench.handle('undertaker', () => new Promise<void>((resolve) => (release = resolve)));
    const { id } = await bench.platform.sources.queue('orders').send('bad');
    await bench.clock.advance(0);
    const dead = bench.platform.sources.deadLetters('dead');
    expect(bench.calls.slice(1).flatMap(messagesOf)).toEqual([{ id, data: 'bad', attempt: 1 }]);
    expect(await dead.list()).toEqual([
      expect.objectContaining({ id, attempts: 1, origin: 'queue:orders', function: ORDERS }),
    ]);
    // Under way: it can neither be sent back nor removed.
    expect(await dead.redrive()).toBe(0);
    expect(await dead.purge()).toBe(0);
    release();
    await bench.platform.settle();
    expect(await dead.list()).toEqual([]);
  });

  it('are not what was sent to the queue directly', async () => {
    const bench = newBench();
    const queue = bench.platform.sources.queue('dead');
    await queue.send('ordinary');
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([]);
    expect(await bench.platform.sources.deadLetters('dead').redrive()).toBe(0);
    expect(await bench.platform.sources.deadLetters('dead').purge()).toBe(0);
    expect(await queue.depth()).toEqual({ waiting: 1, inFlight: 0 });
  });

  it('of a stream hold the one record that failed', async () => {
    const bench = failing(events.stream('source', { retry: ONCE, deadLetter: 'dead' }));
    bench.handle('orders', (call) => {
      if (recordsOf(call).some((record) => record['data'] === 'bad')) throw new Error('broken');
    });
    const stream = bench.platform.sources.stream('source');
    for (const data of ['a', 'b', 'bad', 'c']) await stream.put('key', data);
    await bench.platform.settle();
    await bench.clock.advance(10_000);
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([
      expect.objectContaining({
        data: expect.objectContaining({ partitionKey: 'key', data: 'bad' }),
      }),
    ]);
  });
});
