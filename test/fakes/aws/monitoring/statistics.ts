/** What samples come to. */
import type { Sample } from './store.ts';

/** Whether a statistic is known: `Sum`, `p99.9`, ... */
export function isStatistic(name: string): boolean {
  return Object.hasOwn(PLAIN, name) || percentOf(name) !== undefined;
}

/** Of at least one sample. */
export function statistic(name: string, samples: readonly Sample[]): number {
  const percent = percentOf(name);
  return percent === undefined ? (PLAIN[name]?.(samples) ?? 0) : percentile(samples, percent);
}

const total = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { value, count }) => sum + value * count, 0);
const times = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { count }) => sum + count, 0);

const PLAIN: Readonly<Record<string, (samples: readonly Sample[]) => number>> = {
  Sum: total,
  SampleCount: times,
  Average: (samples) => total(samples) / times(samples),
  Minimum: (samples) => Math.min(...samples.map(({ value }) => value)),
  Maximum: (samples) => Math.max(...samples.map(({ value }) => value)),
};

function percentOf(name: string): number | undefined {
  const percent = Number(/^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name)?.[1]);
  return Number.isNaN(percent) ? undefined : percent;
}

function percentile(samples: readonly Sample[], percent: number): number {
  const sorted = samples.toSorted((one, other) => one.value - other.value);
  let left = (percent / 100) * times(sorted);
  for (const { value, count } of sorted) {
    left -= count;
    if (left <= 1e-9) return value;
  }
  return sorted.at(-1)?.value ?? 0;
}
