import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSetup, type Setup } from './setup.ts';

const COUNT = { metric: 'vercel.function_invocation.count', aggregation: 'sum' };
const DURATION = 'vercel.function_invocation.function_duration_ms';

/** The hour that the tests begin in. */
const BODY = {
  scope: { ownerId: 'team_1', projectIds: ['prj_orders'] },
  timeRange: { start: '2026-11-20T12:00:00.000Z', end: '2026-11-20T13:00:00.000Z' },
  bucketSeconds: 300,
  groupBy: ['httpStatus'],
  filter: 'environment:production',
  metrics: { value: COUNT },
  outputs: ['value'],
  seriesSelection: {
    limit: 10,
    mode: 'exact',
    rankBy: [{ metric: 'value', direction: 'desc' }],
  },
};

describe('metrics of functions', () => {
  let setup: Setup;
  beforeEach(() => {
    setup = createSetup();
  });
  afterEach(() => setup.stop());

  const query = async (more: object = {}): Promise<unknown> =>
    (await setup.api('POST', '/metrics/v1', { ...BODY, ...more })).body;
  const summary = async (more: object = {}): Promise<unknown> => {
    const body = await query(more);
    return typeof body === 'object' && body !== null && 'summary' in body && body.summary;
  };

  it('are paid for', async () => {
    setup.world.plan.observability = false;
    expect(await setup.api('POST', '/metrics/v1', BODY)).toMatchObject({
      status: 402,
      body: { code: 'payment_required' },
    });
  });

  it('begin at most 92 days ago', async () => {
    const of = (start: string): object => ({
      timeRange: { start, end: BODY.timeRange.end },
      bucketSeconds: 86_400 / 24,
    });
    expect(await query(of('2026-08-20T13:00:00.000Z'))).toMatchObject({ summary: [] });
    expect(await query(of('2026-08-20T12:00:00.000Z'))).toEqual({
      code: 'bad_request',
      message: 'timeRange cannot begin more than 92 days ago',
    });
  });

  it('count calls by status, in buckets and in all, a minute late', async () => {
    setup.invoked();
    setup.invoked({ status: 500 });
    await setup.clock.advance(30_000);
    setup.invoked();
    expect(await summary()).toEqual([]);
    await setup.clock.advance(30_000);
    expect(await summary()).toHaveLength(2);
    await setup.clock.advance(10 * 60_000);
    setup.invoked();
    await setup.clock.advance(60_000);
    expect(await query()).toMatchObject({
      series: [
        {
          timestamp: '2026-11-20T12:00:00.000Z',
          dimensions: { httpStatus: '200' },
          values: { value: 2 },
        },
        {
          timestamp: '2026-11-20T12:10:00.000Z',
          dimensions: { httpStatus: '200' },
          values: { value: 1 },
        },
        {
          timestamp: '2026-11-20T12:00:00.000Z',
          dimensions: { httpStatus: '500' },
          values: { value: 1 },
        },
      ],
      summary: [
        { dimensions: { httpStatus: '200' }, values: { value: 3 } },
        { dimensions: { httpStatus: '500' }, values: { value: 1 } },
      ],
      meta: { bucketSeconds: 300, seriesCount: 2 },
    });
    expect(await summary({ seriesSelection: { limit: 1 } })).toHaveLength(1);
  });

  it('aggregate what was measured', async () => {
    for (let each = 1; each <= 100; each += 1) setup.invoked({ durationMs: each });
    await setup.clock.advance(60_000);
    const names = ['sum', 'avg', 'min', 'max', 'count', 'p50', 'p95', 'p99'];
    const metrics = Object.fromEntries(
      names.map((name) => [name, { metric: DURATION, aggregation: name }]),
    );
    expect(
      await summary({ metrics, outputs: names, groupBy: [], seriesSelection: undefined }),
    ).toEqual([
      {
        dimensions: {},
        values: { sum: 5050, avg: 50.5, min: 1, max: 100, count: 100, p50: 50, p95: 95, p99: 99 },
      },
    ]);
  });

  it('are filtered and grouped by what is known of a call', async () => {
    setup.invoked({ startType: 'cold' });
    setup.invoked({ status: 208 });
    setup.invoked({ status: 504, errorCode: 'FUNCTION_INVOCATION_TIMEOUT', deploymentId: 'dpl_2' });
    await setup.clock.advance(60_000);
    const count = async (filter: string): Promise<unknown> => {
      const found = await summary({ filter, groupBy: [] });
      return Array.isArray(found) && found.length > 0 ? found[0].values.value : 0;
    };
    expect(await count('environment:production')).toBe(2);
    expect(await count('httpStatus:(200 OR 504)')).toBe(2);
    expect(await count('httpStatus:>=300')).toBe(1);
    expect(await count('-httpStatus:208 environment:production')).toBe(1);
    expect(await count('(errorCode:"FUNCTION_INVOCATION_TIMEOUT" OR functionStartType:cold)')).toBe(
      2,
    );
    expect(await count('errorCode:FUNCTION_* AND NOT deploymentId:dpl_1')).toBe(1);
    expect(
      await summary({ filter: undefined, groupBy: ['deploymentId', 'functionStartType'] }),
    ).toEqual(
      expect.arrayContaining([
        { dimensions: { deploymentId: 'dpl_1', functionStartType: 'cold' }, values: { value: 1 } },
      ]),
    );
  });

  it('refuse what is wrong, and name it', async () => {
    const wrong: readonly [object, number, RegExp][] = [
      [{ scope: { ownerId: 'team_2', projectIds: ['prj_orders'] } }, 403, /permission/],
      [{ scope: { ownerId: 'team_1', projectIds: ['prj_2'] } }, 404, /prj_2/],
      [{ scope: { ownerId: 'team_1' } }, 400, /scope\.projectIds/],
      [{ bucketSeconds: 30 }, 400, /bucketSeconds/],
      [{ bucketSeconds: '300' }, 400, /bucketSeconds/],
      [
        { timeRange: { start: '2026-11-20T12:01:00Z', end: '2026-11-20T13:00:00Z' } },
        400,
        /aligned/,
      ],
      [
        { timeRange: { start: '2026-11-20T13:00:00Z', end: '2026-11-20T12:00:00Z' } },
        400,
        /before/,
      ],
      [{ timeRange: { start: 'yesterday', end: '2026-11-20T12:00:00Z' } }, 400, /timeRange\.start/],
      [{ groupBy: ['status'] }, 400, /groupBy.*"status"/],
      [{ filter: 'status:200' }, 400, /dimension "status"/],
      [{ filter: 'environment' }, 400, /unexpected "end"/],
      [{ filter: '(environment:a' }, 400, /unexpected "end"/],
      [
        { metrics: { value: { metric: 'vercel.other', aggregation: 'sum' } } },
        400,
        /vercel\.other/,
      ],
      [{ metrics: { value: { ...COUNT, aggregation: 'p95' } } }, 400, /aggregation "p95"/],
      [{ outputs: ['other'] }, 400, /`outputs` names "other"/],
      [{ seriesSelection: { limit: 0 } }, 400, /seriesSelection\.limit/],
      [{ granularity: '5m' }, 400, /granularity/],
    ];
    for (const [more, status, message] of wrong) {
      const reply = await setup.api('POST', '/metrics/v1', { ...BODY, ...more });
      expect(reply).toMatchObject({ status, body: { message: expect.stringMatching(message) } });
    }
  });

  it('are listed', async () => {
    const { status, body } = await setup.api(
      'GET',
      '/metrics/v1?kind=system&search=vercel.function_invocation.peak&limit=250',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({
      metrics: [
        {
          id: 'vercel.function_invocation.peak_memory_mb',
          unit: 'megabytes',
          dimensions: expect.arrayContaining(['httpStatus']),
          aggregations: expect.arrayContaining(['max']),
        },
      ],
    });
    expect(await setup.api('GET', '/metrics/v1')).toMatchObject({ status: 400 });
    expect(await setup.api('PUT', '/metrics/v1')).toEqual({ status: 404 });
  });
});
