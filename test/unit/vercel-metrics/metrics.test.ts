import type { JsonValue } from 'polyfaas/spi';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VercelApiError } from '../../../providers/vercel/clients/error.ts';
import type { RestRequest, VercelClients } from '../../../providers/vercel/clients/index.ts';
import { readMetrics } from '../../../providers/vercel/metrics/index.ts';
import { windowOf } from '../../../providers/vercel/metrics/query.ts';
import {
  createRecorder,
  MOST_CALLS,
  type RecordedCall,
} from '../../../providers/vercel/metrics/recorder.ts';
import { merged, percentilesOf } from '../../../providers/vercel/metrics/spread.ts';
import type { VercelObserved } from '../../../providers/vercel/model.ts';
import { callContext } from '../../support/call-context.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const REF = { app: 'shop', stage: 'dev', name: 'main' };
const NOW = Date.parse('2026-01-02T04:00:00Z');
const QUERY = { from: '2026-01-02T03:00:00.000Z', to: '2026-01-02T04:00:00.000Z' };

const CALL = callContext(undefined, new ManualClock(NOW));

function observed(bindings: readonly object[] = []): VercelObserved {
  const value = {
    project: { id: 'prj_1' },
    kept: { record: { bindings } },
    isStranger: false,
    description: { liveVersion: 'v1' },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that metrics look at
  return value as unknown as VercelObserved;
}

function vercelOf(answer: (request: RestRequest) => JsonValue): VercelClients {
  const clients = {
    account: () => Promise.resolve('team_1'),
    rest: async (request: RestRequest) => Promise.resolve(answer(request)),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that metrics look at
  return clients as unknown as VercelClients;
}

/** As `/metrics/v1` answers. */
function series(request: RestRequest): JsonValue {
  const groupBy = JSON.stringify(request.body);
  const spread = { min: 1, average: 4, p50: 3, p95: 8, p99: 9, max: 10 };
  const of = (httpStatus: string, count: number, errorCode = ''): JsonValue => ({
    timestamp: QUERY.from,
    dimensions: { httpStatus, errorCode },
    values: { count, ...spread },
  });
  if (groupBy.includes('functionStartType')) {
    const started = (functionStartType: string, count: number): JsonValue => ({
      timestamp: QUERY.from,
      dimensions: { functionStartType },
      values: { count },
    });
    return { series: [started('cold', 2), started('hot', 9), started('cold', 1)] };
  }
  if (groupBy.includes('peak_memory_mb')) {
    return { series: [{ dimensions: {}, values: { max: 77 } }, { values: { max: 61 } }] };
  }
  return {
    series: [
      of('200', 5),
      of('200', 2),
      of('207', 1),
      of('202', 30),
      of('208', 4),
      of('500', 3),
      of('504', 2, 'FUNCTION_INVOCATION_TIMEOUT'),
      of('503', 6, 'FUNCTION_THROTTLED'),
    ],
  };
}

describe('metrics', () => {
  it('tell calls, failures and warm-ups apart by the status of the answer', async () => {
    const vercel = vercelOf(series);
    const seen = await readMetrics(vercel, REF, observed(), QUERY, CALL, createRecorder());
    expect(seen).toMatchObject({
      ...QUERY,
      coverage: 'all',
      completeThrough: '2026-01-02T03:56:00.000Z',
      invocations: 13,
      errors: 5,
      timeouts: 2,
      throttles: 6,
      coldStarts: 3,
      warmUps: 4,
      initDurationMs: null,
      maxMemoryMb: 77,
    });
    const queues = observed([{ event: { type: 'queue' } }]);
    const withQueues = await readMetrics(vercel, REF, queues, QUERY, CALL, createRecorder());
    expect(withQueues).toMatchObject({ invocations: 13, errors: 6 });
  });

  it('of nothing are none', async () => {
    const vercel = vercelOf(() => ({ series: [] }));
    expect(await readMetrics(vercel, REF, observed(), QUERY, CALL, createRecorder())).toMatchObject(
      { invocations: 0, errors: 0, durationMs: null, maxMemoryMb: null },
    );
  });

  it('are those of this process where the plan has none', async () => {
    const vercel = vercelOf(() => {
      throw new VercelApiError(402, { code: 'payment_required', message: 'Upgrade' });
    });
    const recorder = createRecorder();
    const record = (outcome: RecordedCall['outcome'], timeMs: number, coldStart = false): void =>
      recorder.record(REF, {
        timeMs,
        outcome,
        coldStart,
        durationMs: 5,
        initDurationMs: coldStart ? 90 : null,
      });
    record('ok', NOW - 3_600_001);
    record('ok', NOW - 1000, true);
    record('error', NOW - 900);
    record('timeout', NOW - 800);
    record('throttled', NOW - 700);
    record('warmed', NOW - 600);
    const seen = await readMetrics(vercel, REF, observed(), QUERY, CALL, recorder);
    expect(seen).toMatchObject({
      ...QUERY,
      source: 'calls of this process',
      coverage: 'own-calls',
      completeThrough: QUERY.to,
      invocations: 3,
      errors: 2,
      timeouts: 1,
      throttles: 1,
      coldStarts: 1,
      warmUps: 1,
      durationMs: { average: 5, p50: 5, max: 5 },
      initDurationMs: { max: 90 },
      maxMemoryMb: null,
    });
    for (let turn = 0; turn < MOST_CALLS + 1; turn += 1) record('ok', NOW - 500);
    expect(await readMetrics(vercel, REF, observed(), QUERY, CALL, recorder)).toMatchObject({
      source: expect.stringContaining('10000'),
      invocations: MOST_CALLS,
    });
  });

  it('are not those of this process when Vercel fails in another way', async () => {
    const vercel = vercelOf(() => {
      throw new VercelApiError(504, { code: 'timeout', message: 'slow' });
    });
    await expect(
      readMetrics(vercel, REF, observed(), QUERY, CALL, createRecorder()),
    ).rejects.toMatchObject({ status: 504 });
    await expect(
      readMetrics(
        vercel,
        REF,
        { ...observed(), description: undefined },
        QUERY,
        CALL,
        createRecorder(),
      ),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('windows', () => {
  it('are rounded outward to what Vercel keeps', () => {
    const from = '2026-01-01T23:57:00Z';
    const minutesOf = (to: string): readonly number[] => {
      const { fromMs, toMs, bucketMs } = windowOf(from, to, Date.parse(to));
      expect([fromMs % bucketMs, toMs % bucketMs]).toEqual([0, 0]);
      expect(fromMs).toBeLessThanOrEqual(Date.parse(from));
      expect(toMs).toBeGreaterThanOrEqual(Date.parse(to));
      return [bucketMs / 60_000];
    };
    expect(
      [
        '2026-01-02T00:58:00Z',
        '2026-01-02T04:00:00Z',
        '2026-01-04T00:00:00Z',
        '2026-01-20T00:00:00Z',
        '2026-03-20T00:00:00Z',
      ].flatMap(minutesOf),
    ).toEqual([1, 5, 60, 240, 1440]);
  });

  it('begin no earlier than 92 days ago, and say so', async () => {
    const bodies: JsonValue[] = [];
    const vercel = vercelOf((request) => {
      bodies.push(JSON.parse(JSON.stringify(request.body)));
      return series(request);
    });
    const query = { from: '2025-01-01T00:00:00.000Z', to: '2026-01-02T04:00:00.000Z' };
    const metrics = await readMetrics(vercel, REF, observed(), query, CALL, createRecorder());
    expect(metrics).toMatchObject({
      from: '2025-10-03T00:00:00.000Z',
      to: '2026-01-03T00:00:00.000Z',
    });
    expect(bodies[0]).toMatchObject({ timeRange: { start: '2025-10-03T00:00:00.000Z' } });
    const older = { from: '2025-01-01T00:00:00.000Z', to: '2025-02-01T00:00:00.000Z' };
    await expect(
      readMetrics(vercel, REF, observed(), older, CALL, createRecorder()),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('92 days'),
    });
  });
});

describe('percentiles', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });

  it('of parts are in order, and within what there is', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), (groups) => {
        const parts = groups.map((group) => {
          const spread = percentilesOf(group) ?? expect.unreachable();
          return { count: group.length, min: Math.min(...group), ...spread };
        });
        const { average, p50, p95, p99, max } = merged(parts) ?? expect.unreachable();
        const all = groups.flat();
        expect(max).toBe(Math.max(...all));
        expect(p50).toBeLessThanOrEqual(p95);
        expect(p95).toBeLessThanOrEqual(p99);
        expect(p99).toBeLessThanOrEqual(max);
        expect(p50).toBeGreaterThanOrEqual(Math.min(...all));
        expect(average).toBeLessThanOrEqual(max);
      }),
    );
  });

  it('of equal parts are those of one', () => {
    const part = { count: 10, min: 1, average: 4, p50: 3, p95: 8, p99: 9, max: 10 };
    const { p50 = 0, p95 = 0, p99 = 0, average, max } = merged([part, part]) ?? {};
    expect([p50, p95, p99].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([3, 8, 9]);
    expect([average, max]).toEqual([4, 10]);
    expect(merged([])).toBeNull();
    expect(merged([{ ...part, count: 0 }])).toBeNull();
  });
});
