/** The messages of one queue, subscription or dead-letter queue, with locks and sessions. */
import { guidOf } from '../core/guid.ts';
import type { FakeClock } from '../core/ports.ts';
import type { Message, MessageDraft } from './message.ts';

/** Settings are looked up when they are needed: they may change. */
export interface StoreSettings {
  maxDeliveryCount(): number;
  timeToLiveMs(): number;
  /** Takes what is given up. `reason` as Service Bus names it. */
  deadLetter(message: Message, reason: string, description: string): void;
  /** Whether what expires is kept as a dead letter. */
  keepsExpired(): boolean;
}

export class MessageStore {
  /** Tells stores apart in lock tokens. */
  readonly #name: string;
  readonly #clock: FakeClock;
  readonly #settings: StoreSettings;
  readonly #listeners = new Set<() => void>();
  #messages: Message[] = [];
  #sequence = 0;
  #locks = 0;
  #wake: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(name: string, clock: FakeClock, settings: StoreSettings) {
    this.#name = name;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** All that is there, in order; scheduled messages too. */
  get messages(): readonly Message[] {
    this.#expire();
    return this.#messages;
  }

  /** Whether a message waits that nobody holds. */
  get hasDue(): boolean {
    return this.messages.some((message) => this.#isFree(message));
  }

  put(draft: MessageDraft): void {
    this.#sequence += 1;
    const at = Math.max(draft.enqueueAt, this.#clock.now());
    const ttl = Math.min(draft.timeToLiveMs ?? Infinity, this.#settings.timeToLiveMs());
    this.#messages.push({
      ...draft,
      enqueueAt: at,
      sequenceNumber: this.#sequence,
      expiresAt: at + ttl,
      deliveryCount: 0,
      lockedUntil: 0,
      lockToken: '',
    });
    this.#changed();
  }

  /** Takes the next message that is free, in the order of its enqueuing, and locks it. */
  receive(lockMs: number, fits: (message: Message) => boolean): Message | undefined {
    const found = this.messages
      .toSorted((one, other) => one.enqueueAt - other.enqueueAt)
      .find((message) => this.#isFree(message) && fits(message));
    if (!found) return undefined;
    this.#locks += 1;
    found.deliveryCount += 1;
    found.lockedUntil = this.#clock.now() + lockMs;
    found.lockToken = guidOf(`${this.#name} lock ${this.#locks}`);
    return { ...found };
  }

  complete(lockToken: string): void {
    this.#messages = this.#messages.filter((message) => message.lockToken !== lockToken);
  }

  /** Gives a message back: it is there again at once, or given up. */
  abandon(lockToken: string): void {
    const found = this.#held(lockToken);
    if (!found) return;
    found.lockedUntil = 0;
    const max = this.#settings.maxDeliveryCount();
    if (found.deliveryCount >= max) {
      this.complete(lockToken);
      this.#settings.deadLetter(
        found,
        'MaxDeliveryCountExceeded',
        `Message could not be consumed after ${max} delivery attempts.`,
      );
    }
    this.#changed();
  }

  /** Nobody gives it back: it is there again when its lock ends. */
  letGo(lockToken: string, lockMs: number): void {
    const found = this.#held(lockToken);
    if (!found) return;
    found.lockedUntil = this.#clock.now() + lockMs;
    this.#changed();
  }

  /** Takes all that is there, and that nobody holds. */
  drain(): readonly Message[] {
    const taken = this.messages.filter((message) => this.#isFree(message));
    this.#messages = this.#messages.filter((message) => !taken.includes(message));
    return taken;
  }

  /** Calls when something may have become free. Returns what ends it. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#wake?.cancel();
    this.#messages = [];
  }

  #held(lockToken: string): Message | undefined {
    return this.#messages.find((message) => message.lockToken === lockToken);
  }

  #isFree(message: Message): boolean {
    const now = this.#clock.now();
    const isSpent = message.deliveryCount >= this.#settings.maxDeliveryCount();
    return message.enqueueAt <= now && message.lockedUntil <= now && !isSpent;
  }

  /** What is too old, and what was lost for the last time, goes. */
  #expire(): void {
    const now = this.#clock.now();
    const max = this.#settings.maxDeliveryCount();
    for (const message of this.#messages.filter(({ lockedUntil }) => lockedUntil <= now)) {
      const isSpent = message.deliveryCount >= max;
      if (message.expiresAt > now && !isSpent) continue;
      this.#messages = this.#messages.filter((one) => one !== message);
      if (isSpent) {
        const told = `Message could not be consumed after ${max} delivery attempts.`;
        this.#settings.deadLetter(message, 'MaxDeliveryCountExceeded', told);
      } else if (this.#settings.keepsExpired()) {
        const told = 'The message expired and was dead lettered.';
        this.#settings.deadLetter(message, 'TTLExpiredException', told);
      }
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
    this.#planWake();
  }

  /** Looks again when the next message becomes free, or too old. */
  #planWake(): void {
    const now = this.#clock.now();
    const times = this.#messages
      .flatMap(({ enqueueAt, lockedUntil, expiresAt }) => [enqueueAt, lockedUntil, expiresAt])
      .filter((time) => time > now && time < now + MAX_WAKE_MS);
    const next = Math.min(...times);
    if (next === this.#wake?.at) return;
    this.#wake?.cancel();
    this.#wake = undefined;
    if (next === Infinity) return;
    const cancel = this.#clock.after(next - now, () => {
      this.#wake = undefined;
      this.#expire();
      this.#changed();
    });
    this.#wake = { at: next, cancel };
  }
}

/** Nothing is planned further ahead. */
const MAX_WAKE_MS = 100 * 86_400_000;
