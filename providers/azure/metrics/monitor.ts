/** Numbers of Azure Monitor, which counts executions of an app and knows neither their outcome nor their times. */
import { type CallContext, ServerlessError } from 'polyfaas/spi';
import type { AzureClients } from '../clients/index.ts';
import { fieldsOf, numberOf, textOf } from '../telemetry/query.ts';
import type { TelemetryPlace } from '../telemetry/place.ts';
import type { Counts, Window } from './window.ts';

/** Supported metrics of `Microsoft.Web/sites` (Azure Monitor reference). */
const FLEX = {
  counts: ['OnDemandFunctionExecutionCount', 'AlwaysReadyFunctionExecutionCount'],
};
const OTHER = { counts: ['FunctionExecutionCount'] };
const MEMORY = 'MemoryWorkingSet';

/** @throws ServerlessError UNAVAILABLE or PERMISSION_DENIED where Azure Monitor answers, and tells that it could not read. */
export async function readMonitor(
  azure: AzureClients,
  { siteName, siteId, isFlex }: TelemetryPlace,
  { fromMs, toMs }: Window,
  { signal }: CallContext,
): Promise<Counts> {
  const { counts } = isFlex ? FLEX : OTHER;
  const names = [...counts, ...(isFlex ? [] : [MEMORY])];
  const { body } = await azure.arm({
    method: 'GET',
    path: `${siteId}/providers/Microsoft.Insights/metrics`,
    apiVersion: '2024-02-01',
    query: {
      metricnames: names.join(','),
      timespan: `${new Date(fromMs).toISOString()}/${new Date(toMs).toISOString()}`,
      interval: 'PT1M',
      aggregation: 'Total,Maximum',
      metricnamespace: 'Microsoft.Web/sites',
    },
    signal,
  });
  const series = seriesOf(body, siteName);
  const sum = (name: string): number | null => {
    const values = series.get(name)?.flatMap(({ total }) => (total === null ? [] : [total])) ?? [];
    return values.length === 0 ? null : values.reduce((all, value) => all + value, 0);
  };
  const executions = counts.map(sum).filter((value) => value !== null);
  const bytes = (series.get(MEMORY) ?? []).flatMap(({ maximum }) =>
    maximum === null ? [] : [maximum],
  );
  return {
    source: 'Azure Monitor (the whole app; warm-ups and looks at it are among its executions)',
    invocations: executions.reduce((all, value) => all + value, 0),
    // What fails behind a queue, or is told in an answer of ours, does not show here.
    errors: null,
    timeouts: null,
    throttles: null,
    coldStarts: null,
    warmUps: null,
    durationMs: null,
    initDurationMs: null,
    maxMemoryMb: bytes.length === 0 ? null : Math.max(...bytes) / 1_048_576,
  };
}

interface Point {
  readonly total: number | null;
  readonly maximum: number | null;
}

function seriesOf(body: unknown, siteName: string): ReadonlyMap<string, readonly Point[]> {
  const series = new Map<string, Point[]>();
  for (const metric of listOf(fieldsOf(body)['value'])) {
    const name = textOf(fieldsOf(fieldsOf(metric)['name'])['value']);
    requireRead(fieldsOf(metric), name, siteName);
    const points = listOf(fieldsOf(metric)['timeseries'])
      .flatMap((one) => listOf(fieldsOf(one)['data']))
      .map((point) => ({
        total: numberOf(fieldsOf(point)['total']),
        maximum: numberOf(fieldsOf(point)['maximum']),
      }));
    series.set(name, points);
  }
  return series;
}

/** An answer of 200 may have no values of a metric that could not be read: these are no zeros. */
function requireRead(
  { errorCode, errorMessage }: Readonly<Record<string, unknown>>,
  name: string,
  siteName: string,
): void {
  const code = textOf(errorCode);
  if (code === '' || code.toLowerCase() === 'success') return;
  const said = textOf(errorMessage);
  const what = `Azure Monitor could not read the metric ${name} of ${siteName}: ${code}${said === '' ? '' : ` (${said})`}.`;
  throw /^(?:Forbidden|AuthorizationFailed)$/i.test(code)
    ? new ServerlessError({
        code: 'PERMISSION_DENIED',
        provider: 'azure',
        message: `${what} Give the credentials in use the role "Monitoring Reader" on its resource group.`,
      })
    : new ServerlessError({
        code: 'UNAVAILABLE',
        retryable: true,
        provider: 'azure',
        message: `${what} Run the same operation again.`,
      });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
