/** Reads the feed of one range, as the change feed processor does: one batch after the other, with pauses between. */
import type { AppHost, World } from '../core/ports.ts';
import { invokeWithRetry, type Trigger } from '../listeners/bindings.ts';
import type { ContainerData } from './container-data.ts';
import type { Lease } from './leases.ts';

export interface RangeReaderParts {
  readonly world: World;
  readonly host: AppHost;
  readonly trigger: Trigger;
  readonly data: ContainerData;
  readonly range: string;
  readonly lease: Lease;
  readonly maxItems: number;
  /** Between a read that found nothing and the next. */
  readonly pollMs: number;
}

export class RangeReader {
  readonly #parts: RangeReaderParts;
  readonly #me = Symbol('reader');
  /** When the feed is looked at next; the reads that find nothing are not made one by one. */
  #polledAt: number;
  #isTaken = false;
  #isDue = false;
  #isStopped = false;
  #cancelPoll: (() => void) | undefined;

  constructor(parts: RangeReaderParts) {
    this.#parts = parts;
    this.#polledAt = parts.world.clock.now();
  }

  get isBusy(): boolean {
    return this.#isDue;
  }

  /** Reads at once: it has just begun, or has done a batch. */
  wake(): void {
    if (this.#isDue || this.#isTaken || this.#isStopped) return;
    this.#isDue = true;
    this.#parts.world.work.run(async () => {
      await Promise.resolve();
      this.#isDue = false;
      this.#read();
    });
  }

  /** Something changed: it is seen by the next of the reads that are made every so often. */
  changed(): void {
    if (this.#cancelPoll || this.#isTaken || this.#isStopped) return;
    const { world, pollMs } = this.#parts;
    const since = world.clock.now() - this.#polledAt;
    const rest = pollMs === 0 ? 0 : pollMs - (since % pollMs);
    this.#cancelPoll = world.clock.after(rest, () => {
      this.#cancelPoll = undefined;
      this.wake();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelPoll?.();
    const { lease } = this.#parts;
    if (lease.owner === this.#me) lease.owner = undefined;
  }

  #read(): void {
    const { world, host, trigger, data, range, lease, maxItems } = this.#parts;
    if (this.#isTaken || this.#isStopped) return;
    this.#polledAt = world.clock.now();
    lease.owner ??= this.#me;
    const { documents, next } = data.read(range, lease.position, maxItems);
    if (documents.length === 0) return;
    // Another host reads it; perhaps that one goes away.
    if (lease.owner !== this.#me) return this.changed();
    this.#isTaken = true;
    const call = {
      functionName: trigger.functionName,
      data: { json: JSON.stringify(documents) },
      triggerMetadata: {},
    };
    invokeWithRetry(world, host, call, {
      retry: trigger.retry,
      isEnded: () => this.#isStopped,
      done: (outcome) => {
        // What a host that is going away did not get done, the next one begins again.
        if (outcome.ok || !this.#isStopped) lease.position = Math.max(lease.position, next);
        this.#isTaken = false;
        this.wake();
      },
    });
  }
}
