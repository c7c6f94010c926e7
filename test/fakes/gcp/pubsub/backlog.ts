/** What a subscription has not been told to be done with, oldest first. */
import type { FakeClock } from '../core/ports.ts';
import type { Message } from './message.ts';

export interface Held {
  readonly message: Message;
  /** Deliveries so far, the one that is out counted. */
  attempts: number;
  state: 'ready' | 'out' | 'delayed';
  /** When it may go again, or when whoever has it must be done with it. */
  until: number;
  cancel: () => void;
}

export class Backlog {
  readonly #clock: FakeClock;
  readonly #held = new Set<Held>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  get all(): readonly Held[] {
    return [...this.#held];
  }

  has(held: Held): boolean {
    return this.#held.has(held);
  }

  add(message: Message): void {
    this.#held.add({ message, attempts: 0, state: 'ready', until: 0, cancel: nothing });
  }

  /** The next that may go. With an order, nothing passes what came before it with the same key. */
  next(isOrdered: boolean): Held | undefined {
    const keys = new Set<string>();
    for (const held of this.#held) {
      const { orderingKey } = held.message;
      const isBehind = isOrdered && orderingKey !== '' && keys.has(orderingKey);
      if (held.state === 'ready' && !isBehind) return held;
      keys.add(orderingKey);
    }
    return undefined;
  }

  takeOut(held: Held): void {
    held.attempts += 1;
    held.state = 'out';
  }

  /** Calls when whoever has it kept it for so long. */
  lease(held: Held, ms: number, ended: () => void): void {
    this.#after(held, ms, ended);
  }

  /** It comes back, and may go again after so long. */
  putBack(held: Held, delayMs: number, ready: () => void): void {
    held.state = 'delayed';
    this.#after(held, delayMs, () => {
      held.state = 'ready';
      ready();
    });
  }

  delete(held: Held): void {
    held.cancel();
    this.#held.delete(held);
  }

  /** Takes away what was published before then. */
  expire(before: number): void {
    for (const held of this.#held) {
      if (held.message.publishedMs < before && held.state !== 'out') this.delete(held);
    }
  }

  clear(): void {
    for (const held of this.#held) this.delete(held);
  }

  #after(held: Held, ms: number, callback: () => void): void {
    held.cancel();
    held.until = this.#clock.now() + ms;
    held.cancel = this.#clock.after(ms, callback);
  }
}

function nothing(): void {
  // Nothing waits.
}
