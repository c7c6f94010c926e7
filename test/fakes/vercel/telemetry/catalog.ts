/** What can be asked of metrics: https://vercel.com/docs/observability/observability-plus */

/** A call of a function that ended, as metrics know it. */
export interface Invocation {
  readonly projectId: string;
  readonly deploymentId: string;
  readonly environment: 'production' | 'preview';
  readonly timeMs: number;
  readonly status: number;
  readonly durationMs: number;
  readonly startType: string;
  readonly peakMemoryMb: number;
  readonly provisionedMemoryMb: number;
  readonly route: string;
  readonly errorCode: string | null;
}

export interface Metric {
  readonly id: string;
  readonly description: string;
  readonly unit: string;
  readonly aggregations: readonly string[];
  valueOf(invocation: Invocation): number;
}

const MEASURED = ['avg', 'count', 'max', 'min', 'p50', 'p75', 'p90', 'p95', 'p99', 'stddev', 'sum'];
const PREFIX = 'vercel.function_invocation.';
const MS_PER_HOUR = 3_600_000;

function metric(
  name: string,
  description: string,
  unit: string,
  valueOf: Metric['valueOf'],
  aggregations: readonly string[] = MEASURED,
): Metric {
  return { id: `${PREFIX}${name}`, description, unit, aggregations, valueOf };
}

export const METRICS: readonly Metric[] = [
  metric('count', 'Function invocations', 'count', () => 1, ['count', 'sum']),
  metric('function_duration_ms', 'Function duration', 'milliseconds', (each) => each.durationMs),
  metric('function_cpu_time_ms', 'Active CPU time', 'milliseconds', (each) => each.durationMs),
  metric(
    'function_duration_gbhr',
    'Provisioned memory over time',
    'gigabyte_hours',
    (each) => ((each.durationMs / MS_PER_HOUR) * each.provisionedMemoryMb) / 1024,
  ),
  metric('peak_memory_mb', 'Peak memory', 'megabytes', (each) => each.peakMemoryMb),
  metric(
    'provisioned_memory_mb',
    'Provisioned memory',
    'megabytes',
    (each) => each.provisionedMemoryMb,
  ),
  metric('ttfb_ms', 'Time to first byte', 'milliseconds', (each) => each.durationMs),
];

/** By name: what an invocation has there. */
export const DIMENSIONS: Readonly<Record<string, (invocation: Invocation) => string>> = {
  deploymentId: ({ deploymentId }) => deploymentId,
  environment: ({ environment }) => environment,
  errorCode: ({ errorCode }) => errorCode ?? '',
  functionStartType: ({ startType }) => startType,
  httpStatus: ({ status }) => String(status),
  projectId: ({ projectId }) => projectId,
  route: ({ route }) => route,
};

/** @param values at least one */
export function aggregate(aggregation: string, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const mean = sum / values.length;
  const sorted = values.toSorted((one, other) => one - other);
  if (aggregation === 'sum') return sum;
  if (aggregation === 'count') return values.length;
  if (aggregation === 'avg') return mean;
  if (aggregation === 'min') return sorted[0] ?? 0;
  if (aggregation === 'max') return sorted.at(-1) ?? 0;
  if (aggregation === 'stddev')
    return Math.sqrt(values.reduce((total, each) => total + (each - mean) ** 2, 0) / values.length);
  const share = Number(aggregation.slice(1)) / 100;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
