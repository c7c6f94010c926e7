/** Percentiles of a whole, from those of its parts. */
import type { Percentiles } from 'polyfaas/spi';

/** What is known of the values of one part. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly average: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Narrower than any timer. */
const STEPS = 60;

/**
 * Null for nothing. Of one part they are what the part says; of several, values are taken to lie evenly between the
 * percentiles of each.
 */
export function merged(given: readonly Spread[]): Percentiles | null {
  const parts = given.filter(({ count }) => count > 0);
  const [first] = parts;
  if (first === undefined) return null;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const max = Math.max(...parts.map((part) => part.max));
  const total = parts.reduce((sum, part) => sum + part.average * part.count, 0);
  const average = Math.min(total / count, max);
  if (parts.length === 1) {
    const { p50, p95, p99 } = first;
    return inOrder({ average, p50, p95, p99, max });
  }
  const min = Math.min(...parts.map((part) => part.min));
  const at = (rank: number): number => {
    let [low, high] = [min, max];
    for (let step = 0; step < STEPS && low < high; step += 1) {
      const middle = (low + high) / 2;
      const below = parts.reduce((sum, part) => sum + part.count * shareBelow(part, middle), 0);
      if (below >= rank * count) high = middle;
      else low = middle;
    }
    return high;
  };
  return inOrder({ average, p50: at(0.5), p95: at(0.95), p99: at(0.99), max });
}

/** Which share of a part's values is not larger. */
function shareBelow({ min, p50, p95, p99, max }: Spread, value: number): number {
  const known: readonly (readonly [value: number, share: number])[] = [
    [min, 0],
    [p50, 0.5],
    [p95, 0.95],
    [p99, 0.99],
    [max, 1],
  ];
  let [lastValue, lastShare] = [min, 0];
  if (value < min) return 0;
  for (const [at, share] of known) {
    if (value < at) {
      return lastShare + ((share - lastShare) * (value - lastValue)) / (at - lastValue);
    }
    [lastValue, lastShare] = [at, share];
  }
  return 1;
}

function inOrder({ average, p50, p95, p99, max }: Percentiles): Percentiles {
  const third = Math.min(p99, max);
  const second = Math.min(p95, third);
  return { average, p50: Math.min(p50, second), p95: second, p99: third, max };
}

/** Those of values that are all known; null for none. Nearest rank. */
export function percentilesOf(values: readonly number[]): Percentiles | null {
  const sorted = values.toSorted((a, b) => a - b);
  const max = sorted.at(-1);
  if (max === undefined) return null;
  const at = (rank: number): number => sorted[Math.ceil(rank * sorted.length) - 1] ?? max;
  const average = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { average: Math.min(average, max), p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
}
