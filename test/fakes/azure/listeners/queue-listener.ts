/** Brings the messages of a storage queue to a function, as the Functions host does it. */
import { isUtf8 } from 'node:buffer';
import { textOf } from '../core/json.ts';
import type { QueueItem, TriggerData, World } from '../core/ports.ts';
import { resolveConnection } from './connection.ts';
import { offsetTime } from './dotnet-time.ts';
import { countOf, hostOption, spanMs } from './host-config.ts';
import { hostTrace } from './host-trace.ts';
import { queueSource, type QueueSource } from './storage-access.ts';
import { messageValue } from './trigger-value.ts';
import type { Trigger } from './triggers.ts';
import type { ServedSite } from './watch.ts';

/** While a message is worked on it is hidden for so long, and again from half of it on. */
const LEASE_MS = 10 * 60_000;
/** While the identity may not read, it is tried again after this time. */
const REFUSED_MS = 15_000;
const MAX_BATCH = 32;

interface QueueOptions {
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  readonly visibilityMs: number;
  readonly isBase64: boolean;
}

export class QueueListener {
  readonly #world: World;
  readonly #site: ServedSite;
  readonly #functionName: string;
  readonly #trigger: Trigger;
  readonly #queue: string;
  readonly #options: QueueOptions;
  readonly #source: QueueSource | undefined;
  #running = 0;
  #isDue = false;
  #isStopped = false;
  #cancelRetry: (() => void) | undefined;
  #lastProblem = '';

  constructor(world: World, site: ServedSite, trigger: Trigger) {
    this.#world = world;
    this.#site = site;
    this.#functionName = trigger.functionName;
    this.#trigger = trigger;
    this.#queue = textOf(trigger.options['queueName']).toLowerCase();
    this.#options = optionsOf(world.web.hostConfigOf(site.siteId));
    const name = textOf(trigger.options['connection']);
    const source = queueSource(world, resolveConnection(world, site.siteId, name));
    if ('problem' in source) this.#notStarted(source.problem);
    else this.#source = source;
  }

  /** Whether a message is worked on, or is about to be. */
  get isBusy(): boolean {
    return this.#running > 0 || this.#isDue;
  }

  reads(account: string, queue: string): boolean {
    return this.#source?.account === account && this.#queue === queue;
  }

  /** Looks at the queue once all that happens in this turn has happened: what is sent together arrives together. */
  wake(): void {
    if (this.#isDue || this.#isStopped || !this.#source) return;
    this.#isDue = true;
    this.#world.work.run(async () => {
      await Promise.resolve();
      this.#isDue = false;
      this.#poll();
    });
  }

  /** Takes no more messages. What is under way is brought to its end. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #poll(): void {
    if (this.#isStopped || !this.#source) return;
    const { queues } = this.#world;
    const { account } = this.#source;
    // The host does not make its queue: it waits for it.
    if (!queues.exists(account, this.#queue)) return;
    if (!this.#source.mayProcess(this.#queue)) return this.#refused();
    this.#lastProblem = '';
    const { batchSize, newBatchThreshold } = this.#options;
    while (this.#running <= newBatchThreshold) {
      const items = queues.receive(account, this.#queue, batchSize, LEASE_MS / 1000);
      for (const item of items) this.#start(item, this.#source);
      if (items.length < batchSize) return;
    }
  }

  #refused(): void {
    this.#notStarted(
      `Azure.Storage.Queues: This request is not authorized to perform this operation using this permission. Status: 403 (AuthorizationPermissionMismatch), queue '${this.#queue}'.`,
    );
    this.#cancelRetry ??= this.#world.clock.after(REFUSED_MS, () => {
      this.#cancelRetry = undefined;
      this.wake();
    });
  }

  #start(item: QueueItem, source: QueueSource): void {
    this.#running += 1;
    this.#world.work.run(async () => {
      const stopRenewal = this.#renew(item, source);
      try {
        await this.#process(item, source, stopRenewal);
      } finally {
        stopRenewal();
        this.#running -= 1;
        this.wake();
      }
    });
  }

  async #process(item: QueueItem, source: QueueSource, stopRenewal: () => void): Promise<void> {
    const { maxDequeueCount, visibilityMs, isBase64 } = this.#options;
    const { account } = source;
    const body = isBase64 ? decoded(item.text) : Buffer.from(item.text);
    // A message that came too often took its worker with it each time.
    if (!body || item.dequeueCount > maxDequeueCount) return this.#poison(item, source);
    const outcome = await this.#site.host.invoke({
      functionName: this.#functionName,
      ...messageValue(this.#trigger, body, metadataOf(item, body)),
    });
    stopRenewal();
    if (outcome.ok) {
      this.#world.queues.delete(account, this.#queue, item.messageId, item.popReceipt);
      return;
    }
    // The host itself was ended: nobody is there to say anything about the message, which shows up again by itself.
    if (this.#isStopped && outcome.crashed) return;
    if (item.dequeueCount >= maxDequeueCount) return this.#poison(item, source);
    if (!source.mayWrite(this.#queue)) return this.#say(3, 'The message cannot be released: 403.');
    const seconds = visibilityMs / 1000;
    this.#world.queues.release(account, this.#queue, item.messageId, item.popReceipt, seconds);
  }

  #poison(item: QueueItem, source: QueueSource): void {
    const { queues } = this.#world;
    const { account } = source;
    const poison = `${this.#queue}-poison`;
    if (!source.mayWrite(poison)) {
      return this.#say(3, `The message cannot be moved to queue '${poison}': 403.`);
    }
    const { maxDequeueCount } = this.#options;
    this.#say(
      2,
      `Message has reached MaxDequeueCount of ${maxDequeueCount}. Moving message to queue '${poison}'.`,
    );
    if (!queues.exists(account, poison)) queues.create(account, poison);
    queues.put(account, poison, item.text);
    queues.delete(account, this.#queue, item.messageId, item.popReceipt);
  }

  /** Keeps a message hidden for as long as it is worked on. */
  #renew(item: QueueItem, source: QueueSource): () => void {
    let cancel = (): void => {};
    const arm = (): void => {
      cancel = this.#world.clock.after(LEASE_MS / 2, () => {
        if (!source.mayWrite(this.#queue)) return;
        const { messageId, popReceipt } = item;
        const seconds = LEASE_MS / 1000;
        this.#world.queues.release(source.account, this.#queue, messageId, popReceipt, seconds);
        arm();
      });
    };
    arm();
    return () => cancel();
  }

  #notStarted(problem: string): void {
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    this.#say(
      3,
      `The listener for function 'Functions.${this.#functionName}' was unable to start. ${problem}`,
    );
  }

  #say(severity: 2 | 3, message: string): void {
    const functionName = this.#functionName;
    hostTrace(this.#world, this.#site.siteId, { message, severity, functionName });
  }
}

function optionsOf(config: Readonly<Record<string, unknown>>): QueueOptions {
  const option = (name: string): unknown => hostOption(config, ['extensions', 'queues', name]);
  const batchSize = Math.min(MAX_BATCH, Math.max(1, countOf(option('batchSize')) ?? 16));
  return {
    batchSize,
    newBatchThreshold: countOf(option('newBatchThreshold')) ?? Math.floor(batchSize / 2),
    maxDequeueCount: Math.max(1, countOf(option('maxDequeueCount')) ?? 5),
    visibilityMs: spanMs(option('visibilityTimeout')) ?? 0,
    isBase64: textOf(option('messageEncoding')).toLowerCase() !== 'none',
  };
}

/** Undefined when it is no base64. */
function decoded(text: string): Buffer | undefined {
  const plain = text.replaceAll(/\s/g, '');
  const isBase64 = plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
  return isBase64 ? Buffer.from(plain, 'base64') : undefined;
}

/** As the host sends it: texts as texts, all else as JSON, times as .NET writes them. */
function metadataOf(item: QueueItem, body: Buffer): Readonly<Record<string, TriggerData>> {
  const time = (at: number): TriggerData => ({ json: JSON.stringify(wholeSeconds(at)) });
  return {
    Id: { string: item.messageId },
    DequeueCount: { json: String(item.dequeueCount) },
    InsertionTime: time(item.insertedAt),
    ExpirationTime: time(item.expiresAt),
    NextVisibleTime: time(item.nextVisibleAt),
    PopReceipt: { string: item.popReceipt },
    // The text of the message, also for a trigger that wants bytes; it is left out where they are no text.
    ...(isUtf8(body) && { QueueTrigger: { string: body.toString('utf8') } }),
  };
}

/** The service tells times in whole seconds. */
function wholeSeconds(at: number): string {
  return offsetTime(Math.floor(at / 1000) * 1000);
}
