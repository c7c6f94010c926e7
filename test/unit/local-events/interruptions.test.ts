import { describe, expect, it } from 'vitest';
import type { Binding, JsonValue } from '../../../src/spi/index.ts';
import { bind, benches, events, isObject, recordsOf, ref } from './harness.ts';
import type { Bench, SeenCall } from './harness.ts';

const newBench = benches();
const WORKER = ref('worker');
const ONCE = { ...events.retry, maxAttempts: 1 };

const dataOf = (call: SeenCall): JsonValue[] => recordsOf(call).map((r) => r['data'] ?? null);

/** Never answers: what is under way when the process is killed. */
const hang = (): Promise<void> => new Promise(() => {});

const bound = (event: Binding['event']): Bench => {
  const bench = newBench();
  bench.platform.setBindings(WORKER, [bind('x', event)]);
  bench.handle('worker', hang);
  return bench;
};

const sendEverywhere = async (bench: Bench, data: JsonValue): Promise<void> => {
  const { sources } = bench.platform;
  await sources.queue('source').send(data);
  await sources.topic('source').publish(data);
  await sources.stream('source').put('key', data);
};

/** Starts it and moves its clock until a delivery is under way. @returns how long that took, or undefined. */
async function untilDelivered(bench: Bench): Promise<number | undefined> {
  const startMs = bench.clock.now();
  bench.platform.start();
  await bench.clock.advance(0);
  while (bench.calls.length === 0 && bench.clock.nextAt !== undefined)
    await bench.clock.advance(bench.clock.nextAt - bench.clock.now());
  return bench.calls.length === 0 ? undefined : bench.clock.now() - startMs;
}

/** Kills it in the middle of every delivery, so many times. */
async function killTimes(first: Bench, kills: number): Promise<{ bench: Bench; waits: unknown[] }> {
  let bench = first;
  const waits: unknown[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    waits.push(await untilDelivered(bench));
    bench = bench.crash();
  }
  return { bench, waits };
}

describe.each([
  ['queue', (more: object) => events.queue('source', more)],
  ['topic', (more: object) => events.topic('source', more)],
  ['stream', (more: object) => events.stream('source', more)],
])('an event that was under way when the process was killed (%s)', (_kind, event) => {
  it('is not dropped where there is no dead letter; it is tried ever later', async () => {
    const first = bound(event({ retry: ONCE }));
    await sendEverywhere(first, 1);
    const { bench, waits } = await killTimes(first, 6);
    expect(waits).toEqual([0, 0, 0, 1_000, 2_000, 4_000]);
    bench.handle('worker', () => null);
    bench.platform.start();
    await bench.drain();
    expect(bench.calls).toHaveLength(1);
    expect(bench.warnings).toEqual([]);
  });

  it('is given up with its third kill at one attempt where it can be kept', async () => {
    const first = bound(event({ retry: ONCE, deadLetter: 'dead' }));
    await sendEverywhere(first, 1);
    const { bench, waits } = await killTimes(first, 4);
    expect(waits).toEqual([0, 0, 0, undefined]);
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([
      expect.objectContaining({ attempts: 3, lastError: expect.stringContaining('Interrupted') }),
    ]);
  });

  it('has all its attempts left', async () => {
    const first = bound(event({ retry: { ...ONCE, maxAttempts: 2 }, deadLetter: 'dead' }));
    await sendEverywhere(first, 1);
    const { bench } = await killTimes(first, 2);
    let failures = 0;
    bench.handle('worker', () => {
      failures += 1;
      throw new Error('broken');
    });
    bench.platform.start();
    await bench.drain();
    expect(failures).toBe(2);
    expect(await bench.platform.sources.deadLetters('dead').list()).toEqual([
      expect.objectContaining({ lastError: 'Error: broken' }),
    ]);
  });
});

describe('a batch of a stream that is split', () => {
  it('loses no record to a kill in the middle of a part', async () => {
    const first = bound(events.stream('source', { retry: ONCE, deadLetter: 'dead' }));
    const refuseBad = (call: SeenCall): Promise<void> => {
      if (dataOf(call).includes('bad')) throw new Error('broken');
      return hang();
    };
    first.handle('worker', refuseBad);
    await sendEverywhere(first, 'good');
    await sendEverywhere(first, 'bad');
    first.platform.start();
    await first.clock.advance(0);
    expect(first.calls.map(dataOf)).toEqual([['good', 'bad'], ['good']]);
    const { bench } = await killTimes(first.crash(), 1);
    bench.handle('worker', (call) => {
      if (dataOf(call).includes('bad')) throw new Error('broken');
    });
    bench.platform.start();
    await bench.platform.settle();
    expect(bench.calls.map(dataOf)).toEqual([['good'], ['bad']]);
    const dead = await bench.platform.sources.deadLetters('dead').list();
    expect(dead.map(({ data }) => (isObject(data) ? data['data'] : null))).toEqual(['bad']);
  });

  it('counts in a dead letter how often that record was delivered', async () => {
    const retry = { ...ONCE, maxAttempts: 2 };
    const bench = bound(events.stream('source', { retry, deadLetter: 'dead' }));
    const delivered = new Map<string, number>();
    bench.handle('worker', (call) => {
      const all = dataOf(call).map(String);
      for (const data of all) delivered.set(data, (delivered.get(data) ?? 0) + 1);
      if (all.some((data) => data.startsWith('bad'))) throw new Error('broken');
    });
    for (const data of ['a', 'b', 'bad 1', 'c', 'd', 'e', 'bad 2', 'bad 3'])
      await sendEverywhere(bench, data);
    bench.platform.start();
    await bench.drain();
    const dead = await bench.platform.sources.deadLetters('dead').list();
    const counted = dead.map(({ data, attempts }) => [
      isObject(data) ? data['data'] : null,
      attempts,
    ]);
    expect(counted).toEqual(['bad 1', 'bad 2', 'bad 3'].map((data) => [data, delivered.get(data)]));
  });
});
