import { describe, expect, it } from 'vitest';
import { executionAt, makeMonitor, read, SITE } from './setup.ts';

const START = Date.UTC(2026, 0, 1);
const WINDOW = '2026-01-01T00:00:00Z/2026-01-01T00:03:00Z';

describe('metrics', () => {
  it('come for each minute, once they are complete', async () => {
    const monitor = makeMonitor();
    for (const [at, httpStatus] of [
      [0, 200],
      [1, 500],
      [61, 404],
    ] as const)
      monitor.telemetry.execution(executionAt(START + at * 1000, { httpStatus }));
    await monitor.clock.advance(5 * 60_000);
    const { status, body } = monitor.metrics({
      metricnames: 'Requests,Http5xx,OnDemandFunctionExecutionUnits',
      timespan: WINDOW,
      interval: 'PT1M',
      aggregation: 'Total',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ interval: 'PT1M', namespace: 'Microsoft.Web/sites' });
    expect(read({ body }, 'value.0')).toMatchObject({
      id: `${SITE}/providers/Microsoft.Insights/metrics/Requests`,
      name: { value: 'Requests' },
      unit: 'Count',
    });
    expect(read({ body }, 'value.0.timeseries.0.data')).toEqual([
      { timeStamp: '2026-01-01T00:00:00Z', total: 2 },
      { timeStamp: '2026-01-01T00:01:00Z', total: 1 },
      // It ends within the last three minutes.
      { timeStamp: '2026-01-01T00:02:00Z' },
    ]);
    expect(read({ body }, 'value.1.timeseries.0.data.0.total')).toBe(1);
    expect(read({ body }, 'value.2.timeseries.0.data.0.total')).toBe(2 * 1000 * 2048);
  });

  it('have averages, and none of nothing', async () => {
    const monitor = makeMonitor();
    monitor.telemetry.execution(executionAt(START, { memoryMb: 100 }));
    monitor.telemetry.execution(executionAt(START, { memoryMb: 200, instanceId: 'two' }));
    await monitor.clock.advance(10 * 60_000);
    const { body } = monitor.metrics({
      metricnames: 'MemoryWorkingSet,InstanceCount',
      timespan: WINDOW,
      aggregation: 'Average,Maximum',
    });
    const memory = [0, 1].map((index) => read({ body }, `value.0.timeseries.0.data.${index}`));
    expect(memory).toEqual([
      {
        timeStamp: '2026-01-01T00:00:00Z',
        average: 150 * 1024 * 1024,
        maximum: 200 * 1024 * 1024,
      },
      { timeStamp: '2026-01-01T00:01:00Z' },
    ]);
    expect(read({ body }, 'value.1.timeseries.0.data.0.maximum')).toBe(2);
  });

  it('differ between Flex Consumption and the other plans', () => {
    const monitor = makeMonitor();
    const status = (metricnames: string): number => monitor.metrics({ metricnames }).status;
    expect(status('OnDemandFunctionExecutionCount')).toBe(200);
    expect(status('FunctionExecutionCount')).toBe(400);
    monitor.settings['FUNCTIONS_EXTENSION_VERSION'] = '~4';
    expect(status('OnDemandFunctionExecutionCount')).toBe(400);
    expect(status('FunctionExecutionCount')).toBe(200);
  });

  it('are refused when they are wished for wrongly', () => {
    const { metrics } = makeMonitor();
    const wishes = [
      {},
      { metricnames: 'Nothing' },
      { metricnames: 'Requests', interval: 'PT2M' },
      { metricnames: 'Requests', timespan: 'yesterday' },
      { metricnames: 'Requests', timespan: '2026-01-02T00:00:00Z/2026-01-01T00:00:00Z' },
      { metricnames: 'Requests', aggregation: 'Median' },
      { metricnames: 'Requests', metricnamespace: 'Microsoft.Storage' },
    ];
    for (const wish of wishes)
      expect(metrics(wish)).toMatchObject({ status: 400, body: { code: 'BadRequest' } });
    expect(metrics({ metricnames: 'Requests' }, `${SITE}x`).status).toBe(404);
    expect(metrics({ metricnames: 'Requests' }, '/subscriptions/s').status).toBe(0);
  });
});
