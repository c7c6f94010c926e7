import type { Clock } from 'polyfaas/spi';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/** Waits longer and longer before it tries again to start instances that keep failing. */
export class StandingInstances {
  readonly #clock: Clock;
  readonly #fill: () => void;
  #failures = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, fill: () => void) {
    this.#clock = clock;
    this.#fill = fill;
  }

  /** True while it holds back. */
  get waiting(): boolean {
    return this.#cancel !== undefined;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    if (this.#cancel) return;
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#fill();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
