/** The records of one event hub. */
import { createHash } from 'node:crypto';
import type { FakeClock } from '../core/ports.ts';
import { Partition } from './partition.ts';

const HOUR_MS = 3_600_000;

export class Hub {
  readonly #clock: FakeClock;
  readonly #retentionHours: () => number;
  readonly #listeners = new Set<(partition: Partition) => void>();
  #partitions: readonly Partition[];
  #keyless = 0;

  constructor(clock: FakeClock, partitions: number, retentionHours: () => number) {
    this.#clock = clock;
    this.#retentionHours = retentionHours;
    this.#partitions = Array.from({ length: partitions }, (_, id) => new Partition(String(id)));
  }

  get partitions(): readonly Partition[] {
    return this.#partitions;
  }

  /** Records older than this are gone. */
  get since(): number {
    return this.#clock.now() - this.#retentionHours() * HOUR_MS;
  }

  /** All records of a key are in one partition; those without one go to one after the other. */
  send(
    partitionKey: string | undefined,
    body: string,
    properties: Readonly<Record<string, unknown>> = {},
  ): void {
    if (partitionKey === undefined) this.#keyless += 1;
    const place = partitionKey === undefined ? this.#keyless : placeOf(partitionKey);
    const partition = this.#partitions[place % this.#partitions.length];
    if (!partition) return;
    partition.append({ partitionKey, enqueuedAt: this.#clock.now(), body, properties });
    for (const listener of this.#listeners) listener(partition);
  }

  watch(listener: (partition: Partition) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

function placeOf(partitionKey: string): number {
  return createHash('sha256').update(partitionKey).digest().readUInt32BE();
}
