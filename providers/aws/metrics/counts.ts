/** What CloudWatch counts by itself: one `GetMetricData`. */
import type { Metric, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { type CallContext, type Percentiles, ServerlessError } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { LIVE } from '../model.ts';
import type { Window } from './window.ts';

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

/**
 * Calls of the alias `live`, whatever version it led to: the look at a new version by its number is none of them.
 *
 * @throws ServerlessError UNAVAILABLE or PERMISSION_DENIED where CloudWatch answers, and tells that it could not read.
 */
export async function readCounts(
  aws: AwsClients,
  functionName: string,
  { fromMs, toMs, stepSeconds }: Window,
  call: CallContext,
): Promise<Counts> {
  const cloudwatch = await aws.cloudwatch();
  // One datum for the whole window: percentiles of parts cannot be put together again.
  const Period = Math.max(stepSeconds, (toMs - fromMs) / 1_000);
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
    ({ NextToken } = page);
    for (const result of page.MetricDataResults ?? []) {
      requireRead(result, functionName, NextToken !== undefined);
      const { Id = '', Values = [] } = result;
      if (Values.length > 0) values.set(Id, merged(Id, [...own(values, Id), ...Values]));
    }
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

/** An answer of 200 may have no values, or not all, of a metric that could not be read: these are no zeros. */
function requireRead(
  { Id = '', StatusCode = 'Complete', Messages = [] }: MetricDataResult,
  functionName: string,
  hasMore: boolean,
): void {
  // The rest of partial data is on the next page.
  if (StatusCode === 'Complete' || (StatusCode === 'PartialData' && hasMore)) return;
  const name = SUMS.find((sum) => sum.toLowerCase() === Id) ?? 'Duration';
  const said = Messages.flatMap(({ Value = '' }) => (Value === '' ? [] : [Value])).join(' ');
  const what = `CloudWatch could not read the metric ${name} of ${functionName}: ${StatusCode}${said === '' ? '' : ` (${said})`}.`;
  throw StatusCode === 'Forbidden'
    ? new ServerlessError({
        code: 'PERMISSION_DENIED',
        provider: 'aws',
        message: `${what} Allow "cloudwatch:GetMetricData" to the credentials in use.`,
      })
    : new ServerlessError({
        code: 'UNAVAILABLE',
        retryable: true,
        provider: 'aws',
        message: `${what} Run the same operation again.`,
      });
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
