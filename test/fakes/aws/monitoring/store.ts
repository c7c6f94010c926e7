/** Metrics: samples by namespace, name and dimensions. */
import type { FakeClock } from '../core/ports.ts';

/** How long it takes until a sample is seen. */
export const METRICS_LAG_MS = 60_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface Sample {
  /** The minute that it belongs to; of old ones, what they were put together into. */
  readonly at: number;
  readonly value: number;
  /** How often. */
  readonly count: number;
  readonly seenFrom: number;
}

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly samples: Sample[];
}

/** In what steps data of that age are kept (CloudWatch user guide, "Metrics retention"). */
function granularityMs(ageMs: number): number {
  if (ageMs > 63 * DAY_MS) return 60 * MINUTE_MS;
  return ageMs > 15 * DAY_MS ? 5 * MINUTE_MS : MINUTE_MS;
}

export class MetricStore {
  readonly #clock: FakeClock;
  readonly #metrics = new Map<string, Metric>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  put(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
    timestamp: number,
    count = 1,
  ): void {
    const key = keyOf(namespace, name, dimensions);
    const metric = this.#metrics.get(key) ?? { namespace, name, dimensions, samples: [] };
    this.#metrics.set(key, metric);
    metric.samples.push({
      at: Math.floor(timestamp / MINUTE_MS) * MINUTE_MS,
      value,
      count,
      seenFrom: this.#clock.now() + METRICS_LAG_MS,
    });
  }

  /** A start of a window as CloudWatch takes it. */
  startOf(ms: number): number {
    return roundedDown(ms, this.#clock.now());
  }

  /** The shortest period that there are data for, from then on. */
  leastPeriodMs(from: number): number {
    return granularityMs(this.#clock.now() - from);
  }

  /** The samples of exactly these dimensions that are seen by now, with `from <= at < to`. */
  read(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    from: number,
    to: number,
  ): readonly Sample[] {
    const now = this.#clock.now();
    const metric = this.#metrics.get(keyOf(namespace, name, dimensions));
    return (metric?.samples ?? [])
      .filter(({ seenFrom }) => seenFrom <= now)
      .map((sample) => ({ ...sample, at: roundedDown(sample.at, now) }))
      .filter(({ at }) => at >= from && at < to);
  }

  /** The metrics that have been seen. */
  list(): readonly Metric[] {
    const now = this.#clock.now();
    return [...this.#metrics.values()].filter(({ samples }) =>
      samples.some(({ seenFrom }) => seenFrom <= now),
    );
  }
}

function roundedDown(ms: number, now: number): number {
  const step = granularityMs(now - ms);
  return Math.floor(ms / step) * step;
}

function keyOf(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
): string {
  const sorted = Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
