/** What Cloud Run measures of its services, minute by minute ("Google Cloud metrics", run.googleapis.com). */

/** Powers of 1.4 from 1: the buckets of latencies. */
export const LATENCY_BUCKETS = {
  exponentialBuckets: { numFiniteBuckets: 66, growthFactor: 1.4, scale: 1 },
} as const;
/** Hundredths: the buckets of utilizations. */
export const UTILIZATION_BUCKETS = {
  linearBuckets: { numFiniteBuckets: 100, width: 0.01, offset: 0 },
} as const;

export type Buckets = typeof LATENCY_BUCKETS | typeof UTILIZATION_BUCKETS;

export interface MetricKind {
  readonly valueType: 'INT64' | 'DISTRIBUTION';
  readonly buckets?: Buckets;
  readonly labels: readonly string[];
}

/** All are of the kind DELTA. */
export const METRICS: Readonly<Record<string, MetricKind>> = {
  request_count: { valueType: 'INT64', labels: ['response_code', 'response_code_class'] },
  request_latencies: {
    valueType: 'DISTRIBUTION',
    buckets: LATENCY_BUCKETS,
    labels: ['response_code', 'response_code_class'],
  },
  'container/startup_latencies': {
    valueType: 'DISTRIBUTION',
    buckets: LATENCY_BUCKETS,
    labels: [],
  },
  'container/memory/utilizations': {
    valueType: 'DISTRIBUTION',
    buckets: UTILIZATION_BUCKETS,
    labels: [],
  },
};

/** One measured value. */
export interface Sample {
  /** Without `run.googleapis.com/`. */
  readonly metric: string;
  readonly service: string;
  readonly revision: string;
  readonly timeMs: number;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

export function distributionOf(values: readonly number[], buckets: Buckets): object {
  const counts: number[] = [];
  for (const value of values) {
    const index = bucketOf(value, buckets);
    while (counts.length <= index) counts.push(0);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    count: String(values.length),
    mean,
    sumOfSquaredDeviation: values.reduce((sum, value) => sum + (value - mean) ** 2, 0),
    bucketOptions: buckets,
    bucketCounts: counts.map(String),
  };
}

/** Bucket 0 is what lies below the first bound. */
function bucketOf(value: number, buckets: Buckets): number {
  if ('exponentialBuckets' in buckets) {
    const { numFiniteBuckets, growthFactor, scale } = buckets.exponentialBuckets;
    if (value < scale) return 0;
    const index = Math.floor(Math.log(value / scale) / Math.log(growthFactor)) + 1;
    return Math.min(index, numFiniteBuckets + 1);
  }
  const { numFiniteBuckets, width, offset } = buckets.linearBuckets;
  if (value < offset) return 0;
  return Math.min(Math.floor((value - offset) / width) + 1, numFiniteBuckets + 1);
}
