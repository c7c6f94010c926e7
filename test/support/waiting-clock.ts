import type { Clock } from 'polyfaas/spi';
import type { ManualClock } from './manual-clock.ts';

/**
 * A clock on which waiting takes no time: whoever sleeps moves the clock on by so much. Timers still wait until
 * somebody moves it. For a client whose platform is simulated on the same clock, so that it may poll.
 */
export class WaitingClock implements Clock {
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#clock.after(delayMs, callback);
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const slept = this.#clock.sleep(delayMs, signal);
    // One that is given up while time moves on is told of below.
    slept.catch(() => {});
    // Where the signal has aborted, nobody waits, and time stands.
    if (signal?.aborted !== true) await this.#clock.advance(delayMs);
    await slept;
  }
}
