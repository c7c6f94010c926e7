/** What the fake's CloudWatch keeps of old data, and how it takes windows of them. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { expect, it, onTestFinished } from 'vitest';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { createMonitoringService } from '../../fakes/aws/monitoring/index.ts';
import { serve } from '../aws-fake-sources/world.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What is told of calls in the minutes 0, 7 and 61 behind that time, when it is asked from minute 6 to minute 59 on. */
async function told(agoMs: number, Period: number): Promise<readonly unknown[]> {
  const clock = new FakeTime(NOW - MINUTE_MS);
  const { service, config, stop } = await serve(createMonitoringService({ clock }));
  const cloudwatch = new CloudWatch(config);
  onTestFinished(async () => {
    cloudwatch.destroy();
    await stop();
  });
  const start = NOW - agoMs;
  for (const minute of [0, 7, 61])
    service.port.put('Shop', 'Calls', {}, 1, start + minute * MINUTE_MS);
  await clock.advance(MINUTE_MS);
  const { MetricDataResults } = await cloudwatch.getMetricData({
    StartTime: new Date(start + 6 * MINUTE_MS),
    EndTime: new Date(start + 59 * MINUTE_MS),
    MetricDataQueries: [
      {
        Id: 'calls',
        MetricStat: {
          Metric: { Namespace: 'Shop', MetricName: 'Calls' },
          Period,
          Stat: 'Sum',
        },
      },
    ],
  });
  const { Timestamps = [], Values = [] } = MetricDataResults?.[0] ?? {};
  return Timestamps.map((at, index) => [(at.getTime() - start) / MINUTE_MS, Values[index]]);
}

it('minutes are kept for 15 days, five minutes for 63, and hours after that', async () => {
  expect(await told(14 * DAY_MS, 60)).toEqual([[7, 1]]);
  expect(await told(20 * DAY_MS, 300)).toEqual([[5, 1]]);
  expect(await told(70 * DAY_MS, 3_600)).toEqual([[0, 2]]);
});

it('a period that is shorter than what is kept has no values', async () => {
  expect(await told(20 * DAY_MS, 60)).toEqual([]);
  expect(await told(70 * DAY_MS, 300)).toEqual([]);
});
