import type { Clock, Random } from 'polyfaas/spi';
import type { Lane } from './lane.ts';
import { throttleDelayMs } from './retry.ts';

/**
 * Leaves functions alone for a while that said that they are at their limit. In real time, whatever the clock of the
 * platform: the calls that they are busy with live in it too, and what pauses is neither late nor to be tried later, but
 * on its way.
 */
export class Throttles {
  /** Called when a pause is over. */
  onEnd: () => void = () => {};
  readonly #realTime: Pick<Clock, 'after'>;
  readonly #random: Random;
  /** With what cancels them. */
  readonly #pauses = new Map<Lane, () => void>();

  constructor(parts: { readonly realTime: Pick<Clock, 'after'>; readonly random: Random }) {
    this.#realTime = parts.realTime;
    this.#random = parts.random;
  }

  get isAny(): boolean {
    return this.#pauses.size > 0;
  }

  pauses(lane: Lane): boolean {
    return this.#pauses.has(lane);
  }

  /** @param askedMs what the refusal itself asked for. */
  begin(lane: Lane, askedMs: number | undefined): void {
    // Calls that were refused together are one refusal.
    if (this.#pauses.has(lane)) return;
    lane.refusedInRow += 1;
    const delayMs = throttleDelayMs(lane.refusedInRow, askedMs, this.#random);
    const cancel = this.#realTime.after(delayMs, () => {
      this.#pauses.delete(lane);
      lane.dirty = true;
      this.onEnd();
    });
    this.#pauses.set(lane, cancel);
  }

  stop(): void {
    for (const cancel of this.#pauses.values()) cancel();
    this.#pauses.clear();
  }
}

/** Holds the process for as long: something is being delivered. */
export const realTime: Pick<Clock, 'after'> = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
