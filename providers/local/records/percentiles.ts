import type { Percentiles } from 'polyfaas/spi';

/** Nearest-rank percentiles: each is a value that was measured. Null for none. */
export function percentilesOf(values: readonly number[]): Percentiles | null {
  const sorted = Float64Array.from(values).sort();
  const max = sorted.at(-1);
  if (max === undefined) return null;
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? max;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return { average: sum / sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
}
