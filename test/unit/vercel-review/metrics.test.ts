/** What counts as a call, and what is not told. */
import type { FunctionMetrics, JsonValue } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { RestRequest, VercelClients } from '../../../providers/vercel/clients/index.ts';
import { readMetrics } from '../../../providers/vercel/metrics/index.ts';
import {
  createRecorder,
  MOST_FUNCTIONS,
  type RecordedCall,
} from '../../../providers/vercel/metrics/recorder.ts';
import type { VercelObserved } from '../../../providers/vercel/model.ts';
import { appliedSettings, encodeApplied } from '../../../providers/vercel/plan/applied.ts';
import { callContext } from '../../support/call-context.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RETRY } from '../vercel-shim/running.ts';

const REF = { app: 'shop', stage: 'dev', name: 'main' };
const NOW = Date.parse('2026-01-02T04:00:00Z');
const QUERY = { from: '2026-01-02T03:00:00.000Z', to: '2026-01-02T04:00:00.000Z' };

const CALL = callContext(undefined, new ManualClock(NOW));

interface Row {
  readonly httpStatus: string;
  readonly values: Readonly<Record<string, number | null>>;
}

const SPREAD = { min: 10, average: 20, p50: 20, p95: 30, p99: 30, max: 30 };

function read(rows: readonly Row[], record: object): Promise<FunctionMetrics> {
  const clients = {
    account: () => Promise.resolve('team_1'),
    rest: ({ body }: RestRequest): Promise<JsonValue> =>
      Promise.resolve({
        series: JSON.stringify(body).includes('errorCode')
          ? rows.map(({ httpStatus, values }) => ({ dimensions: { httpStatus }, values }))
          : [],
      }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the part that metrics look at
  const vercel = clients as unknown as VercelClients;
  const value = {
    project: { id: 'prj_1' },
    kept: { record: { bindings: [], settings: '', ...record } },
    isStranger: false,
    description: { liveVersion: 'v1' },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parts that metrics look at
  const observed = value as unknown as VercelObserved;
  return readMetrics(vercel, REF, observed, QUERY, CALL, createRecorder());
}

describe('metrics', () => {
  it('count asynchronous calls that failed among the errors', async () => {
    const async = { ...RETRY, maxAgeSeconds: 60, onSuccess: null, onFailure: null };
    const applied = appliedSettings({ async, keyId: 'k1', keys: 0, tags: {}, domain: null });
    const rows = [{ httpStatus: '207', values: { count: 3, ...SPREAD } }];
    expect(await read(rows, { settings: encodeApplied(applied) })).toMatchObject({ errors: 3 });
    expect(await read(rows, {})).toMatchObject({ errors: 0 });
  });

  it('do not count what no handler was called for', async () => {
    const rows = ['200', '401', '404', '409'].map((httpStatus) => ({
      httpStatus,
      values: { count: 2, ...SPREAD },
    }));
    expect(await read(rows, {})).toMatchObject({ invocations: 2, errors: 0 });
    // Of a handler that answers http they may be its own.
    const http = { bindings: [{ event: { type: 'http' } }] };
    expect(await read(rows, http)).toMatchObject({ invocations: 8 });
  });

  it('take no duration that was not told for one of nothing', async () => {
    const rows = [
      { httpStatus: '200', values: { count: 5, ...SPREAD } },
      { httpStatus: '500', values: { count: 5, min: null, p50: null } },
    ];
    expect(await read(rows, {})).toMatchObject({
      invocations: 10,
      errors: 5,
      durationMs: { average: 20, p50: 20, max: 30 },
    });
  });
});

describe('the calls of this process', () => {
  const one = (timeMs: number): RecordedCall => ({
    timeMs,
    outcome: 'ok',
    durationMs: 1,
    coldStart: false,
    initDurationMs: null,
  });

  it('are remembered of so many functions, and say what was forgotten', () => {
    const recorder = createRecorder();
    const ref = (name: number): typeof REF => ({ ...REF, name: `f${name}` });
    recorder.record(ref(0), one(1));
    for (let name = 1; name <= MOST_FUNCTIONS; name += 1) {
      recorder.record(ref(name), one(name + 1));
      // Used again and again.
      recorder.record(ref(1), one(name + 1));
    }
    expect(recorder.read(ref(0), 0, 10)).toEqual({ calls: [], isWhole: false });
    expect(recorder.read(ref(0), 2, 10)).toEqual({ calls: [], isWhole: true });
    expect(recorder.read(ref(1), 0, 3)).toMatchObject({ calls: [one(2), one(2)], isWhole: true });
  });
});
