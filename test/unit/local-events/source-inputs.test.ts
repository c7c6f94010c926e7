import { describe, expect, it } from 'vitest';
import type { EventSources } from '../../../providers/local/sources.types.ts';
import { bind, benches, events, ref } from './harness.ts';

const newBench = benches();

/** As a caller without types, or with wrong ones, sees the sources. */
const untyped = (sources: EventSources): Record<string, (...values: unknown[]) => unknown> =>
  Object.fromEntries(Object.entries(sources));

/** Calls `source(name).method(...values)` with whatever it is given. */
async function call(sources: EventSources, [kind, names, method, values]: Call): Promise<unknown> {
  const source: unknown = untyped(sources)[kind]?.(...names);
  const act: unknown = Reflect.get(Object(source), method);
  return typeof act === 'function' ? Reflect.apply(act, source, values) : undefined;
}

type Call = readonly [kind: string, names: unknown[], method: string, values: unknown[]];

const LONE = 'key-\ud800';
const MEGABYTE = 'x'.repeat(1_048_576);
const ITEMS = [null, [1], 5, 'text', undefined];

const REFUSED: readonly (readonly [what: string, call: Call, message: RegExp])[] = [
  ...[undefined, null, {}, 5, '', 'a b', LONE].flatMap((name): (typeof REFUSED)[number][] =>
    ['queue', 'topic', 'bucket', 'stream', 'table', 'deadLetters'].map((kind) => [
      `${kind}(${JSON.stringify(name)})`,
      [kind, [name], 'put', []],
      /The name of the (queue|topic|bucket|stream|table) .* without spaces/,
    ]),
  ),
  ['bus(5)', ['bus', [5], 'publish', []], /The name of the bus is a number/],
  ...[5, {}, undefined, null, [1]].map((body): (typeof REFUSED)[number] => [
    `bucket.put('k', ${JSON.stringify(body)})`,
    ['bucket', ['b'], 'put', ['k', body]],
    /The body of the object is .* string or a Uint8Array/,
  ]),
  ...[undefined, '', 5, LONE, 'x'.repeat(1_025)].map((key): (typeof REFUSED)[number] => [
    `a key that is ${JSON.stringify(key)}`.slice(0, 40),
    ['bucket', ['b'], 'put', [key, '']],
    /The key of the object .*1 to 1,024 bytes/,
  ]),
  ['bucket.get()', ['bucket', ['b'], 'get', []], /The key of the object is undefined/],
  ['bucket.delete(1)', ['bucket', ['b'], 'delete', [1]], /The key of the object is a number/],
  ['bucket.list(1)', ['bucket', ['b'], 'list', [1]], /The prefix is a number/],
  ['a content type', ['bucket', ['b'], 'put', ['k', '', { contentType: 1 }]], /contentType/],
  ...ITEMS.map((item): (typeof REFUSED)[number] => [
    `table.put(key, ${JSON.stringify(item)})`,
    ['table', ['t'], 'put', [{ id: 1 }, item]],
    /The item .*object/,
  ]),
  ...ITEMS.map((key): (typeof REFUSED)[number] => [
    `table.put(${JSON.stringify(key)}, item)`,
    ['table', ['t'], 'put', [key, {}]],
    /The key .*object/,
  ]),
  ['table.get()', ['table', ['t'], 'get', []], /The key/],
  ['no type', ['bus', [], 'publish', [{ source: 's', data: 1 }]], /The type of the event/],
  ['no source', ['bus', [], 'publish', [{ type: 't', data: 1 }]], /The source of the event/],
  ['no event', ['bus', [], 'publish', []], /The event is undefined/],
  [
    'a subject',
    ['bus', [], 'publish', [{ source: 's', type: 't', data: 1, subject: 1 }]],
    /subject/,
  ],
  ...[Infinity, 1.5, Number.NaN, -1, '1', null].map((limit): (typeof REFUSED)[number] => [
    `list(${String(limit)})`,
    ['deadLetters', ['d'], 'list', [limit]],
    /The limit is .*whole number/,
  ]),
  ['redrive(id)', ['deadLetters', ['d'], 'redrive', ['id']], /The ids are .*list/],
  ['redrive([1])', ['deadLetters', ['d'], 'redrive', [[1]]], /The ids are .*list/],
  ['a group', ['queue', ['q'], 'send', [1, { group: {} }]], /The group is an object/],
  ['attributes', ['queue', ['q'], 'send', [1, { attributes: null }]], /The attributes are null/],
  ['an attribute', ['queue', ['q'], 'send', [1, { attributes: { a: 1 } }]], /attribute "a"/],
  ['options', ['queue', ['q'], 'send', [1, 5]], /The options are a number/],
  ['a delay', ['queue', ['q'], 'send', [1, { delaySeconds: '5' }]], /delaySeconds is a string/],
  ['an endless delay', ['queue', ['q'], 'send', [1, { delaySeconds: Infinity }]], /a year/],
  ['items', ['queue', ['q'], 'sendBatch', [1]], /The messages are a number/],
  ['an item', ['queue', ['q'], 'sendBatch', [[1]]], /A message is a number/],
  ['a hole', ['queue', ['q'], 'sendBatch', [Array(2)]], /A message is undefined/],
  ['a typo', ['queue', ['q'], 'send', [1, { delaySecond: 5 }]], /"delaySecond".*delaySeconds/],
  ['a subject', ['queue', ['q'], 'send', [1, { subject: 's' }]], /"subject".*group/],
  ['a topic delay', ['topic', ['t'], 'publish', [1, { delaySeconds: 5 }]], /"delaySeconds"/],
  ['a topic group', ['topic', ['t'], 'publish', [1, { group: 'g' }]], /"group".*subject/],
  ['a body', ['queue', ['q'], 'sendBatch', [[{ data: 1, group: 'g' }]]], /"group".*options/],
  ['a put typo', ['bucket', ['b'], 'put', ['k', '', { ContentType: 'a/b' }]], /contentType/],
  ['a detail', ['bus', [], 'publish', [{ source: 's', type: 't', detail: 1 }]], /"detail".*data/],
  ['a topic subject', ['topic', ['t'], 'publish', [1, { subject: 1 }]], /The subject is a number/],
  [
    'a key of nothing',
    ['table', ['t'], 'put', [{ id: undefined }, { n: 1 }]],
    /The key has no field/,
  ],
  ['an empty key', ['table', ['t'], 'get', [{}]], /The key has no field/],
  ['a partition key', ['stream', ['s'], 'put', [undefined, 1]], /The partition key is undefined/],
];

const TOO_LARGE: readonly (readonly [what: string, call: Call])[] = [
  ['queue', ['queue', ['q'], 'send', [MEGABYTE]]],
  ['queue attributes', ['queue', ['q'], 'send', ['x', { attributes: { a: MEGABYTE } }]]],
  ['topic', ['topic', ['t'], 'publish', [MEGABYTE]]],
  ['stream', ['stream', ['s'], 'put', ['k', MEGABYTE]]],
  ['table', ['table', ['t'], 'put', [{ id: 1 }, { value: MEGABYTE }]]],
  ['bus', ['bus', [], 'publish', [{ source: 's', type: 't', data: MEGABYTE }]]],
];

describe('a source', () => {
  it.each(REFUSED)('refuses %s', async (_what, refused, message) => {
    const { platform, store } = newBench();
    await expect(call(platform.sources, refused)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      provider: 'local',
      message: expect.stringMatching(message),
    });
    for (const table of ['ev_messages', 'ev_objects', 'ev_rows', 'ev_records'])
      expect(store.db.prepare(`SELECT * FROM ${table}`).all()).toEqual([]);
  });

  it.each(TOO_LARGE)(
    'refuses what is larger than an asynchronous invocation (%s)',
    async (_what, sent) => {
      const { platform } = newBench();
      await expect(call(platform.sources, sent)).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        message: expect.stringContaining('1,048,576'),
      });
    },
  );

  it('takes what is just as large', async () => {
    const { sources } = newBench().platform;
    // With its quotes, and the braces of no attributes.
    await sources.queue('q').send(MEGABYTE.slice(4));
    expect(await sources.queue('q').depth()).toEqual({ waiting: 1, inFlight: 0 });
  });

  it('is UNAVAILABLE when its store was closed, buckets too', async () => {
    const { platform, store } = newBench();
    const { sources } = platform;
    await sources.bucket('b').put('k', 'body');
    store.close();
    const closed = expect.objectContaining({ code: 'UNAVAILABLE' });
    await expect(sources.bucket('b').get('k')).rejects.toEqual(closed);
    await expect(sources.bucket('b').put('k', 'other')).rejects.toEqual(closed);
    await expect(sources.bucket('b').delete('k')).rejects.toEqual(closed);
    await expect(sources.deadLetters('d').redrive()).rejects.toEqual(closed);
  });

  it('says when there are more dead letters than it lists by itself', async () => {
    const bench = newBench();
    const event = events.queue('q', {
      retry: { ...events.retry, maxAttempts: 1 },
      deadLetter: 'dead',
      batchSize: 1_001,
    });
    bench.platform.setBindings(ref('orders'), [bind('q', event)]);
    bench.handle('orders', () => {
      throw new Error('broken');
    });
    await bench.platform.sources
      .queue('q')
      .sendBatch(Array.from({ length: 1_001 }, () => ({ data: 1 })));
    bench.platform.start();
    await bench.platform.settle();
    const dead = bench.platform.sources.deadLetters('dead');
    expect(await dead.list(1_001)).toHaveLength(1_001);
    expect(bench.warnings).toEqual([]);
    expect(await dead.list()).toHaveLength(1_000);
    expect(bench.warnings).toEqual([
      expect.objectContaining({ message: expect.stringContaining('limit') }),
    ]);
  });
});
