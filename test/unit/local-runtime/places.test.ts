/** The limit that the pools of a platform have together. */
import { describe, expect, it } from 'vitest';
import { Places } from '../../../providers/local/runtime/places.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type TestPool, until, useHarness } from './harness.ts';

const harness = useHarness();

const HELD = `invoke: async (input) => { if (input?.wait) await new Promise((r) => setTimeout(r, input.wait)); return input; }`;
const named = (functionName: string) => ({
  app: 'shop',
  stage: 'test',
  functionName,
  version: '1',
  memoryMb: 256,
  timeoutSeconds: 30,
  provider: 'local',
  region: 'local',
});

const sizes = (pools: readonly TestPool[]): readonly number[] =>
  pools.map((pool) => pool.stats().instances);

const poolsIn = (count: number, places: Places) =>
  Array.from({ length: count }, () => harness.pool(HELD, { places }));

describe('pools that have a limit together', () => {
  it('never pass it; calls beyond wait, and all are answered', async () => {
    const places = new Places(3);
    const pools = poolsIn(5, places);
    let most = 0;
    const calls = pools.flatMap((pool) =>
      [1, 2, 3].map((n) =>
        pool.invoke({ wait: 20, n }).then(({ output }) => {
          most = Math.max(
            most,
            sizes(pools).reduce((sum, size) => sum + size, 0),
          );
          return output;
        }),
      ),
    );
    expect(sizes(pools)).toEqual([3, 0, 0, 0, 0]);
    await Promise.all(calls);
    expect(most).toBe(3);
  });

  it('start no more at once than they may, each in its turn, and all are answered', async () => {
    const pools = poolsIn(5, new Places(64, { startsAtOnce: 2 }));
    const calls = pools.flatMap((pool) => [1, 2, 3].map((n) => pool.invoke({ n })));
    expect(sizes(pools)).toEqual([2, 0, 0, 0, 0]);
    expect(await Promise.all(calls)).toHaveLength(15);
    // Calls that one instance can serve did not start one each.
    expect(sizes(pools).reduce((sum, size) => sum + size, 0)).toBeLessThan(15);
  });

  it('refuse no call that only waits for its turn to start an instance', async () => {
    const impatient = (functionName: string, places: Places): TestPool => {
      const identity = { ...named(functionName), timeoutSeconds: 1 };
      return harness.pool(HELD, { places, settings: { identity, timeoutSeconds: 1 } });
    };
    const pool = impatient('patient', new Places(64, { startsAtOnce: 0 }));
    const failure = pool.failure({ n: 1 });
    // The same time, begun later, and for a place that is taken.
    const taken = new Places(1);
    const [other] = poolsIn(1, taken);
    const running = other?.failure({ wait: 60_000 });
    expect(await impatient('crowded', taken).failure()).toMatchObject({ code: 'RATE_LIMITED' });
    expect(pool.stats()).toMatchObject({ instances: 0, waiting: 1 });
    await other?.close();
    await running;
    await pool.close();
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
  });

  it('warm as many as were asked for, however few may start at once', async () => {
    const pool = harness.pool(HELD, {
      places: new Places(64, { startsAtOnce: 1 }),
      settings: { maxInstances: 4 },
    });
    expect(await pool.warm(4)).toEqual({ distinctInstances: 4, started: 4 });
  });

  it('end the instance that has rested longest before anybody waits', async () => {
    const clock = new ManualClock();
    const places = new Places(2);
    const [a, b, c] = [1, 2, 3].map(() => harness.pool(HELD, { places, clock }));
    await a?.invoke();
    await clock.advance(10);
    await b?.invoke();
    await clock.advance(10);
    const answer = c?.invoke();
    expect(c?.stats()).toMatchObject({ instances: 1, waiting: 0 });
    await answer;
    expect(sizes([a, b, c].filter((pool) => pool !== undefined))).toEqual([0, 1, 1]);
    expect([a?.warnings, a?.logs]).toEqual([[], []]);
  });

  it('make room for one that lets no call wait, too', async () => {
    const places = new Places(1);
    const [other] = poolsIn(1, places);
    await other?.invoke();
    const pool = harness.pool(HELD, { places, settings: { maxWaiting: 0 } });
    expect((await pool.invoke(1)).output).toBe(1);
  });

  it('take turns in the order in which they came to wait', async () => {
    const places = new Places(1);
    const pools = poolsIn(4, places);
    const order: number[] = [];
    await Promise.all(
      pools.map((pool, index) => pool.invoke({ wait: 5 }).then(() => order.push(index))),
    );
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it('keep what minInstances asks for, beside the limit, and end none of it', async () => {
    const places = new Places(1);
    const standing = harness.pool(HELD, { places, settings: { minInstances: 2 } });
    await until(() => standing.stats().idle === 2);
    const [other] = poolsIn(1, places);
    await other?.invoke();
    // One more than stands needs the place.
    await Promise.all([1, 2, 3].map(() => standing.invoke({ wait: 50 })));
    expect(sizes([standing])).toEqual([3]);
    await other?.invoke();
    expect(sizes([standing])).toEqual([2]);
  });

  it('still hold each to its own maxInstances', async () => {
    const places = new Places(3);
    const pool = harness.pool(HELD, { places, settings: { maxInstances: 1 } });
    const calls = [1, 2].map(() => pool.invoke({ wait: 20 }));
    expect(pool.stats()).toMatchObject({ instances: 1, waiting: 1 });
    await Promise.all(calls);
  });

  it('warm no more instances than there are places', async () => {
    const places = new Places(3);
    const pool = harness.pool(HELD, { places });
    expect(await pool.warm(4)).toEqual({ distinctInstances: 3, started: 3 });
  });

  it('end none of their own to warm another one', async () => {
    const places = new Places(2);
    const [busy] = poolsIn(1, places);
    const pool = harness.pool(HELD, { places });
    await pool.warm(1);
    const running = busy?.invoke({ wait: 100 });
    expect(await pool.warm(3)).toEqual({ distinctInstances: 1, started: 0 });
    expect(pool.stats()).toMatchObject({ instances: 1, idle: 1 });
    await running;
    // What rests elsewhere makes room.
    expect(await pool.warm(3)).toEqual({ distinctInstances: 2, started: 1 });
  });

  it.each([1, 4])('give one its turn while another is never idle (concurrency %i)', async (n) => {
    const places = new Places(1, { patienceMs: 0 });
    const busy = harness.pool(HELD, { places, settings: { concurrency: n } });
    let isOver = false;
    const lane = async (): Promise<void> => {
      while (!isOver) await busy.invoke({ wait: 5 });
    };
    const lanes = Array.from({ length: n + 1 }, lane);
    await until(() => busy.stats().busy === 1);
    const [other] = poolsIn(1, places);
    expect((await other?.invoke(1))?.output).toBe(1);
    isOver = true;
    await Promise.all(lanes);
  });

  it('let a call that is cancelled go, and its place in the order', async () => {
    const places = new Places(1);
    const [a, b, c] = poolsIn(3, places);
    const first = a?.invoke({ wait: 50 });
    const caller = new AbortController();
    const cancelled = b?.failure(null, caller.signal);
    const last = c?.invoke(3);
    caller.abort();
    expect(await cancelled).toMatchObject({ code: 'CANCELLED', details: { didNotRun: true } });
    await first;
    expect((await last)?.output).toBe(3);
    expect(b?.stats().instances).toBe(0);
  });

  it('free the places of a pool that is closed, or drained', async () => {
    const places = new Places(1);
    const [a, b, c] = poolsIn(3, places);
    const ended = a?.failure({ wait: 60_000 });
    const second = b?.invoke({ wait: 10 });
    await a?.close();
    expect(await ended).toMatchObject({ code: 'CANCELLED' });
    const drained = b?.drain();
    const third = c?.invoke(3);
    await Promise.all([second, drained]);
    expect((await third)?.output).toBe(3);
  });
});

describe('functions that wait for each other while all places are taken', () => {
  it('are ended by their time, and told of the limit', async () => {
    const places = new Places(1);
    const outer = harness.pool(HELD, {
      places,
      settings: { timeoutSeconds: 3, identity: named('outer') },
    });
    const inner = harness.pool(HELD, { places, settings: { identity: named('inner') } });
    await outer.invoke();
    const timedOut = outer.failure({ wait: 60_000 });
    const answer = inner.invoke('at last');
    expect(await timedOut).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining(
        'all 1 instances that providerOptions.local.maxTotalInstances',
      ),
    });
    expect((await answer).output).toBe('at last');
  });

  it('wait no longer than they might have run', async () => {
    const places = new Places(1);
    const outer = harness.pool(HELD, { places });
    const inner = harness.pool(HELD, {
      places,
      settings: { timeoutSeconds: 1, identity: named('inner') },
    });
    const running = outer.failure({ wait: 60_000 });
    const refused = await inner.failure();
    expect(refused).toMatchObject({
      code: 'RATE_LIMITED',
      details: { maxTotalInstances: 1, didNotRun: true },
    });
    expect(refused.message).toContain('providerOptions.local.maxTotalInstances');
    await outer.close();
    await running;
  });

  it('are refused when too many wait', async () => {
    const places = new Places(1);
    const outer = harness.pool(HELD, { places });
    const inner = harness.pool(HELD, { places, settings: { maxWaiting: 1 } });
    const running = outer.failure({ wait: 60_000 });
    const waiting = inner.invoke(1);
    const refused = await inner.failure();
    expect(refused).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      details: { maxTotalInstances: 1, maxWaiting: 1, didNotRun: true },
    });
    await outer.close();
    await running;
    expect((await waiting).output).toBe(1);
  });
});
