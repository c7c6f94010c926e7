/** One storage queue: what is in it, and who may see it now. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { FakeClock, QueueItem } from '../../core/ports.ts';
import { StorageFault } from '../fault.ts';

/** How long a message stays when nobody says otherwise: seven days. */
export const DEFAULT_TTL_MS = 7 * 86_400_000;

/** A message that never expires is kept until the end of the service's calendar. */
const FOREVER = Date.UTC(9999, 11, 31, 23, 59, 59);

interface Message {
  readonly messageId: string;
  text: string;
  popReceipt: string;
  dequeueCount: number;
  readonly insertedAt: number;
  readonly expiresAt: number;
  nextVisibleAt: number;
}

export class Queue {
  metadata: Readonly<Record<string, string>>;
  readonly #clock: FakeClock;
  readonly #notify: () => void;
  #messages: Message[] = [];
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;

  /** @param notify something may have become visible. */
  constructor(clock: FakeClock, metadata: Readonly<Record<string, string>>, notify: () => void) {
    this.#clock = clock;
    this.metadata = metadata;
    this.#notify = notify;
  }

  /** @param ttlMs infinite: never expires. */
  put(text: string, delayMs = 0, ttlMs = DEFAULT_TTL_MS): QueueItem {
    const now = this.#clock.now();
    const message: Message = {
      messageId: randomUUID(),
      text,
      popReceipt: newReceipt(),
      dequeueCount: 0,
      insertedAt: now,
      expiresAt: Math.min(now + ttlMs, FOREVER),
      nextVisibleAt: now + delayMs,
    };
    this.#messages.push(message);
    this.#changed(message.nextVisibleAt <= now);
    return { ...message };
  }

  /** Visible messages, each hidden from now on. */
  receive(max: number, visibilityMs: number): readonly QueueItem[] {
    const now = this.#clock.now();
    const received = this.#visible().slice(0, max);
    for (const message of received) {
      message.dequeueCount += 1;
      message.popReceipt = newReceipt();
      message.nextVisibleAt = now + visibilityMs;
    }
    const items = received.map((message) => ({ ...message }));
    this.#changed(false);
    return items;
  }

  /** The front of what is visible; nothing changes. */
  peek(max: number): readonly QueueItem[] {
    return this.#visible()
      .slice(0, max)
      .map((message) => ({ ...message }));
  }

  /** Whatever is in it, visible or not. */
  all(): readonly QueueItem[] {
    this.#dropExpired();
    return this.#messages.map((message) => ({ ...message }));
  }

  /** Throws a fault when the message is gone, or was received by somebody else since. */
  delete(messageId: string, popReceipt: string): void {
    const message = this.#held(messageId, popReceipt);
    this.#messages = this.#messages.filter((each) => each !== message);
    this.#changed(false);
  }

  /** Gives it a new receipt, and hides it for so long from now. */
  update(messageId: string, popReceipt: string, visibilityMs: number, text?: string): QueueItem {
    const message = this.#held(messageId, popReceipt);
    message.popReceipt = newReceipt();
    if (text !== undefined) message.text = text;
    this.#hide(message, visibilityMs);
    return { ...message };
  }

  /** As `update`, for the consumer inside the fake, which keeps its receipt. */
  hide(messageId: string, popReceipt: string, visibilityMs: number): void {
    this.#hide(this.#held(messageId, popReceipt), visibilityMs);
  }

  clear(): void {
    this.#messages = [];
    this.#changed(false);
  }

  nextVisibleAt(): number | undefined {
    const now = this.#clock.now();
    this.#dropExpired();
    const times = this.#messages
      .map((message) => message.nextVisibleAt)
      .filter((visibleAt) => visibleAt > now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** The queue is gone: nothing more happens in it. */
  close(): void {
    this.#messages = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #hide(message: Message, visibilityMs: number): void {
    const now = this.#clock.now();
    message.nextVisibleAt = now + visibilityMs;
    this.#changed(message.nextVisibleAt <= now);
  }

  #held(messageId: string, popReceipt: string): Message {
    this.#dropExpired();
    const message = this.#messages.find((each) => each.messageId === messageId);
    if (!message) {
      throw new StorageFault(404, 'MessageNotFound', 'The specified message does not exist.');
    }
    if (message.popReceipt === popReceipt) return message;
    throw new StorageFault(
      400,
      'PopReceiptMismatch',
      'The specified pop receipt did not match the pop receipt for a dequeued message.',
    );
  }

  #visible(): readonly Message[] {
    this.#dropExpired();
    const now = this.#clock.now();
    return this.#messages.filter((message) => message.nextVisibleAt <= now);
  }

  #dropExpired(): void {
    const now = this.#clock.now();
    if (this.#messages.every((message) => message.expiresAt > now)) return;
    this.#messages = this.#messages.filter((message) => message.expiresAt > now);
  }

  /** One timer, for the next message that becomes visible. */
  #changed(isVisible: boolean): void {
    const at = this.nextVisibleAt();
    if (at !== this.#timer?.at) {
      this.#timer?.cancel();
      this.#timer = at === undefined ? undefined : { at, cancel: this.#wakeAt(at) };
    }
    if (isVisible) this.#notify();
  }

  #wakeAt(at: number): () => void {
    return this.#clock.after(at - this.#clock.now(), () => {
      this.#timer = undefined;
      this.#changed(true);
    });
  }
}

function newReceipt(): string {
  return `AgAAAAMAAAAAAAAA${randomBytes(8).toString('base64')}`;
}
