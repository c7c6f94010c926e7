/** What CloudWatch counts by itself: one `GetMetricData`. */
import type { Metric, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Percentiles } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { LIVE } from '../model.ts';

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Counts {
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
  /** Warm-ups have their part in it. Null when nothing ran. */
  readonly durationMs: Percentiles | null;
}

const SUMS = ['Invocations', 'Errors', 'Throttles'] as const;
const TIMES = {
  average: 'Average',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  max: 'Maximum',
} as const;

/** Calls of the alias `live`, whatever version it led to: the look at a new version by its number is none of them. */
export async function readCounts(
  aws: AwsClients,
  functionName: string,
  { fromMs, toMs }: Window,
  call: CallContext,
): Promise<Counts> {
  const cloudwatch = await aws.cloudwatch();
  // One datum for the whole window: percentiles of parts cannot be put together again.
  const step = granularitySeconds(call.clock.now() - fromMs);
  const Period = Math.max(1, Math.ceil((toMs - fromMs) / 1_000 / step)) * step;
  const query = (Id: string, MetricName: string, Stat: string): MetricDataQuery => ({
    Id,
    MetricStat: { Metric: metricOf(functionName, MetricName), Period, Stat },
  });
  const input = {
    StartTime: new Date(fromMs),
    EndTime: new Date(toMs),
    MetricDataQueries: [
      ...SUMS.map((name) => query(name.toLowerCase(), name, 'Sum')),
      ...Object.entries(TIMES).map(([id, stat]) => query(id, 'Duration', stat)),
    ],
  };
  const values = new Map<string, number>();
  let NextToken: string | undefined;
  do {
    const page = await cloudwatch.getMetricData(
      { ...input, ...(NextToken === undefined ? {} : { NextToken }) },
      { abortSignal: call.signal },
    );
    for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) {
      if (Values.length > 0) values.set(Id, merged(Id, [...own(values, Id), ...Values]));
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  const count = (name: string): number => values.get(name) ?? 0;
  const time = (name: keyof typeof TIMES): number => values.get(name) ?? 0;
  return {
    invocations: count('invocations'),
    errors: count('errors'),
    throttles: count('throttles'),
    durationMs: values.has('max')
      ? {
          average: time('average'),
          p50: time('p50'),
          p95: time('p95'),
          p99: time('p99'),
          max: time('max'),
        }
      : null,
  };
}

const DAY_MS = 86_400_000;

/** CloudWatch API reference, `MetricStat`: old data is kept in coarser steps, and periods are multiples of these. */
function granularitySeconds(ageMs: number): number {
  if (ageMs > 63 * DAY_MS) return 3_600;
  return ageMs > 15 * DAY_MS ? 300 : 60;
}

function own(values: ReadonlyMap<string, number>, id: string): readonly number[] {
  const value = values.get(id);
  return value === undefined ? [] : [value];
}

/** A period begins at a multiple of its own length, so that a window may lie in two of them. */
function merged(id: string, values: readonly number[]): number {
  if (id === 'average') return values.reduce((sum, value) => sum + value, 0) / values.length;
  if (id in TIMES) return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0);
}

function metricOf(functionName: string, MetricName: string): Metric {
  return {
    Namespace: 'AWS/Lambda',
    MetricName,
    Dimensions: [
      { Name: 'FunctionName', Value: functionName },
      { Name: 'Resource', Value: `${functionName}:${LIVE}` },
    ],
  };
}
