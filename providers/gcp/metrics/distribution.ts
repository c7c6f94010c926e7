/** Distributions of Cloud Monitoring: counts in buckets (`google.api.Distribution`). */
import type { Percentiles } from 'polyfaas/spi';
import { fieldsOf, listOf, numberOf } from '../json.ts';

export interface Distribution {
  readonly count: number;
  readonly mean: number;
  /** The upper bounds of all buckets but the last, which has none. */
  readonly bounds: readonly number[];
  /** One more than there are bounds; fewer where the last ones are empty. */
  readonly counts: readonly number[];
}

export function distributionOf(value: unknown): Distribution {
  const fields = fieldsOf(value);
  return {
    count: numberOf(fields['count']) ?? 0,
    mean: numberOf(fields['mean']) ?? 0,
    bounds: boundsOf(fields['bucketOptions']),
    counts: listOf(fields['bucketCounts']).map((count) => numberOf(count) ?? 0),
  };
}

/** Distributions of one metric have the same buckets. */
export function merged(parts: readonly Distribution[]): Distribution {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const total = parts.reduce((sum, part) => sum + part.mean * part.count, 0);
  const length = Math.max(0, ...parts.map(({ counts }) => counts.length));
  return {
    count,
    mean: count === 0 ? 0 : total / count,
    bounds: parts.find(({ bounds }) => bounds.length > 0)?.bounds ?? [],
    counts: Array.from({ length }, (_, index) =>
      parts.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0),
    ),
  };
}

/** Null for nothing. Inside a bucket values are taken to lie evenly. */
export function percentilesOf(distribution: Distribution): Percentiles | null {
  const { count, mean } = distribution;
  if (count === 0) return null;
  const max = largest(distribution);
  const at = (rank: number): number => Math.min(max, quantile(distribution, rank));
  return { average: Math.min(mean, max), p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
}

/** The end of the last bucket that holds something: no value is larger, unless it lies beyond all buckets. */
export function largest({ counts, bounds, mean }: Distribution): number {
  const last = counts.findLastIndex((count) => count > 0);
  if (last < 0) return mean;
  return Math.max(mean, bounds[last] ?? bounds.at(-1) ?? mean);
}

function quantile({ count, counts, bounds, mean }: Distribution, rank: number): number {
  if (bounds.length === 0) return mean;
  const wanted = rank * count;
  let before = 0;
  for (const [index, inBucket] of counts.entries()) {
    if (inBucket > 0 && before + inBucket >= wanted) {
      const from = Math.max(0, bounds[index - 1] ?? 0);
      const to = bounds[index] ?? from;
      return from + (to - from) * ((wanted - before) / inBucket);
    }
    before += inBucket;
  }
  return bounds.at(-1) ?? mean;
}

function boundsOf(options: unknown): readonly number[] {
  const { explicitBuckets, exponentialBuckets, linearBuckets } = fieldsOf(options);
  if (explicitBuckets !== undefined) {
    return listOf(fieldsOf(explicitBuckets)['bounds']).map((bound) => numberOf(bound) ?? 0);
  }
  if (exponentialBuckets !== undefined) {
    const { numFiniteBuckets, growthFactor, scale } = fieldsOf(exponentialBuckets);
    const length = (numberOf(numFiniteBuckets) ?? 0) + 1;
    const growth = numberOf(growthFactor) ?? 1;
    return Array.from({ length }, (_, index) => (numberOf(scale) ?? 1) * growth ** index);
  }
  if (linearBuckets === undefined) return [];
  const { numFiniteBuckets, width, offset } = fieldsOf(linearBuckets);
  const length = (numberOf(numFiniteBuckets) ?? 0) + 1;
  return Array.from(
    { length },
    (_, index) => (numberOf(offset) ?? 0) + (numberOf(width) ?? 0) * index,
  );
}
