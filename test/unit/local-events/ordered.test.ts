import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/spi/index.ts';
import { bind, benches, events, isObject, recordsOf, ref } from './harness.ts';
import type { Bench, SeenCall } from './harness.ts';

const newBench = benches();
const READER = ref('reader');

const bound = (more: Parameters<typeof events.stream>[1] = {}): Bench => {
  const bench = newBench();
  bench.platform.setBindings(READER, [bind('s', events.stream('clicks', more))]);
  bench.platform.start();
  return bench;
};

const dataOf = (call: SeenCall): JsonValue[] => recordsOf(call).map((r) => r['data'] ?? null);
const put = async (bench: Bench, ...values: JsonValue[]): Promise<void> => {
  for (const value of values) await bench.platform.sources.stream('clicks').put('key', value);
};

describe('a stream', () => {
  it('delivers records of one shard in order, in the normal form', async () => {
    const bench = bound({ batchSize: 3 });
    const stream = bench.platform.sources.stream('clicks');
    const first = await stream.put('key', { n: 1 });
    await put(bench, 2, 3, 4);
    await bench.platform.settle();
    expect(bench.calls.map(dataOf)).toEqual([[{ n: 1 }, 2, 3], [4]]);
    expect(bench.calls[0]).toMatchObject({
      kind: 'stream',
      attempt: 1,
      event: { source: 'clicks', shard: first.shard },
    });
    expect(
      recordsOf(bench.calls[0] ?? { kind: 'stream', event: null, requestId: '', attempt: 1 })[0],
    ).toEqual({
      sequenceNumber: first.sequenceNumber,
      partitionKey: 'key',
      time: '2026-01-01T00:00:00.000Z',
      data: { n: 1 },
    });
  });

  it('spreads keys over 4 shards, each key always in the same one, sequence numbers rising', async () => {
    const bench = bound();
    const stream = bench.platform.sources.stream('clicks');
    const shards = new Map<string, string>();
    let last = '';
    for (let index = 0; index < 200; index += 1) {
      const key = `user-${index % 50}`;
      const { shard, sequenceNumber } = await stream.put(key, index);
      expect(shards.get(key) ?? shard).toBe(shard);
      shards.set(key, shard);
      expect(sequenceNumber > last).toBe(true);
      last = sequenceNumber;
    }
    expect(new Set(shards.values()).size).toBe(4);
    await bench.platform.settle();
    expect(bench.calls.flatMap(dataOf)).toHaveLength(200);
  });

  it('begins at the latest or the oldest record, as the binding says', async () => {
    const bench = newBench();
    bench.platform.start();
    await put(bench, 'before');
    bench.platform.setBindings(ref('old'), [
      bind('s', events.stream('clicks', { from: 'oldest' })),
    ]);
    bench.platform.setBindings(ref('new'), [
      bind('s', events.stream('clicks', { from: 'latest' })),
    ]);
    await put(bench, 'after');
    await bench.platform.settle();
    const seen = (name: string) =>
      bench.calls.filter((call) => call.ref.name === name).flatMap(dataOf);
    expect(seen('old')).toEqual(['before', 'after']);
    expect(seen('new')).toEqual(['after']);
  });

  it('moves on to retryFrom, and tries that record again after a delay', async () => {
    const bench = bound({ deadLetter: 'dead' });
    bench.handle('reader', (call) => {
      const bad = recordsOf(call).find((record) => record['data'] === 'bad');
      return bad !== undefined && call.attempt < 2
        ? { retryFrom: bad['sequenceNumber'] ?? null }
        : null;
    });
    await put(bench, 1, 'bad', 2);
    await bench.platform.settle();
    await bench.clock.advance(1_000);
    await bench.platform.settle();
    expect(bench.calls.map(dataOf)).toEqual([
      [1, 'bad', 2],
      ['bad', 2],
    ]);
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([]);
  });

  it('gives up exactly the record that retryFrom keeps naming', async () => {
    const bench = bound({ deadLetter: 'dead' });
    bench.handle('reader', (call) => {
      const bad = recordsOf(call).find((record) => record['data'] === 'bad');
      return bad === undefined ? null : { retryFrom: bad['sequenceNumber'] ?? null };
    });
    await put(bench, 1, 'bad', 2);
    await bench.platform.settle();
    await bench.clock.advance(10_000);
    await bench.platform.settle();
    expect(bench.calls.map(dataOf)).toEqual([[1, 'bad', 2], ['bad', 2], ['bad', 2], [2]]);
    const dead = await bench.platform.sources.deadLetters('dead').list();
    expect(dead.map(({ data }) => (isObject(data) ? data['data'] : null))).toEqual(['bad']);
  });

  it('splits a batch that keeps failing until the bad record stands alone', async () => {
    const bench = bound({ deadLetter: 'dead', batchSize: 8 });
    const handled: JsonValue[] = [];
    bench.handle('reader', (call) => {
      if (dataOf(call).includes('bad')) throw new Error('poison');
      handled.push(...dataOf(call));
    });
    await put(bench, 1, 2, 3, 'bad', 5, 6, 7, 8);
    await bench.platform.settle();
    await bench.clock.advance(10_000);
    await bench.platform.settle();
    expect(handled).toEqual([1, 2, 3, 5, 6, 7, 8]);
    expect(
      bench.calls
        .slice(0, 3)
        .map(dataOf)
        .map((batch) => batch.length),
    ).toEqual([8, 8, 8]);
    const dead = await bench.platform.sources.deadLetters('dead').list();
    expect(dead.map(({ data }) => (isObject(data) ? data['data'] : null))).toEqual(['bad']);
    await put(bench, 9);
    await bench.platform.settle();
    expect(handled.at(-1)).toBe(9);
  });

  it('blocks only the shard that fails, with the same records tried again', async () => {
    const bench = bound({ batchSize: 2 });
    const stream = bench.platform.sources.stream('clicks');
    const { shard: bad } = await stream.put('key', 1);
    let failures = 1;
    bench.handle('reader', ({ event }) => {
      if (isObject(event) && event['shard'] === bad && failures-- > 0) throw new Error('once');
    });
    await bench.platform.settle();
    await put(bench, 2);
    for (let index = 0; index < 40; index += 1) await stream.put(`other-${index}`, 'free');
    await bench.platform.settle();
    const inBad = (call: SeenCall) => isObject(call.event) && call.event['shard'] === bad;
    expect(bench.calls.filter(inBad)).toHaveLength(1);
    expect(bench.calls.filter((call) => !inBad(call)).length).toBeGreaterThan(0);
    await bench.clock.advance(10_000);
    await bench.platform.settle();
    expect(bench.calls.filter(inBad).slice(0, 2).map(dataOf)).toEqual([[1], [1]]);
    expect(bench.calls.flatMap(dataOf)).toHaveLength(43);
  });

  it('waits for a batch to fill, at most batchWindowSeconds', async () => {
    const bench = bound({ batchSize: 3, batchWindowSeconds: 5 });
    await put(bench, 1, 2);
    await bench.clock.advance(4_999);
    expect(bench.calls).toEqual([]);
    await bench.clock.advance(1);
    await put(bench, 3, 4, 5);
    await bench.platform.settle();
    expect(bench.calls.map(dataOf)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('goes on where it was after a crash, the interrupted delivery counted', async () => {
    const bench = bound({ batchSize: 2 });
    bench.handle('reader', (call) => {
      if (dataOf(call).includes(3)) return new Promise<void>(() => {});
      return undefined;
    });
    await put(bench, 1, 2, 3, 4, 5);
    await bench.clock.advance(0);
    const after = bench.crash();
    after.handle('reader', () => null);
    after.platform.start();
    await after.platform.settle();
    expect(after.calls.map(dataOf)).toEqual([[3, 4], [5]]);
    expect(after.calls.map(({ attempt }) => attempt)).toEqual([2, 1]);
  });

  it('that brings the process down each time gives up one record only', async () => {
    let bench = bound({ deadLetter: 'dead', batchSize: 4 });
    const handled: JsonValue[] = [];
    bench.handle('reader', (call) => {
      if (dataOf(call).includes('bad')) return new Promise<void>(() => {});
      handled.push(...dataOf(call));
      return undefined;
    });
    await put(bench, 1, 2, 'bad', 4);
    for (let crash = 0; crash < 12; crash += 1) {
      await bench.clock.advance(0);
      bench = bench.crash();
      bench.platform.start();
    }
    await bench.platform.settle();
    expect(handled).toEqual([1, 2, 4]);
    expect(await bench.platform.sources.deadLetters('dead').list()).toHaveLength(1);
  });

  it('keeps records for 24 hours, and says when an unread one is removed', async () => {
    const bench = bound({ enabled: false });
    await put(bench, 'old');
    await bench.clock.advance(24 * 3_600_000 + 1);
    await put(bench, 'young');
    const after = await bench.restart();
    after.platform.start();
    after.platform.setBindings(READER, [bind('s', events.stream('clicks'))]);
    await after.platform.settle();
    expect(after.calls.flatMap(dataOf)).toEqual(['young']);
    expect(after.warnings).toEqual([
      expect.objectContaining({ fields: expect.objectContaining({ records: 1 }) }),
    ]);
  });
});

describe.each([
  ['stream', events.stream],
  ['table', events.table],
])('records of a %s that nobody handled for 24 hours', (kind, event) => {
  const DAY_MS = 24 * 3_600_000;
  const write = async (bench: Bench, id: string): Promise<void> => {
    const { sources } = bench.platform;
    if (kind === 'stream') await sources.stream('clicks').put('key', { id });
    else await sources.table('clicks').put({ id }, {});
  };
  const idsOf = (values: readonly unknown[]): unknown[] =>
    values.map((value) => {
      const { data, key } = isObject(value) ? value : {};
      return [data, key].find(isObject)?.['id'];
    });
  const ready = (more: { readonly deadLetter?: string; readonly batchSize?: number }): Bench => {
    const bench = newBench();
    bench.platform.setBindings(READER, [bind('s', event('clicks', more))]);
    return bench;
  };

  it.each([
    ['go to the dead letter', 'dead', { kept: 2, dropped: 0 }],
    ['are dropped aloud without one', undefined, { kept: 0, dropped: 2 }],
  ])('%s', async (_what, deadLetter, counted) => {
    const bench = ready(deadLetter === undefined ? {} : { deadLetter });
    for (const id of ['a', 'b']) await write(bench, id);
    const after = bench.crash();
    await after.clock.advance(DAY_MS + 1);
    await write(after, 'c');
    after.platform.start();
    await after.platform.settle();
    const dead = after.platform.sources.deadLetters('dead');
    const letters = await dead.list();
    expect(idsOf(after.calls.flatMap(recordsOf))).toEqual(['c']);
    expect(after.warnings.map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ records: 2, ...counted }),
    ]);
    if (deadLetter === undefined) return;
    expect(new Set(idsOf(letters.map(({ data }) => data)))).toEqual(new Set(['a', 'b']));
    expect(letters[0]).toMatchObject({
      attempts: 0,
      lastError: expect.stringContaining('Expired'),
    });
    expect(await dead.redrive()).toBe(2);
    await after.platform.settle();
    expect(after.calls).toHaveLength(3);
  });

  it('and are being delivered meanwhile, are tried again when that fails', async () => {
    const bench = ready({ deadLetter: 'dead', batchSize: 1 });
    let fail = (): void => {};
    bench.handle(
      'reader',
      () => new Promise((_, reject) => (fail = () => reject(new Error('no')))),
    );
    bench.platform.start();
    await write(bench, 'a');
    await bench.clock.advance(DAY_MS + 1);
    for (let index = 0; index < 1_000; index += 1)
      await bench.platform.sources.stream('other').put('key', index);
    expect(bench.warnings).toEqual([]);
    fail();
    bench.handle('reader', () => null);
    await bench.drain();
    expect(idsOf(bench.calls.flatMap(recordsOf))).toEqual(['a', 'a']);
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([]);
  });
});

describe('a table', () => {
  const changes = (bench: Bench): JsonObject[] => bench.calls.flatMap(recordsOf);
  const bench = (): Bench => {
    const made = newBench();
    made.platform.setBindings(READER, [bind('t', events.table('users'))]);
    made.platform.start();
    return made;
  };

  it('tells of inserts, changes and removals with both images, and of nothing else', async () => {
    const made = bench();
    const table = made.platform.sources.table('users');
    const key = { id: 1, tenant: 'a' };
    await table.put(key, { name: 'Ann' });
    await table.put({ tenant: 'a', id: 1 }, { name: 'Ann' });
    await table.put(key, { name: 'Bea', age: 3 });
    await table.put(key, { age: 3, name: 'Bea' });
    expect(await table.get({ tenant: 'a', id: 1 })).toEqual({ name: 'Bea', age: 3 });
    await table.delete(key);
    await table.delete(key);
    expect(await table.get(key)).toBeUndefined();
    await made.platform.settle();
    const common = { key, sequenceNumber: expect.any(String), time: '2026-01-01T00:00:00.000Z' };
    expect(changes(made)).toEqual([
      { ...common, type: 'insert', newImage: { name: 'Ann' } },
      {
        ...common,
        type: 'modify',
        newImage: { name: 'Bea', age: 3 },
        oldImage: { name: 'Ann' },
      },
      { ...common, type: 'remove', oldImage: { name: 'Bea', age: 3 } },
    ]);
    expect(made.calls[0]?.event).toMatchObject({ source: 'users' });
  });

  it('keeps the order of each key, also when a delivery fails', async () => {
    const made = bench();
    let failures = 5;
    const handled = new Map<string, JsonValue[]>();
    made.handle('reader', (call) => {
      if (failures-- > 0 && call.attempt < 3) throw new Error('sometimes');
      for (const record of recordsOf(call)) {
        const key = JSON.stringify(record['key']);
        const image = record['newImage'];
        handled.set(key, [
          ...(handled.get(key) ?? []),
          isObject(image) ? (image['n'] ?? null) : null,
        ]);
      }
    });
    const table = made.platform.sources.table('users');
    for (let n = 0; n < 10; n += 1) {
      for (let id = 0; id < 8; id += 1) await table.put({ id }, { n });
      await made.clock.advance(500);
    }
    await made.clock.advance(10_000);
    await made.platform.settle();
    expect(handled.size).toBe(8);
    for (const values of handled.values()) {
      expect(values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });
});
