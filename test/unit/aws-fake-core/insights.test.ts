import { CloudWatchLogs, type ResultField } from '@aws-sdk/client-cloudwatch-logs';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, useSubject } from './support.ts';

const subject = useSubject();
const logs = (): CloudWatchLogs => new CloudWatchLogs(subject().settings());
const GROUP = '/aws/lambda/fn';
const ID = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
let start = 0;

beforeAll(async () => {
  start = subject().clock.now();
  const write = (second: number, message: string): void =>
    subject().fake.world.logs.write(GROUP, 's', start + second * 1000, message);
  const report = (n: number, duration: string, more = ''): string =>
    `REPORT RequestId: ${ID(n)}\tDuration: ${duration} ms\tBilled Duration: ${Math.ceil(Number(duration))} ms\tMemory Size: 128 MB\tMax Memory Used: ${60 + n} MB\t${more}\n`;
  write(0, `START RequestId: ${ID(1)} Version: 1\n`);
  write(1, report(1, '10.50', 'Init Duration: 150.25 ms\t'));
  write(2, report(2, '20.00'));
  write(3, report(3, '3000.00', 'Status: timeout'));
  write(4, JSON.stringify({ level: 'ERROR', message: 'no', requestId: ID(2), tags: ['a', 'b'] }));
  write(
    5,
    JSON.stringify({
      time: '2026',
      type: 'platform.report',
      record: {
        requestId: ID(4),
        metrics: {
          durationMs: 5,
          billedDurationMs: 6,
          memorySizeMB: 256,
          maxMemoryUsedMB: 90,
          initDurationMs: 99,
        },
        status: 'success',
      },
    }),
  );
  await subject().clock.advance(60_000);
});

async function query(
  queryString: string,
  more: object = {},
): Promise<readonly Record<string, string>[]> {
  const { queryId } = await logs().startQuery({
    logGroupNames: [GROUP],
    startTime: Math.floor(start / 1000),
    endTime: Math.floor(start / 1000) + 60,
    queryString,
    ...more,
  });
  await subject().clock.advance(1000);
  const { results, status } = await logs().getQueryResults({ queryId });
  expect(status).toBe('Complete');
  return (results ?? []).map(asRecord);
}

function asRecord(row: readonly ResultField[]): Record<string, string> {
  return Object.fromEntries(row.map(({ field = '', value = '' }) => [field, value]));
}

describe('a query', () => {
  it('is scheduled, runs, and is complete', async () => {
    const { queryId } = await logs().startQuery({
      logGroupName: GROUP,
      startTime: Math.floor(start / 1000),
      endTime: Math.floor(start / 1000) + 60,
      queryString: 'fields @message',
    });
    const state = async (): Promise<string | undefined> =>
      (await logs().getQueryResults({ queryId })).status;
    expect(await state()).toBe('Scheduled');
    await subject().clock.advance(100);
    expect(await state()).toBe('Running');
    await subject().clock.advance(400);
    const done = await logs().getQueryResults({ queryId });
    expect(done).toMatchObject({ status: 'Complete', statistics: { recordsMatched: 6 } });
    expect(await refusal(logs().stopQuery({ queryId }))).toEqual([
      'InvalidParameterException',
      400,
    ]);
  });

  it('is stopped', async () => {
    const { queryId } = await logs().startQuery({
      logGroupName: GROUP,
      startTime: 0,
      endTime: 1,
      queryString: 'fields @message',
    });
    expect(await logs().stopQuery({ queryId })).toMatchObject({ success: true });
    expect((await logs().getQueryResults({ queryId })).status).toBe('Cancelled');
  });

  it('is refused when it cannot be read, or asks for what is not there', async () => {
    for (const text of [
      '',
      'nonsense',
      'filter (',
      'stats @duration',
      'filter f(1) = 2',
      'limit x',
    ]) {
      expect(await refusal(query(text))).toEqual(['MalformedQueryException', 400]);
    }
    expect(await refusal(query('fields @message', { logGroupNames: ['none'] }))).toEqual([
      'ResourceNotFoundException',
      400,
    ]);
    expect(await refusal(query('fields @message', { endTime: 1 }))).toEqual([
      'InvalidParameterException',
      400,
    ]);
    expect(await refusal(logs().getQueryResults({ queryId: 'none' }))).toEqual([
      'ResourceNotFoundException',
      400,
    ]);
  });

  it('finds the fields of reports, counts and measures', async () => {
    const [row] = await query(
      'filter @type="REPORT" and @message like "REPORT" | stats count(*) as n, count(@initDuration) as cold, avg(@initDuration) as initAvg, pct(@duration,95) as p95, max(@maxMemoryUsed)/1e6 as memMax, max(@memorySize) as size, sum(@billedDuration) as billed',
    );
    expect(row).toEqual({
      n: '3',
      cold: '1',
      initAvg: '150.25',
      p95: '3000',
      memMax: '63',
      size: '1.28E8',
      billed: '3031',
    });
  });

  it('finds the fields of JSON by their path', async () => {
    const rows = await query(
      'filter type = "platform.report" | fields record.metrics.initDurationMs as init, record.requestId, coalesce(@none, record.metrics.maxMemoryUsedMB) as mem | display init, record.requestId, mem',
    );
    expect(rows).toMatchObject([{ init: '99', 'record.requestId': ID(4), mem: '90' }]);
    expect(await query('filter tags.1 = "b" | fields level')).toMatchObject([{ level: 'ERROR' }]);
    expect(await query(`filter @requestId in ["${ID(1)}", "${ID(4)}"] | stats count(*)`)).toEqual([
      { 'count(*)': '3' },
    ]);
  });

  it('sorts, limits and groups', async () => {
    const rows = await query(
      'filter ispresent(@duration) and not (@message like /timeout/) | fields @duration, @timestamp | sort @duration desc | limit 2',
    );
    expect(rows.map((row) => row['@duration'])).toEqual(['20', '10.5']);
    expect(rows[0]?.['@timestamp']).toBe('2026-11-21 09:00:02.000');
    expect(rows[0]).toHaveProperty('@ptr');
    const groups = await query(
      'filter @duration > 0 | stats count(*) as n, min(@duration) as least by strcontains(@message, "timeout") as late | sort n desc',
    );
    expect(groups).toEqual([
      { late: '0', n: '3', least: '5' },
      { late: '1', n: '1', least: '3000' },
    ]);
    expect(await query('stats count(*) as n by bin(1m) as at')).toEqual([
      { at: '2026-11-21 09:00:00.000', n: '6' },
    ]);
  });

  it('shows newest first, with time and message, unless told otherwise', async () => {
    const rows = await query('filter @message like "RequestId"', { limit: 2 });
    expect(rows).toHaveLength(2);
    expect(Object.keys(rows[0] ?? {})).toEqual(['@timestamp', '@message', '@ptr']);
    expect(rows[0]?.['@message']).toContain(ID(3));
  });

  it('has no row of nothing, and no field of what is missing', async () => {
    expect(await query('filter @type = "NONE" | stats count(*) as n')).toEqual([]);
    expect(
      await query('filter @type = "START" | stats count(*) as n, avg(@duration) as avg'),
    ).toEqual([{ n: '1' }]);
  });
});
