/** Brings the records of one partition to a function, in order, and remembers how far it came. */
import type { AppHost, TriggerCall, World } from '../core/ports.ts';
import { batchValue, invokeWithRetry, messageValue, type Trigger } from '../listeners/bindings.ts';
import type { Hub } from './hub.ts';
import { batchMetadata, singleMetadata, type ReadPlace } from './metadata.ts';
import type { HubRecord, Partition } from './partition.ts';

/** How far a partition was read by a consumer group: the sequence number to go on with. */
export interface Checkpoint {
  read(): number | undefined;
  write(next: number): void;
}

export interface ReaderParts {
  readonly world: World;
  readonly host: AppHost;
  readonly trigger: Trigger;
  readonly hub: Hub;
  readonly partition: Partition;
  readonly place: ReadPlace;
  readonly checkpoint: Checkpoint;
  /** Where to begin without a checkpoint. */
  readonly start: number;
  readonly maxBatch: number;
  readonly minBatch: number;
  readonly maxWaitMs: number;
}

export class PartitionReader {
  readonly #parts: ReaderParts;
  #next: number;
  /** A batch is being worked on, or waits to be repeated. */
  #isTaken = false;
  #isStopped = false;
  #isDue = false;
  #cancelWait: (() => void) | undefined;
  #hasWaited = false;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#next = parts.checkpoint.read() ?? parts.start;
  }

  get isBusy(): boolean {
    return this.#isDue;
  }

  wake(): void {
    if (this.#isDue || this.#isTaken || this.#isStopped) return;
    this.#isDue = true;
    this.#parts.world.work.run(async () => {
      await Promise.resolve();
      this.#isDue = false;
      this.#read();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWait?.();
  }

  #read(): void {
    const { partition, hub, trigger, maxBatch, minBatch } = this.#parts;
    if (this.#isTaken || this.#isStopped) return;
    const isMany = trigger.options['cardinality'] !== 'one';
    const records = partition.read(this.#next, isMany ? maxBatch : 1, hub.since);
    if (records.length === 0) return;
    if (isMany && records.length < minBatch && !this.#hasWaited) return this.#wait();
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#hasWaited = false;
    this.#deliver(records, isMany);
  }

  #wait(): void {
    this.#cancelWait ??= this.#parts.world.clock.after(this.#parts.maxWaitMs, () => {
      this.#cancelWait = undefined;
      this.#hasWaited = true;
      this.wake();
    });
  }

  #deliver(records: readonly HubRecord[], isMany: boolean): void {
    const { world, host, trigger, checkpoint } = this.#parts;
    this.#isTaken = true;
    invokeWithRetry(world, host, this.#call(records, isMany), {
      retry: trigger.retry,
      isEnded: () => this.#isStopped,
      done: (outcome) => {
        // What a host that is going away did not get done, the next one begins again.
        if (!outcome.ok && this.#isStopped) return;
        this.#next = (records.at(-1)?.sequenceNumber ?? this.#next) + 1;
        checkpoint.write(this.#next);
        this.#isTaken = false;
        this.wake();
      },
    });
  }

  #call(records: readonly HubRecord[], isMany: boolean): TriggerCall {
    const { trigger, place } = this.#parts;
    const { functionName } = trigger;
    const [first] = records;
    if (!isMany && first) {
      const metadata = singleMetadata(first, place);
      return { functionName, ...messageValue(trigger, Buffer.from(first.body), metadata) };
    }
    const bodies = records.map(({ body }) => Buffer.from(body));
    const triggerMetadata = batchMetadata(records, place);
    return { functionName, data: batchValue(trigger, bodies), triggerMetadata };
  }
}
