/** What a function finds in its own log of events that are lost to it. */
import { describe, expect, it } from 'vitest';
import type { Binding, JsonValue } from '../../../src/spi/index.ts';
import { bind, benches, events, messagesOf, recordsOf, ref, textOf } from './harness.ts';
import type { Bench, SeenCall } from './harness.ts';

const newBench = benches();
const WORKER = ref('worker');
const TWICE = { retry: { ...events.retry, maxAttempts: 2 } };

const sendSecret = async ({ platform: { sources } }: Bench): Promise<void> => {
  await sources.queue('source').send('secret');
  await sources.topic('source').publish('secret');
  await sources.bucket('source').put('key', 'secret');
  await sources.stream('source').put('key', 'secret');
  await sources.table('source').put({ id: 1 }, { secret: 'secret' });
  await sources.bus('source').publish({ source: 'a', type: 'b', data: 'secret' });
};

const idOf = (call: SeenCall | undefined): JsonValue => {
  if (call === undefined) return null;
  const [message] = messagesOf(call);
  const [record] = recordsOf(call);
  const { event } = call;
  const own = typeof event === 'object' && event !== null && 'id' in event ? event['id'] : null;
  return message?.id ?? record?.['sequenceNumber'] ?? own ?? null;
};

const bound = (event: Binding['event']): Bench => {
  const bench = newBench();
  bench.platform.setBindings(WORKER, [bind('x', event)]);
  bench.platform.start();
  return bench;
};

const throwing = (): never => {
  throw new Error('broken');
};

describe('an event that is dropped after its last attempt', () => {
  it.each<[string, Binding['event'], (call: SeenCall) => JsonValue, string]>([
    [
      'queue, asked for again',
      events.queue('source', TWICE),
      (call) => ({ retry: messagesOf(call).map(({ id }) => id) }),
      'Retry',
    ],
    [
      'stream, asked for again',
      events.stream('source', TWICE),
      (call) => ({ retryFrom: recordsOf(call)[0]?.['sequenceNumber'] ?? null }),
      'Retry',
    ],
    [
      'table, asked for again',
      events.table('source', TWICE),
      (call) => ({ retryFrom: recordsOf(call)[0]?.['sequenceNumber'] ?? null }),
      'Retry',
    ],
    ['topic', events.topic('source', TWICE), throwing, 'Error: broken'],
    ['object', events.object('source', TWICE), throwing, 'Error: broken'],
    ['bus', events.bus('source', TWICE), throwing, 'Error: broken'],
  ])(
    'is in the log of its function, once, and without its content (%s)',
    async (_what, event, answer, reason) => {
      const bench = bound(event);
      bench.handle('worker', answer);
      await sendSecret(bench);
      await bench.drain();
      const [first] = bench.calls;
      const id = idOf(first);
      expect(bench.calls).toHaveLength(2);
      expect(id).not.toBeNull();
      expect(bench.told).toEqual([
        {
          message: expect.stringContaining(textOf(id)),
          fields: {
            function: 'worker',
            origin: `${event.type}:source`,
            id,
            attempts: 2,
            lastError: expect.stringContaining(reason),
          },
        },
      ]);
      expect(JSON.stringify(bench.told)).not.toContain('secret');
    },
  );

  it('is named by its request when it is an asynchronous invocation', async () => {
    const bench = bound(events.schedule());
    bench.handle('worker', throwing);
    const policy = { ...TWICE, maxAgeSeconds: 60 };
    await bench.platform.invokeAsync(WORKER, 'secret', 'request-1', policy);
    await bench.platform.settle();
    await bench.clock.advance(1_000);
    await bench.platform.settle();
    expect(bench.told.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ origin: 'async:worker', id: 'request-1', attempts: 2 }),
    ]);
  });

  it('is not in the log where a dead letter keeps it', async () => {
    const bench = bound(events.queue('source', { ...TWICE, deadLetter: 'dead' }));
    bench.handle('worker', throwing);
    await sendSecret(bench);
    await bench.drain();
    expect(bench.told).toEqual([]);
  });
});

it('what waited for a binding that is removed is counted in the log of its function', async () => {
  const bench = bound(events.stream('source', { batchWindowSeconds: 60 }));
  await sendSecret(bench);
  await bench.platform.settle();
  bench.platform.setBindings(WORKER, []);
  expect(bench.told.map(({ fields }) => fields)).toEqual([
    { function: 'worker', origin: 'stream:source', dropped: 1 },
  ]);
});
