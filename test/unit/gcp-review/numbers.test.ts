/** Distributions and filters at their edges. */
import { describe, expect, it } from 'vitest';
import type { CallContext } from 'polyfaas/spi';
import { GoogleApiError } from '../../../providers/gcp/clients/error.ts';
import type { GcpClients, RestRequest } from '../../../providers/gcp/clients/index.ts';
import { readLogs } from '../../../providers/gcp/logs/index.ts';
import {
  distributionOf,
  largest,
  merged,
  percentilesOf,
} from '../../../providers/gcp/metrics/distribution.ts';
import { readMetrics } from '../../../providers/gcp/metrics/index.ts';
import type { GcpObserved } from '../../../providers/gcp/model.ts';
import { EMPTY_RECORD } from '../../../providers/gcp/record.ts';
import { parseFilter } from '../../fakes/gcp/telemetry/filter.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const REF = { app: 'shop', stage: 'dev', name: 'main' };
const observed = {
  physicalName: 'shop-dev-main',
  isStranger: false,
  function: {},
  record: { ...EMPTY_RECORD, live: 'v1', versions: [{ version: 'v1', memoryMb: 256 }] },
};
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is looked at of it
const OBSERVED = observed as unknown as GcpObserved;

function google(answer: (request: RestRequest) => object): {
  readonly gcp: GcpClients;
  readonly call: CallContext;
} {
  const gcp = {
    location: 'europe-west1',
    projectId: () => Promise.resolve('p'),
    rest: (request: RestRequest) => Promise.resolve().then(() => answer(request)),
  };
  const call = {
    clock: new ManualClock(Date.parse('2026-01-01T01:00:00Z')),
    signal: new AbortController().signal,
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is used of them
  return { gcp: gcp as unknown as GcpClients, call: call as unknown as CallContext };
}

describe('a distribution', () => {
  it('of nothing has no percentiles', () => {
    expect(percentilesOf(distributionOf(undefined))).toBeNull();
    expect(percentilesOf(merged([]))).toBeNull();
  });

  it('has ordered percentiles within its buckets, the last one too', () => {
    const buckets = { exponentialBuckets: { numFiniteBuckets: 3, growthFactor: 2, scale: 1 } };
    const one = distributionOf({
      count: '10',
      mean: 5,
      bucketOptions: buckets,
      bucketCounts: ['0', '5', '0', '0', '5'],
    });
    const all = percentilesOf(merged([one, distributionOf({}), one]));
    expect(all).not.toBeNull();
    const { p50 = 0, p95 = 0, p99 = 0, max = 0 } = all ?? {};
    expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].toSorted((a, b) => a - b));
    expect([p50, max]).toEqual([2, 8]);
    expect(largest(distributionOf({ count: '1', mean: 7 }))).toBe(7);
  });
});

describe('metrics', () => {
  it('never tell of more memory than there is', async () => {
    const { gcp, call } = google(({ query = {} }) =>
      String(query['filter']).includes('memory')
        ? {
            timeSeries: [
              {
                points: [
                  {
                    value: {
                      distributionValue: {
                        count: '1',
                        mean: 0.99,
                        bucketOptions: { explicitBuckets: { bounds: [0.5, 1.2] } },
                        bucketCounts: ['0', '1'],
                      },
                    },
                  },
                ],
              },
            ],
          }
        : {},
    );
    const window = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z' };
    const numbers = await readMetrics(gcp, REF, OBSERVED, window, call);
    expect(numbers).toMatchObject({ invocations: 0, durationMs: null, maxMemoryMb: 256 });
  });

  const window = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z' };
  const missing = (message: string) => () => {
    throw new GoogleApiError(404, { code: 'NOT_FOUND', message });
  };

  it('are none where nothing has written them yet', async () => {
    const { gcp, call } = google(missing('Cannot find metric(s) that match type = "x".'));
    const numbers = await readMetrics(gcp, REF, OBSERVED, window, call);
    expect(numbers).toMatchObject({ invocations: 0, errors: 0, durationMs: null });
  });

  it('are no zeros where the project is missing', async () => {
    const { gcp, call } = google(missing('Project p does not exist.'));
    await expect(readMetrics(gcp, REF, OBSERVED, window, call)).rejects.toThrow('does not exist');
  });
});

describe('the log', () => {
  const entry = (insertId: string, more: object): object => ({
    timestamp: '2026-01-01T00:00:01.123456789Z',
    insertId,
    logName: 'projects/p/logs/run.googleapis.com%2Fstdout',
    ...more,
  });
  const query = {
    from: '2026-01-01T00:00:00Z',
    to: '2026-01-01T00:01:00Z',
    limit: 100,
    follow: false,
  };

  it('takes entries of any shape', async () => {
    const { gcp, call } = google(() => ({
      entries: [
        entry('a', { textPayload: 'plain' }),
        entry('b', { jsonPayload: { message: 'json', n: 1 }, severity: 'CRITICAL' }),
        entry('c', { protoPayload: { '@type': 'x' }, severity: 'DEFAULT' }),
        entry('d', {}),
        { insertId: 'e' },
        null,
        entry('f', { jsonPayload: { polyfaas: 'call', message: 'x' } }),
      ],
    }));
    const seen: string[] = [];
    for await (const { level, message } of readLogs(gcp, REF, OBSERVED, query, call)) {
      seen.push(`${level} ${message}`);
    }
    expect(seen).toEqual(['info plain', 'error {"message":"json","n":1}', 'info ', 'info ']);
  });

  it('goes on behind an entry that shares its moment with others', async () => {
    const { gcp, call } = google(() => ({
      entries: ['a', 'b', 'c'].map((id) => entry(id, { textPayload: id })),
    }));
    const all: { message: string; cursor: string }[] = [];
    for await (const one of readLogs(gcp, REF, OBSERVED, query, call)) all.push(one);
    const rest: string[] = [];
    const cursor = all[0]?.cursor ?? '';
    for await (const { message } of readLogs(gcp, REF, OBSERVED, { ...query, cursor }, call)) {
      rest.push(message);
    }
    expect(rest).toEqual(['b', 'c']);
  });

  it.each([
    [
      'a call that no instance was free for',
      429,
      'WARNING',
      'The request was aborted because there was no available instance.',
      true,
    ],
    [
      'one that Cloud Run could not serve',
      500,
      'ERROR',
      'The request failed because the instance could not start successfully.',
      true,
    ],
    ['a page that failed', 500, 'ERROR', undefined, false],
    ['a stranger', 403, 'WARNING', 'The request was not authenticated.', false],
  ] as const)('of requests has %s: %s %s', async (_what, status, severity, textPayload, isTold) => {
    const filters: string[] = [];
    const { gcp, call } = google(({ body }) => {
      const sent: { readonly filter: string } = JSON.parse(JSON.stringify(body));
      filters.push(sent.filter);
      return {};
    });
    for await (const one of readLogs(gcp, REF, OBSERVED, query, call)) expect(one).toBeUndefined();
    const fields: Readonly<Record<string, unknown>> = {
      'resource.type': 'cloud_run_revision',
      'resource.labels.service_name': 'shop-dev-main',
      'resource.labels.location': 'europe-west1',
      logName: 'projects/p/logs/run.googleapis.com%2Frequests',
      timestamp: '2026-01-01T00:00:30Z',
      severity,
      textPayload,
      'httpRequest.status': status,
    };
    expect(parseFilter(filters[0] ?? '')((path) => fields[path])).toBe(isTold);
  });

  it('asks for a request whatever its id is', async () => {
    const filters: string[] = [];
    const { gcp, call } = google(({ body }) => {
      filters.push(JSON.stringify(body));
      return {};
    });
    const requestId = 'a" OR severity>=DEFAULT OR x="\\\n';
    for await (const one of readLogs(gcp, REF, OBSERVED, { ...query, requestId }, call)) {
      expect(one).toBeUndefined();
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was sent, read back
    const { filter } = JSON.parse(filters[0] ?? '') as { filter: string };
    expect(filter).toContain('requestId="a\\" OR severity>=DEFAULT OR x=\\"\\\\\\n"');
  });
});
