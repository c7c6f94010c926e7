/** Metrics: samples by namespace, name and dimensions. */
import type { FakeClock } from '../core/ports.ts';

/** How long it takes until a sample is seen. */
export const METRICS_LAG_MS = 60_000;
const MINUTE_MS = 60_000;

export interface Sample {
  /** The minute that it belongs to. */
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
    return (
      metric?.samples.filter(({ at, seenFrom }) => at >= from && at < to && seenFrom <= now) ?? []
    );
  }

  /** The metrics that have been seen. */
  list(): readonly Metric[] {
    const now = this.#clock.now();
    return [...this.#metrics.values()].filter(({ samples }) =>
      samples.some(({ seenFrom }) => seenFrom <= now),
    );
  }
}

function keyOf(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
): string {
  const sorted = Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
