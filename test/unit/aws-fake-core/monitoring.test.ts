import { CloudWatch, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOW, refusal, useSubject } from './support.ts';

const subject = useSubject();
const cloudwatch = (): CloudWatch => new CloudWatch(subject().settings());
const MINUTE = 60_000;
const FN = { FunctionName: 'fn', Resource: 'fn:live' };

function stat(Id: string, MetricName: string, Stat: string, Period = 60): MetricDataQuery {
  const Dimensions = Object.entries(FN).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions }, Period, Stat },
  };
}

async function read(
  queries: readonly MetricDataQuery[],
  from = NOW,
  to = NOW + 10 * MINUTE,
): Promise<Record<string, readonly number[]>> {
  const { MetricDataResults } = await cloudwatch().getMetricData({
    StartTime: new Date(from),
    EndTime: new Date(to),
    MetricDataQueries: [...queries],
    ScanBy: 'TimestampAscending',
  });
  return Object.fromEntries(
    (MetricDataResults ?? []).map(({ Id = '', Values = [] }) => [Id, Values]),
  );
}

beforeAll(() => {
  const { metrics } = subject().fake.world;
  for (const [minute, durations] of [
    [0, [10, 20]],
    [1, [30]],
    [5, [40]],
  ] as const) {
    for (const duration of durations) {
      const at = NOW + minute * MINUTE + 30_000;
      metrics.put('AWS/Lambda', 'Invocations', FN, 1, at);
      metrics.put('AWS/Lambda', 'Errors', FN, duration >= 30 ? 1 : 0, at);
      metrics.put('AWS/Lambda', 'Duration', FN, duration, at);
    }
  }
});

describe('GetMetricData', () => {
  it('shows samples a minute late', async () => {
    expect(await read([stat('n', 'Invocations', 'Sum')])).toEqual({ n: [] });
    await subject().clock.advance(MINUTE);
    expect(await read([stat('n', 'Invocations', 'Sum')])).toEqual({ n: [2, 1, 1] });
  });

  it('knows the statistics, over periods of whole minutes', async () => {
    const all = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p95', 'p99.9'];
    const found = await read(all.map((name, at) => stat(`s${at}`, 'Duration', name, 600)));
    expect(Object.values(found)).toEqual([[100], [25], [10], [40], [4], [20], [40], [40]]);
    expect(await read([stat('n', 'Invocations', 'Sum', 300)])).toEqual({ n: [3, 1] });
    expect(await refusal(read([stat('n', 'Invocations', 'Sum', 90)]))).toEqual([
      'ValidationException',
      400,
    ]);
    expect(await refusal(read([stat('n', 'Invocations', 'Median')]))).toEqual([
      'ValidationException',
      400,
    ]);
  });

  it('begins at the minute of the start, and ends before the end', async () => {
    expect(await read([stat('n', 'Invocations', 'Sum')], NOW + 59_000, NOW + MINUTE)).toEqual({
      n: [2],
    });
    expect(await read([stat('n', 'Invocations', 'Sum')], NOW + MINUTE, NOW + 5 * MINUTE)).toEqual({
      n: [1],
    });
  });

  it('calculates', async () => {
    const found = await read([
      { ...stat('inv', 'Invocations', 'Sum'), ReturnData: false },
      { ...stat('err', 'Errors', 'Sum'), ReturnData: false },
      { Id: 'rate', Expression: 'IF(inv>0,100*err/inv,0)' },
      { Id: 'total', Expression: 'SUM(inv)' },
      { Id: 'twice', Expression: '-(rate - 2 * rate) / 1' },
    ]);
    expect(found).toEqual({ rate: [0, 100, 100], total: [4], twice: [0, 100, 100] });
    for (const Expression of ['inv +', 'nothing', 'me', 'WHAT(inv)', 'inv $']) {
      const call = read([stat('inv', 'Invocations', 'Sum'), { Id: 'me', Expression }]);
      expect(await refusal(call)).toEqual(['ValidationException', 400]);
    }
  });

  it('takes dimensions exactly, and finds nothing with others', async () => {
    const query = stat('n', 'Invocations', 'Sum');
    const Metric = {
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      Dimensions: [{ Name: 'FunctionName', Value: 'fn' }],
    };
    expect(
      await read([
        { ...query, MetricStat: { ...query.MetricStat, Metric, Period: 60, Stat: 'Sum' } },
      ]),
    ).toEqual({
      n: [],
    });
  });

  it('refuses bad ids, too many queries and a window of nothing', async () => {
    const one = stat('n', 'Invocations', 'Sum');
    expect(await refusal(read([{ ...one, Id: 'N' }]))).toEqual(['ValidationException', 400]);
    expect(await refusal(read([one, one]))).toEqual(['ValidationException', 400]);
    const many = Array.from({ length: 501 }, (_, n) => ({ ...one, Id: `n${n}` }));
    expect(await refusal(read(many))).toEqual(['ValidationException', 400]);
    expect(await refusal(read([one], NOW, NOW))).toEqual(['ValidationException', 400]);
  });
});

describe('metrics of users', () => {
  it('are put and listed', async () => {
    await cloudwatch().putMetricData({
      Namespace: 'Shop',
      MetricData: [
        { MetricName: 'Orders', Value: 3, Dimensions: [{ Name: 'stage', Value: 'dev' }] },
        { MetricName: 'Sizes', Values: [1, 2], Counts: [3, 4] },
      ],
    });
    await subject().clock.advance(MINUTE);
    const { Metrics } = await cloudwatch().listMetrics({
      Namespace: 'Shop',
      Dimensions: [{ Name: 'stage' }],
    });
    expect(Metrics).toEqual([
      { Namespace: 'Shop', MetricName: 'Orders', Dimensions: [{ Name: 'stage', Value: 'dev' }] },
    ]);
    const call = cloudwatch().putMetricData({ Namespace: 'AWS/Lambda', MetricData: [] });
    expect(await refusal(call)).toEqual(['ValidationException', 400]);
  });
});
