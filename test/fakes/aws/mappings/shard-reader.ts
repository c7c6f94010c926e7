/** Brings the records of one shard to a function, in order. */
import { createHash } from 'node:crypto';
import type { InvokeOutcome, StreamItem, World } from '../core/ports.ts';
import { reportGivenUp, type GivenUp } from './destination.ts';
import { compileFilters, filterView } from './filter.ts';
import type { Mapping } from './mapping.ts';
import { invokeBatch } from './outcome.ts';
import { streamPort } from './source.ts';

/** Between two attempts at a batch. */
const BACKOFF_MS = 1000;

interface Batch {
  readonly items: readonly StreamItem[];
  /** Where the reader stands when the batch is done; filtered-out records may lie behind its last item. */
  readonly end: string;
  /** Attempts that count towards the limit. */
  readonly failures: number;
  readonly invocations: number;
}

export class ShardReader {
  readonly #world: World;
  readonly #mapping: Mapping;
  readonly #shard: string;
  /** Undefined is the oldest. */
  #position: string | undefined;
  /** Read and not done: the second half of a split batch waits behind the first. */
  #pending: readonly Batch[] = [];
  #isRunning = false;
  /** Something came while it was running. */
  #isWoken = false;
  #isStopped = false;
  #cancelBackoff: (() => void) | undefined;
  #window: { readonly endsAt: number; readonly cancel: () => void } | undefined;

  constructor(world: World, mapping: Mapping, shard: string, position: string | undefined) {
    this.#world = world;
    this.#mapping = mapping;
    this.#shard = shard;
    this.#position = position;
  }

  get isBusy(): boolean {
    return this.#isRunning;
  }

  wake(): void {
    if (this.#isStopped || this.#cancelBackoff) return;
    this.#isWoken = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#world.work.run(async () => {
      await Promise.resolve();
      try {
        while (this.#isWoken) {
          this.#isWoken = false;
          await this.#work();
        }
      } finally {
        this.#isRunning = false;
      }
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelBackoff?.();
    this.#closeWindow();
  }

  async #work(): Promise<void> {
    while (!this.#isStopped && this.#mapping.isDelivering && !this.#cancelBackoff) {
      const batch = this.#withoutExpired(this.#pending[0] ?? this.#next());
      if (!batch) return;
      if (batch.items.length > 0) await this.#attempt(batch);
      else this.#finish(batch);
    }
  }

  /** The next records that pass the filter, or undefined while there is nothing to do. */
  #next(): Batch | undefined {
    const { settings, source, kind, start } = this.#mapping;
    const port = streamPort(this.#world, kind);
    const fits = compileFilters(settings.filters);
    for (;;) {
      if (!port.exists(source)) return undefined;
      const read = port.read(source, this.#shard, this.#position, settings.batchSize);
      const end = read.at(-1)?.sequenceNumber;
      if (end === undefined) return undefined;
      if (read.length < settings.batchSize && this.#isWindowOpen()) return undefined;
      this.#closeWindow();
      const items = read.filter(
        (item) =>
          item.arrivedAt >= (start?.timestamp ?? 0) && fits(filterView(kind, this.#record(item))),
      );
      if (items.length > 0) {
        const batch = { items, end, failures: 0, invocations: 0 };
        this.#pending = [batch];
        return batch;
      }
      this.#position = end;
    }
  }

  #isWindowOpen(): boolean {
    const ms = this.#mapping.settings.windowSeconds * 1000;
    const { clock } = this.#world;
    if (ms === 0) return false;
    this.#window ??= { endsAt: clock.now() + ms, cancel: clock.after(ms, () => this.wake()) };
    return clock.now() < this.#window.endsAt;
  }

  #closeWindow(): void {
    this.#window?.cancel();
    this.#window = undefined;
  }

  /** Records that waited for too long are given up before they are tried. */
  #withoutExpired(batch: Batch | undefined): Batch | undefined {
    const { maxAgeSeconds } = this.#mapping.settings;
    if (!batch || maxAgeSeconds < 0) return batch;
    const oldest = this.#world.clock.now() - maxAgeSeconds * 1000;
    const expired = batch.items.filter((item) => item.arrivedAt < oldest);
    if (expired.length === 0) return batch;
    this.#report({ ...batch, items: expired }, 'RecordAgeExceeded');
    const rest = { ...batch, items: batch.items.filter((item) => item.arrivedAt >= oldest) };
    this.#replace(rest);
    return rest;
  }

  async #attempt(batch: Batch): Promise<void> {
    const { settings } = this.#mapping;
    const outcome = await invokeBatch(
      this.#world,
      settings.functionArn,
      batch.items.map((item) => this.#record(item)),
      batch.items.map((item) => item.sequenceNumber),
      settings.reportsFailures,
    );
    if (outcome.kind === 'refused') {
      this.#mapping.lastResult = 'PROBLEM: Function call failed';
      this.#backOff();
    } else if (outcome.kind === 'done') {
      this.#mapping.lastResult = 'OK';
      this.#finish(batch);
    } else {
      this.#mapping.lastResult = 'PROBLEM: Function call failed';
      const failedAt =
        outcome.kind === 'partial'
          ? batch.items.findIndex((item) => outcome.failed.has(item.sequenceNumber))
          : 0;
      this.#failed({ ...batch, invocations: batch.invocations + 1 }, failedAt, outcome.reply);
    }
  }

  /** From the first item that failed on, the batch is tried again, is split, or is given up. */
  #failed(batch: Batch, failedAt: number, reply: InvokeOutcome): void {
    const { bisects, maxRetries } = this.#mapping.settings;
    const items = batch.items.slice(failedAt);
    if (bisects && failedAt === 0 && items.length > 1) {
      // Splitting does not count as an attempt.
      const middle = Math.ceil(items.length / 2);
      const first = items.slice(0, middle);
      const end = first.at(-1)?.sequenceNumber ?? batch.end;
      this.#replace({ ...batch, items: first, end }, { ...batch, items: items.slice(middle) });
      this.#backOff();
      return;
    }
    const rest = { ...batch, items, failures: batch.failures + 1 };
    if (maxRetries >= 0 && rest.failures > maxRetries) {
      this.#report(rest, 'RetryAttemptsExhausted', reply);
      this.#finish(rest);
      return;
    }
    this.#replace(rest);
    this.#backOff();
  }

  #finish(batch: Batch): void {
    this.#position = batch.end;
    this.#pending = this.#pending.slice(1);
  }

  /** Puts others in the place of the batch at hand. */
  #replace(...batches: readonly Batch[]): void {
    this.#pending = [...batches, ...this.#pending.slice(1)];
  }

  #backOff(): void {
    if (this.#isStopped) return;
    this.#cancelBackoff = this.#world.clock.after(BACKOFF_MS, () => {
      this.#cancelBackoff = undefined;
      this.wake();
    });
  }

  #report(batch: Batch, condition: GivenUp['condition'], reply?: InvokeOutcome): void {
    reportGivenUp(this.#world, this.#mapping, {
      shard: this.#shard,
      items: batch.items,
      records: batch.items.map((item) => this.#record(item)),
      condition,
      invocations: batch.invocations,
      ...(reply && { reply }),
    });
  }

  #record(item: StreamItem): Readonly<Record<string, unknown>> {
    const { kind, source, settings } = this.#mapping;
    const awsRegion = this.#world.region;
    if (kind === 'dynamodb') {
      const eventID = createHash('md5').update(`${source} ${item.sequenceNumber}`).digest('hex');
      return { eventID, awsRegion, ...item.record, eventSourceARN: source };
    }
    return {
      awsRegion,
      ...item.record,
      eventID: `${this.#shard}:${item.sequenceNumber}`,
      invokeIdentityArn: this.#world.lambda.describe(settings.functionArn)?.roleArn,
      eventSourceARN: source,
    };
  }
}
