import { describe, expect, it } from 'vitest';
import type { AsyncPolicy } from '../../../src/spi/index.ts';
import { bind, benches, events, messagesOf, ref } from './harness.ts';

const newBench = benches();
const POLICY: AsyncPolicy = { retry: events.retry, maxAgeSeconds: 3_600 };
const ORDERS = ref('orders');

describe('an asynchronous invocation', () => {
  it('is retried with the same request id and input until it succeeds', async () => {
    const bench = newBench();
    bench.handle('orders', ({ attempt }) => {
      if (attempt < 3) throw new Error('not yet');
      return { done: true };
    });
    bench.platform.start();
    await bench.platform.invokeAsync(ORDERS, { id: 1 }, 'request-1', {
      ...POLICY,
      onSuccess: { type: 'queue', name: 'results' },
    });
    await bench.platform.settle();
    await bench.clock.advance(10_000);
    expect(bench.calls).toEqual(
      [1, 2, 3].map((attempt) => ({
        kind: 'invoke',
        event: { id: 1 },
        requestId: 'request-1',
        attempt,
        ref: ORDERS,
      })),
    );
    bench.platform.setBindings(ref('results'), [bind('q', events.queue('results'))]);
    await bench.platform.settle();
    expect(bench.calls.slice(3).flatMap(messagesOf)).toEqual([
      {
        id: expect.any(String),
        attempt: 1,
        data: {
          requestId: 'request-1',
          function: 'orders',
          status: 'success',
          input: { id: 1 },
          output: { done: true },
          attempts: 3,
        },
      },
    ]);
  });

  it('sends all but an answer that is too large for a message, and says so', async () => {
    const bench = newBench();
    const large = 'x'.repeat(1_048_576);
    bench.handle('orders', () => large);
    bench.platform.start();
    await bench.platform.invokeAsync(ORDERS, { id: 1 }, 'request-1', {
      ...POLICY,
      onSuccess: { type: 'queue', name: 'results' },
    });
    bench.platform.setBindings(ref('results'), [bind('q', events.queue('results'))]);
    await bench.platform.settle();
    expect(bench.calls.slice(1).flatMap(messagesOf)).toMatchObject([
      {
        data: {
          requestId: 'request-1',
          status: 'success',
          input: { id: 1 },
          output: null,
          outputLeftOut: { bytes: 1_048_578, limit: 1_048_576 },
          attempts: 1,
        },
      },
    ]);
    const fields = expect.objectContaining({ requestId: 'request-1', bytes: 1_048_578 });
    expect(bench.warnings).toEqual([expect.objectContaining({ fields })]);
    expect(bench.told).toEqual([expect.objectContaining({ fields })]);
  });

  it('keeps the trace of its caller over retries, a crash and a redrive', async () => {
    const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'x=1' };
    const bench = newBench();
    bench.handle('orders', () => Promise.reject(new Error('down')));
    bench.platform.start();
    const onFailure = { type: 'queue', name: 'failures' } as const;
    await bench.platform.invokeAsync(ORDERS, 1, 'request-1', { ...POLICY, onFailure }, trace);
    await bench.platform.settle();
    const after = bench.crash();
    after.platform.start();
    await after.drain();
    expect(await after.platform.sources.deadLetters('failures').redrive()).toBe(1);
    await after.drain();
    const calls = [...bench.calls, ...after.calls];
    expect(calls.length).toBeGreaterThan(4);
    expect(calls.map((call) => call.trace)).toEqual(calls.map(() => trace));
  });

  it.each(['queue', 'topic', 'bus'] as const)(
    'that failed goes to its %s of failures',
    async (type) => {
      const bench = newBench();
      bench.platform.setBindings(ref('ops'), [
        bind(
          'x',
          {
            queue: events.queue('failures'),
            topic: events.topic('failures', { filter: { status: ['failure'] } }),
            bus: events.bus('failures', { pattern: { type: ['async.failure'] } }),
          }[type],
        ),
      ]);
      bench.handle('orders', () => {
        throw new RangeError('too much');
      });
      bench.platform.start();
      await bench.platform.invokeAsync(ORDERS, 7, 'request-2', {
        ...POLICY,
        onFailure: { type, name: 'failures' },
      });
      await bench.platform.settle();
      await bench.clock.advance(10_000);
      await bench.platform.settle();
      const data = {
        requestId: 'request-2',
        function: 'orders',
        status: 'failure',
        input: 7,
        error: { name: 'RangeError', message: 'too much' },
        attempts: 3,
      };
      const told = bench.calls.filter((call) => call.ref.name === 'ops').map(({ event }) => event);
      expect(told).toEqual([
        type === 'queue'
          ? expect.objectContaining({ messages: [expect.objectContaining({ data })] })
          : expect.objectContaining({ data }),
      ]);
    },
  );

  it('is given up when it grows too old, and dropped aloud without a destination', async () => {
    const bench = newBench();
    bench.handle('orders', () => {
      throw new Error('down');
    });
    bench.platform.start();
    const retry = { ...events.retry, maxAttempts: 100, delaySeconds: 25 };
    await bench.platform.invokeAsync(ORDERS, null, 'request-3', { retry, maxAgeSeconds: 60 });
    await bench.platform.settle();
    await bench.clock.advance(1_000_000);
    expect(bench.calls).toHaveLength(3);
    expect(bench.warnings).toEqual([
      expect.objectContaining({
        fields: expect.objectContaining({ origin: 'async:orders', lastError: 'Error: down' }),
      }),
    ]);
  });

  it('that waited too long for its start is not begun', async () => {
    const bench = newBench();
    await bench.platform.invokeAsync(ORDERS, null, 'request-4', {
      ...POLICY,
      maxAgeSeconds: 60,
      onFailure: { type: 'queue', name: 'failures' },
    });
    await bench.clock.advance(60_000);
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls).toEqual([]);
    expect(await bench.platform.sources.deadLetters('failures').list()).toEqual([
      expect.objectContaining({ attempts: 0, lastError: expect.stringContaining('TooOld') }),
    ]);
  });

  it('is dropped when its function is removed, and stays when only the bindings go', async () => {
    const bench = newBench();
    await bench.platform.invokeAsync(ORDERS, 1, 'request-5', POLICY);
    bench.platform.setBindings(ORDERS, []);
    await bench.platform.invokeAsync(ref('gone'), 1, 'request-6', POLICY);
    bench.platform.forget(ref('gone'));
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls.map(({ requestId }) => requestId)).toEqual(['request-5']);
  });

  it('that was accepted survives a crash before and during its delivery', async () => {
    const bench = newBench();
    bench.handle('orders', () => new Promise<void>(() => {}));
    bench.platform.start();
    await bench.platform.invokeAsync(ORDERS, 1, 'request-7', POLICY);
    await bench.clock.advance(0);
    const second = bench.crash();
    second.platform.start();
    await second.clock.advance(0);
    const third = second.crash();
    third.handle('orders', () => null);
    third.platform.start();
    await third.platform.settle();
    const attempts = [bench, second, third].map((one) => one.calls.map(({ attempt }) => attempt));
    expect(attempts).toEqual([[1], [2], [3]]);
  });

  it('that brings the process down each time ends in the dead letter', async () => {
    let bench = newBench();
    bench.handle('orders', () => new Promise<void>(() => {}));
    await bench.platform.invokeAsync(ORDERS, 1, 'request-8', {
      ...POLICY,
      onFailure: { type: 'queue', name: 'failures' },
    });
    let begun = 0;
    for (let crash = 0; crash < 7; crash += 1) {
      bench.platform.start();
      await bench.clock.advance(0);
      begun += bench.calls.length;
      bench = bench.crash();
    }
    // Three attempts, and two more because the event may not be the one to blame.
    expect(begun).toBe(5);
    expect(await bench.platform.sources.deadLetters('failures').list()).toEqual([
      expect.objectContaining({ attempts: 5, lastError: expect.stringContaining('Interrupted') }),
    ]);
  });
});
