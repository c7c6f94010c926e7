import { describe, expect, it } from 'vitest';
import { ServerlessError } from '../../../src/errors/index.ts';
import { bind, benches, events, messagesOf, ref } from './harness.ts';
import type { Bench } from './harness.ts';

const newBench = benches();
const ORDERS = ref('orders');

const bound = (more: Parameters<typeof events.queue>[1] = {}): Bench => {
  const bench = newBench();
  bench.platform.setBindings(ORDERS, [bind('q', events.queue('orders', more))]);
  bench.platform.start();
  return bench;
};

const delivered = (bench: Bench) => bench.calls.map((call) => messagesOf(call).map((m) => m.data));

describe('a queue', () => {
  it('delivers in the normal form, in batches of at most batchSize', async () => {
    const bench = bound({ batchSize: 2 });
    const { platform } = bench;
    const queue = platform.sources.queue('orders');
    const sent = await queue.sendBatch([
      { data: { id: 1 }, options: { attributes: { kind: 'new' } } },
      { data: 2 },
      { data: null },
    ]);
    await platform.settle();
    expect(bench.calls[0]).toMatchObject({ kind: 'queue', attempt: 1, ref: ORDERS });
    expect(bench.calls[0]?.event).toEqual({
      source: 'orders',
      messages: [
        {
          id: sent[0]?.id,
          data: { id: 1 },
          attributes: { kind: 'new' },
          time: '2026-01-01T00:00:00.000Z',
          attempt: 1,
        },
        {
          id: sent[1]?.id,
          data: 2,
          attributes: {},
          time: '2026-01-01T00:00:00.000Z',
          attempt: 1,
        },
      ],
    });
    expect(delivered(bench)).toEqual([[{ id: 1 }, 2], [null]]);
    expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 0 });
  });

  it('keeps messages for a function that is bound later', async () => {
    const bench = newBench();
    bench.platform.start();
    await bench.platform.sources.queue('orders').send('early');
    await bench.platform.settle();
    expect(await bench.platform.sources.queue('orders').depth()).toEqual({
      waiting: 1,
      inFlight: 0,
    });
    bench.platform.setBindings(ORDERS, [bind('q', events.queue('orders'))]);
    await bench.platform.settle();
    expect(delivered(bench)).toEqual([['early']]);
  });

  it('waits for delaySeconds', async () => {
    const bench = bound();
    await bench.platform.sources.queue('orders').send('late', { delaySeconds: 30 });
    await bench.platform.settle();
    await bench.clock.advance(29_999);
    expect(bench.calls).toEqual([]);
    await bench.clock.advance(1);
    await bench.platform.settle();
    expect(delivered(bench)).toEqual([['late']]);
  });

  it('waits for a batch to fill, at most batchWindowSeconds', async () => {
    const bench = bound({ batchSize: 3, batchWindowSeconds: 5 });
    const queue = bench.platform.sources.queue('orders');
    await queue.send(1);
    await bench.clock.advance(4_000);
    await queue.send(2);
    await bench.clock.advance(999);
    expect(bench.calls).toEqual([]);
    await bench.clock.advance(1);
    expect(delivered(bench)).toEqual([[1, 2]]);
    await queue.sendBatch([{ data: 3 }, { data: 4 }, { data: 5 }]);
    await bench.platform.settle();
    expect(delivered(bench)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('delivers again only what the handler asked for', async () => {
    const bench = bound();
    bench.handle('orders', (call) => ({
      retry: messagesOf(call)
        .filter(({ data, attempt }) => data === 'bad' && attempt === 1)
        .map(({ id }) => id),
    }));
    await bench.platform.sources.queue('orders').sendBatch([{ data: 'good' }, { data: 'bad' }]);
    await bench.platform.settle();
    await bench.clock.advance(1_000);
    await bench.platform.settle();
    expect(delivered(bench)).toEqual([['good', 'bad'], ['bad']]);
    expect(bench.calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it.each([[{ retry: 'all' }], [{ retry: ['unknown'] }], [{ retry: [1] }]])(
    'delivers the whole batch again after the answer %j',
    async (answer) => {
      const bench = bound({ deadLetter: 'dead' });
      bench.handle('orders', () => answer);
      await bench.platform.sources.queue('orders').sendBatch([{ data: 1 }, { data: 2 }]);
      await bench.platform.settle();
      await bench.clock.advance(10_000);
      await bench.platform.settle();
      const dead = await bench.platform.sources.deadLetters('dead').list();
      expect(dead.map(({ data, lastError }) => [data, lastError])).toEqual([
        [1, expect.stringContaining('"retry"')],
        [2, expect.stringContaining('"retry"')],
      ]);
    },
  );

  it('backs off by its policy, then hands over to the dead-letter queue', async () => {
    const bench = bound({
      deadLetter: 'orders-dead',
      retry: { ...events.retry, maxAttempts: 4, backoff: 'exponential', maxDelaySeconds: 3 },
    });
    const times: number[] = [];
    bench.handle('orders', () => {
      times.push(bench.clock.now());
      throw new TypeError('no such item');
    });
    const start = bench.clock.now();
    const { id } = await bench.platform.sources
      .queue('orders')
      .send({ item: 9 }, { attributes: { a: 'b' } });
    await bench.platform.settle();
    await bench.clock.advance(60_000);
    expect(times.map((time) => time - start)).toEqual([0, 1_000, 3_000, 6_000]);
    expect(await bench.platform.sources.deadLetters('orders-dead').list()).toEqual([
      {
        id,
        queue: 'orders-dead',
        data: { item: 9 },
        attributes: { a: 'b' },
        time: '2026-01-01T00:00:00.000Z',
        attempts: 4,
        lastError: 'TypeError: no such item',
        origin: 'queue:orders',
        function: ORDERS,
        bindingId: 'q',
      },
    ]);
    expect(bench.warnings).toEqual([]);
  });

  it('drops without a dead-letter queue, and says so', async () => {
    const bench = bound({ retry: { ...events.retry, maxAttempts: 1 } });
    bench.handle('orders', () => {
      throw new ServerlessError({
        code: 'FUNCTION_FAILED',
        message: 'The handler failed.',
        cause: { name: 'RangeError', message: 'too much' },
      });
    });
    const { id } = await bench.platform.sources.queue('orders').send(1);
    await bench.platform.settle();
    expect(bench.warnings).toEqual([
      {
        message: expect.stringContaining('dropped after its last attempt'),
        fields: expect.objectContaining({
          id,
          origin: 'queue:orders',
          function: 'orders',
          binding: 'q',
          attempts: 1,
          lastError: 'RangeError: too much',
        }),
      },
    ]);
    expect(await bench.platform.sources.queue('orders').depth()).toEqual({
      waiting: 0,
      inFlight: 0,
    });
  });

  it('does not charge an attempt when the function is at its limit', async () => {
    const bench = bound({ retry: { ...events.retry, maxAttempts: 1 }, deadLetter: 'dead' });
    let refusals = 6;
    bench.handle('orders', () => {
      if (refusals-- > 0) throw new ServerlessError({ code: 'RATE_LIMITED', message: 'Busy.' });
    });
    await bench.platform.sources.queue('orders').send('patient');
    let isSettled = false;
    const settled = bench.platform.settle().then(() => (isSettled = true));
    // Nobody moves the clock of the platform.
    await bench.realTime.advance(0);
    expect([bench.calls.length, isSettled]).toEqual([1, false]);
    await bench.realTime.advance(60_000);
    await settled;
    expect(bench.calls).toHaveLength(7);
    expect(bench.calls.map(({ attempt }) => attempt)).toEqual(Array(7).fill(1));
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([]);
  });

  it('leaves a function at its limit alone for a while, also with other messages', async () => {
    const bench = bound({ batchSize: 1 });
    bench.handle('orders', () => {
      throw new ServerlessError({ code: 'RATE_LIMITED', message: 'Busy.', retryAfterMs: 700 });
    });
    await bench.platform.sources
      .queue('orders')
      .sendBatch(Array.from({ length: 25 }, (_, index) => ({ data: index })));
    await bench.clock.advance(60_000);
    expect(bench.calls).toHaveLength(10);
    await bench.realTime.advance(699);
    expect(bench.calls).toHaveLength(10);
    await bench.realTime.advance(1);
    expect(bench.calls).toHaveLength(20);
    bench.handle('orders', () => null);
    await bench.realTime.advance(700);
    await bench.platform.settle();
    expect(await bench.platform.sources.queue('orders').depth()).toEqual({
      waiting: 0,
      inFlight: 0,
    });
  });

  it('has at most 10 batches of a binding under way', async () => {
    const bench = bound({ batchSize: 1 });
    const waiting: (() => void)[] = [];
    bench.handle('orders', () => new Promise<void>((resolve) => waiting.push(resolve)));
    await bench.platform.sources
      .queue('orders')
      .sendBatch(Array.from({ length: 25 }, (_, index) => ({ data: index })));
    await bench.clock.advance(0);
    expect(bench.calls).toHaveLength(10);
    expect(await bench.platform.sources.queue('orders').depth()).toEqual({
      waiting: 15,
      inFlight: 10,
    });
    waiting.shift()?.();
    await bench.clock.advance(0);
    expect(bench.calls).toHaveLength(11);
    while (waiting.length > 0) {
      waiting.shift()?.();
      await bench.clock.advance(0);
    }
    await bench.platform.settle();
    expect(bench.calls).toHaveLength(25);
  });

  it('is shared by the functions that are bound to it', async () => {
    const bench = bound({ batchSize: 1 });
    bench.platform.setBindings(ref('other'), [bind('q', events.queue('orders', { batchSize: 1 }))]);
    await bench.platform.sources
      .queue('orders')
      .sendBatch(Array.from({ length: 10 }, (_, index) => ({ data: index })));
    await bench.platform.settle();
    const counts = Object.groupBy(bench.calls, (call) => call.ref.name);
    expect([counts['orders']?.length, counts['other']?.length]).toEqual([5, 5]);
  });

  it('refuses what is not JSON, attributes that are not text, and a negative delay', async () => {
    const queue = bound().platform.sources.queue('orders');
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    const bigint: unknown = 1n;
    const sendAnything: (data: never) => Promise<unknown> = (data) => queue.send(data);
    await expect(Reflect.apply(sendAnything, undefined, [bigint])).rejects.toEqual(invalid);
    await expect(Reflect.apply(sendAnything, undefined, [{ at: [NaN] }])).rejects.toEqual(invalid);
    await expect(queue.send(1, { delaySeconds: -1 })).rejects.toEqual(invalid);
    const attributes: Record<string, string> = JSON.parse('{"a":1}');
    await expect(queue.send(1, { attributes })).rejects.toEqual(invalid);
    expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 0 });
  });

  it('is emptied by purge', async () => {
    const bench = newBench();
    const queue = bench.platform.sources.queue('orders');
    await queue.sendBatch([{ data: 1 }, { data: 2 }]);
    expect(await queue.purge()).toBe(2);
    expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 0 });
  });
});

describe('a group of messages', () => {
  it('is delivered in order, one batch at a time, while others pass', async () => {
    const bench = bound({ batchSize: 2 });
    const waiting: (() => void)[] = [];
    bench.handle('orders', () => new Promise<void>((resolve) => waiting.push(resolve)));
    const queue = bench.platform.sources.queue('orders');
    for (const data of ['a1', 'a2', 'a3']) await queue.send(data, { group: 'a' });
    for (const data of ['b1', 'b2']) await queue.send(data, { group: 'b' });
    await bench.clock.advance(0);
    // The first of each group, then nothing of a group that has a batch under way.
    expect(delivered(bench)).toEqual([['a1', 'b1']]);
    waiting.shift()?.();
    await bench.clock.advance(0);
    expect(delivered(bench).slice(1)).toEqual([['a2', 'b2']]);
    waiting.shift()?.();
    await bench.clock.advance(0);
    expect(delivered(bench).slice(2)).toEqual([['a3']]);
    waiting.shift()?.();
    await bench.platform.settle();
  });

  it('fills a batch with its own followers', async () => {
    const bench = bound({ batchSize: 10 });
    const queue = bench.platform.sources.queue('orders');
    await queue.sendBatch(
      ['a1', 'a2', 'a3', 'a4'].map((data) => ({ data, options: { group: 'a' } })),
    );
    await bench.platform.settle();
    expect(delivered(bench)).toEqual([['a1', 'a2', 'a3', 'a4']]);
  });

  it('is blocked by a failed message until it succeeds or is given up', async () => {
    const bench = bound({ batchSize: 1, deadLetter: 'dead' });
    bench.handle('orders', (call) => {
      if (messagesOf(call)[0]?.data === 'a1') throw new Error('poison');
    });
    const queue = bench.platform.sources.queue('orders');
    for (const data of ['a1', 'a2']) await queue.send(data, { group: 'a' });
    await queue.send('b1', { group: 'b' });
    await queue.send('free');
    await bench.platform.settle();
    expect(new Set(delivered(bench).flat())).toEqual(new Set(['a1', 'b1', 'free']));
    await bench.clock.advance(10_000);
    await bench.platform.settle();
    expect(delivered(bench).flat().slice(3)).toEqual(['a1', 'a1', 'a2']);
    expect(await bench.platform.sources.deadLetters('dead').list()).toHaveLength(1);
  });

  it('keeps its order over a crash in the middle of a batch', async () => {
    const bench = bound({ batchSize: 2 });
    bench.handle('orders', () => new Promise<void>(() => {}));
    const queue = bench.platform.sources.queue('orders');
    for (const data of ['a1', 'a2', 'a3']) await queue.send(data, { group: 'a' });
    await bench.clock.advance(0);
    const after = bench.crash();
    after.handle('orders', () => null);
    after.platform.start();
    await after.platform.settle();
    expect(delivered(after)).toEqual([['a1', 'a2'], ['a3']]);
  });
});
