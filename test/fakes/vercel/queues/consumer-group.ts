/**
 * One consumer group: each message of its topic is delivered until it is acknowledged. It remembers what it is done with,
 * even while no deployment consumes it.
 */
import { randomBytes } from 'node:crypto';
import type { World } from '../core/ports.ts';
import type { Consumer } from './consumer.ts';
import { QueueFault } from './fault.ts';
import { isOfTopic, type Message } from './message.ts';
import { push } from './push.ts';

export interface GroupParts {
  readonly world: World;
  /** May end in `*`. */
  readonly topic: string;
  readonly consumer: string;
  /** Whose messages it takes; null: those that are for no deployment in particular. */
  readonly deploymentId: string | null;
  /** All that is kept in the project, oldest first. */
  readonly messages: () => Iterable<Message>;
  /** Who takes the deliveries at present; undefined: nobody. */
  readonly find: () => Consumer | undefined;
}

/** What a group knows of a message. */
interface Entry {
  /** `waiting` to be delivered, `leased` to a delivery, or `done`: acknowledged or given up. */
  state: 'waiting' | 'leased' | 'done';
  /** When it may be delivered, or when its lease ends. */
  until: number;
  count: number;
  /** Of the last delivery. */
  receipt: string;
}

/** How long a delivery has the message for itself, unless it changes that. */
const LEASE_SECONDS = 300;
const MAX_LEASE_SECONDS = 3600;

export class ConsumerGroup {
  readonly #parts: GroupParts;
  readonly #entries = new Map<string, Entry>();
  /** Every receipt that was ever given for what is still kept, and the message it was for. */
  readonly #receipts = new Map<string, Message>();
  #delivering = 0;
  #isStopped = false;
  #cancelTimer: () => void = nothing;

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#delivering > 0;
  }

  isFor({ topic, deploymentId }: Message): boolean {
    return deploymentId === this.#parts.deploymentId && isOfTopic(this.#parts.topic, topic);
  }

  /** Delivers what may be delivered now, and comes back for the rest. */
  pump(): void {
    if (this.#isStopped) return;
    const { world } = this.#parts;
    const now = world.clock.now();
    const consumer = this.#parts.find();
    let next = Number.POSITIVE_INFINITY;
    for (const message of this.#parts.messages()) {
      if (!this.isFor(message) || message.expiresMs <= now) continue;
      const entry = this.#entryOf(message, consumer);
      // The lease ended without a word.
      if (entry.state === 'leased' && entry.until <= now) this.#again(entry, now, consumer);
      if (entry.state === 'waiting' && entry.until <= now) {
        if (consumer && this.#hasRoom(consumer)) this.#deliver(message, entry, consumer);
      }
      if (entry.state !== 'done' && entry.until > now) next = Math.min(next, entry.until);
    }
    this.#cancelTimer();
    this.#cancelTimer = nothing;
    if (Number.isFinite(next)) {
      this.#cancelTimer = world.clock.after(next - now, () => this.pump());
    }
  }

  /** Who names no deployment sees what was sent to none (`@vercel/queue`, `deploymentId`: "lease validation"). */
  isOpenTo(deploymentId: string | undefined): boolean {
    const own = this.#parts.deploymentId;
    return own === null || own === deploymentId;
  }

  /** Whether it gave this receipt. */
  knows(receipt: string): boolean {
    return this.#receipts.has(receipt);
  }

  acknowledge(receipt: string): void {
    this.#leaseOf(receipt).state = 'done';
    this.pump();
  }

  changeVisibility(receipt: string, seconds: unknown): void {
    const isInteger = typeof seconds === 'number' && Number.isInteger(seconds);
    if (!isInteger || seconds < 0 || seconds > MAX_LEASE_SECONDS) {
      throw new QueueFault(
        400,
        `visibilityTimeoutSeconds must be an integer from 0 to ${MAX_LEASE_SECONDS}`,
      );
    }
    this.#leaseOf(receipt).until = this.#parts.world.clock.now() + seconds * 1000;
    this.pump();
  }

  forget(message: Message): void {
    this.#entries.delete(message.messageId);
    for (const [receipt, { messageId }] of this.#receipts) {
      if (messageId === message.messageId) this.#receipts.delete(receipt);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#entries.clear();
    this.#receipts.clear();
  }

  #entryOf(message: Message, consumer: Consumer | undefined): Entry {
    const known = this.#entries.get(message.messageId);
    if (known) return known;
    const first = message.createdMs + (consumer?.trigger.initialDelaySeconds ?? 0) * 1000;
    const until = Math.max(message.visibleMs, first);
    const entry: Entry = { state: 'waiting', until, count: 0, receipt: '' };
    this.#entries.set(message.messageId, entry);
    return entry;
  }

  /** The entry that the receipt still holds. https://vercel.com/docs/queues/api: 404, 409 and 410 */
  #leaseOf(receipt: string): Entry {
    const message = this.#receipts.get(receipt);
    const now = this.#parts.world.clock.now();
    const entry = message && message.expiresMs > now && this.#entries.get(message.messageId);
    if (!entry) throw new QueueFault(404, 'Message not found');
    if (entry.state === 'done') throw new QueueFault(410, 'Message already processed');
    if (entry.state !== 'leased' || entry.receipt !== receipt || entry.until <= now) {
      throw new QueueFault(409, 'Invalid receipt handle: the message is not leased by it any more');
    }
    return entry;
  }

  #hasRoom({ trigger }: Consumer): boolean {
    return this.#delivering < (trigger.maxConcurrency ?? Number.POSITIVE_INFINITY);
  }

  #deliver(message: Message, entry: Entry, consumer: Consumer): void {
    const { world } = this.#parts;
    entry.state = 'leased';
    entry.count += 1;
    entry.receipt = randomBytes(24).toString('base64url');
    entry.until = world.clock.now() + LEASE_SECONDS * 1000;
    const { receipt, count, until: untilMs } = entry;
    this.#receipts.set(receipt, message);
    this.#delivering += 1;
    world.work.run(async () => {
      try {
        const isTaken = await push(world, consumer, message, { receipt, count, untilMs });
        // Meanwhile it was acknowledged, or its lease ended, and another delivery has it.
        const isHeld = entry.state === 'leased' && entry.receipt === receipt;
        // An answer of success acknowledges nothing: the consumer does, or its lease ends.
        if (isHeld && !isTaken) {
          const retryMs = consumer.trigger.retryAfterSeconds * 1000;
          this.#again(entry, world.clock.now() + retryMs, consumer);
        }
      } finally {
        this.#delivering -= 1;
        this.pump();
      }
    });
  }

  /** To be delivered again, unless that happened too often. */
  #again(entry: Entry, atMs: number, consumer: Consumer | undefined): void {
    const most = consumer?.trigger.maxDeliveries ?? Number.POSITIVE_INFINITY;
    entry.state = entry.count >= most ? 'done' : 'waiting';
    entry.until = atMs;
  }
}

function nothing(): void {
  // Nothing waits.
}
