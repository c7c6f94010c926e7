/** Numbers, from the wires of CloudWatch and CloudWatch Logs. */
import { describe, expect, it } from 'vitest';
import { readMetrics } from '../../../providers/aws/metrics/index.ts';
import { fixtureSource } from '../../../src/contract/fixture.ts';
import { GROUP, NAME, Platform, REF } from '../aws-shim/platform.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const METERED = { functionName: NAME, timeoutSeconds: 5 };

async function numbers(platform: Platform, lastMs = HOUR_MS) {
  const now = platform.clock.now();
  const query = {
    from: new Date(Math.floor((now - lastMs) / MINUTE_MS) * MINUTE_MS).toISOString(),
    to: new Date(Math.ceil(now / MINUTE_MS) * MINUTE_MS).toISOString(),
  };
  return await readMetrics(platform.aws, METERED, query, platform.call());
}

describe.each(['Text', 'JSON'] as const)('with a log in the format %s', (logFormat) => {
  it('calls, errors, cold starts, times and memory are counted', async () => {
    await using platform = await Platform.start(fixtureSource(), { logFormat });
    for (const ms of [0, 2, 5, 20]) await platform.invoke({ op: 'sleep', ms });
    for (let bad = 0; bad < 2; bad += 1) {
      await platform.invoke({ op: 'throw', message: 'counted' }).catch(() => undefined);
    }
    await platform.advance(5 * MINUTE_MS);
    const seen = await numbers(platform);
    expect(seen).toMatchObject({
      coverage: 'all',
      invocations: 6,
      errors: 2,
      timeouts: 0,
      throttles: 0,
      coldStarts: 1,
      warmUps: 0,
    });
    for (const times of [seen.durationMs, seen.initDurationMs]) {
      expect(times).not.toBeNull();
      const { average = 0, p50 = 0, p95 = 0, p99 = 0, max = 0 } = times ?? {};
      expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].toSorted((a, b) => a - b));
      expect(average).toBeGreaterThan(0);
      expect(average).toBeLessThanOrEqual(max);
    }
    expect(seen.maxMemoryMb).toBeGreaterThan(1);
    expect(seen.maxMemoryMb).toBeLessThanOrEqual(256);
  });

  it('warm-ups and the look at a new version are no calls', async () => {
    await using platform = await Platform.start(fixtureSource(), { logFormat });
    await platform.invoker.verify({ ref: REF, physicalName: NAME }, '1', true, platform.call());
    await platform.invoker.warm(REF, 2, platform.call());
    await platform.advance(5 * MINUTE_MS);
    expect(await numbers(platform)).toMatchObject({
      invocations: 0,
      errors: 0,
      durationMs: null,
      coldStarts: 0,
      initDurationMs: { average: expect.any(Number) },
      warmUps: 2,
    });
    await platform.invoke({ op: 'variant' });
    await platform.advance(5 * MINUTE_MS);
    const seen = await numbers(platform);
    expect(seen).toMatchObject({ invocations: 1, coldStarts: 0, warmUps: 2 });
    expect(seen.durationMs).not.toBeNull();
  });

  it('calls that took too long are errors, and known as such', async () => {
    await using platform = await Platform.start(fixtureSource(), { logFormat, timeoutSeconds: 1 });
    await platform.invoke({ op: 'variant' });
    const late = platform.invoke({ op: 'never' }).catch(() => undefined);
    const ticking = setInterval(() => void platform.clock.advance(500), 50);
    await late;
    clearInterval(ticking);
    await platform.advance(5 * MINUTE_MS);
    expect(await numbers(platform)).toMatchObject({ invocations: 2, errors: 1, timeouts: 1 });
  });
});

describe('a window', () => {
  it('in which nothing ran has zeros and no times', async () => {
    await using platform = await Platform.start(fixtureSource());
    const nothing = {
      invocations: 0,
      errors: 0,
      timeouts: 0,
      throttles: 0,
      coldStarts: 0,
      warmUps: 0,
      durationMs: null,
      initDurationMs: null,
      maxMemoryMb: null,
    };
    expect(await numbers(platform)).toMatchObject(nothing);
    await (await platform.aws.logs()).deleteLogGroup({ logGroupName: GROUP });
    expect(await numbers(platform)).toMatchObject(nothing);
  });

  it('leaves out what came before it', async () => {
    await using platform = await Platform.start(fixtureSource());
    await platform.invoke({ op: 'variant' });
    await platform.advance(10 * MINUTE_MS);
    expect(await numbers(platform, 5 * MINUTE_MS)).toMatchObject({ invocations: 0, coldStarts: 0 });
    expect(await numbers(platform)).toMatchObject({ invocations: 1, coldStarts: 1 });
  });

  it('is complete up to three minutes and one timeout ago, and never beyond its end', async () => {
    await using platform = await Platform.start(fixtureSource());
    const now = platform.clock.now();
    const open = await numbers(platform);
    expect(Date.parse(open.completeThrough)).toBe(now - 3 * MINUTE_MS - 5_000);
    // Adapters are given whole minutes.
    const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    const from = new Date(minute - 2 * HOUR_MS).toISOString();
    const to = new Date(minute - HOUR_MS).toISOString();
    const closed = await readMetrics(platform.aws, METERED, { from, to }, platform.call());
    expect(closed.completeThrough).toBe(to);
  });
});
