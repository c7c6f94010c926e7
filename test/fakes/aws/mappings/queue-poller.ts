/** Brings the messages of a queue to a function. */
import type { ReceivedMessage, World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { compileFilters, filterView } from './filter.ts';
import type { Mapping } from './mapping.ts';
import { invokeBatch } from './outcome.ts';
import type { Poller } from './poller.ts';

/** So many batches run at once when no cap is set; the service begins with five and takes its time for more. */
const CONCURRENCY = 5;
/** While the role lost its rights, or there is no function, it is asked again after this time. */
const REFUSED_MS = 1000;
/** A batch ends at the size of a synchronous invocation, whatever the settings say. */
const MAX_BATCH_BYTES = 6_000_000;

export class QueuePoller implements Poller {
  readonly #world: World;
  readonly #mapping: Mapping;
  #running = 0;
  #isDue = false;
  #isStopped = false;
  /** Received, and waiting for more until the window ends. */
  #gathered: ReceivedMessage[] = [];
  #windowEnded = false;
  #cancelWindow: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(world: World, mapping: Mapping) {
    this.#world = world;
    this.#mapping = mapping;
  }

  get isBusy(): boolean {
    return this.#running > 0 || this.#isDue;
  }

  /** Looks at the queue once all that happens in this turn has happened: what is sent together arrives together. */
  wake(): void {
    if (this.#isDue || this.#isStopped) return;
    this.#isDue = true;
    this.#world.work.run(async () => {
      await Promise.resolve();
      this.#isDue = false;
      this.#poll();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#forget();
  }

  #forget(): void {
    // What was received comes back by itself when its visibility timeout ends.
    this.#gathered = [];
    this.#windowEnded = false;
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #poll(): void {
    if (this.#isStopped || !this.#mapping.isDelivering) return this.#forget();
    const { sqs } = this.#world;
    const { settings, source } = this.#mapping;
    if (!sqs.exists(source)) return;
    if (!this.#mayReceive()) return this.#retryLater();
    const limit = settings.maxConcurrency ?? CONCURRENCY;
    while (this.#running < limit) {
      if (this.#isReady()) {
        this.#dispatch();
        continue;
      }
      const received = sqs.receive(source, settings.batchSize - this.#gathered.length);
      if (received.length === 0) return;
      this.#gathered.push(...this.#wanted(received));
      if (this.#gathered.length > 0) this.#openWindow();
    }
  }

  #isReady(): boolean {
    const { batchSize, windowSeconds } = this.#mapping.settings;
    if (this.#gathered.length === 0) return false;
    return windowSeconds === 0 || this.#windowEnded || this.#gathered.length >= batchSize;
  }

  #openWindow(): void {
    const { windowSeconds } = this.#mapping.settings;
    if (windowSeconds === 0 || this.#cancelWindow) return;
    this.#cancelWindow = this.#world.clock.after(windowSeconds * 1000, () => {
      this.#windowEnded = true;
      this.wake();
    });
  }

  #mayReceive(): boolean {
    const described = this.#world.lambda.describe(this.#mapping.settings.functionArn);
    if (!described) return false;
    const { roleArn } = described;
    return this.#world.iam.roleAllows(roleArn, 'sqs:ReceiveMessage', this.#mapping.source);
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#world.clock.after(REFUSED_MS, () => {
      this.#cancelRetry = undefined;
      this.wake();
    });
  }

  /** Those that pass the filter. The others are deleted, as the service does it. */
  #wanted(received: readonly ReceivedMessage[]): readonly ReceivedMessage[] {
    const fits = compileFilters(this.#mapping.settings.filters);
    return received.filter((message) => {
      const isWanted = fits(filterView('sqs', this.#record(message)));
      if (!isWanted) this.#delete(message);
      return isWanted;
    });
  }

  #dispatch(): void {
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    this.#windowEnded = false;
    const batch: ReceivedMessage[] = [];
    let bytes = 0;
    for (const message of this.#gathered) {
      bytes += Buffer.byteLength(JSON.stringify(this.#record(message)));
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
      batch.push(message);
    }
    this.#gathered = this.#gathered.slice(batch.length);
    // What did not fit has waited as long.
    this.#windowEnded = this.#gathered.length > 0;
    this.#running += 1;
    this.#world.work.run(() => this.#deliver(batch));
  }

  async #deliver(batch: readonly ReceivedMessage[]): Promise<void> {
    try {
      const { settings } = this.#mapping;
      const outcome = await invokeBatch(
        this.#world,
        settings.functionArn,
        batch.map((message) => this.#record(message)),
        batch.map((message) => message.messageId),
        settings.reportsFailures,
      );
      // All that is not deleted becomes visible again when its visibility timeout ends.
      for (const message of batch) {
        const isDone =
          outcome.kind === 'done' ||
          (outcome.kind === 'partial' && !outcome.failed.has(message.messageId));
        if (isDone) this.#delete(message);
      }
    } finally {
      this.#running -= 1;
      this.wake();
    }
  }

  #delete(message: ReceivedMessage): void {
    try {
      this.#world.sqs.delete(this.#mapping.source, message.receiptHandle);
    } catch (error) {
      // A FIFO queue does not take a handle back that has expired: the message comes again.
      if (!(error instanceof AwsFault)) throw error;
    }
  }

  #record(message: ReceivedMessage): Readonly<Record<string, unknown>> {
    return {
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: message.attributes,
      messageAttributes: Object.fromEntries(
        Object.entries(message.messageAttributes).map(
          ([name, { dataType, stringValue, binaryValue }]) => [
            name,
            {
              ...(stringValue !== undefined && { stringValue }),
              ...(binaryValue !== undefined && { binaryValue }),
              stringListValues: [],
              binaryListValues: [],
              dataType,
            },
          ],
        ),
      ),
      md5OfBody: message.md5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.#mapping.source,
      awsRegion: this.#world.region,
    };
  }
}
