/** How slowly a simulated clock moves, so that it does not outrun what really starts on a machine that is busy. */

const PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 500;
/** So, the 20 s of an attempt are over after four times what the work takes: they are about 32 steps of the clock. */
const PAUSES_OF_WORK = 8;
/** What is known is doubted with time: the machine may have been busy only for a while. */
const KEPT = 0.8;

export class Pace {
  #usualMs = 0;

  /** Work for which the clock stands: it takes what it takes in real time. */
  async timed<Value>(work: () => Promise<Value>): Promise<Value> {
    const startedAt = performance.now();
    const value = await work();
    this.#usualMs = Math.max(this.#usualMs * KEPT, performance.now() - startedAt);
    return value;
  }

  /** In real time, between two steps of the clock. */
  get pauseMs(): number {
    return Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, this.#usualMs / PAUSES_OF_WORK));
  }
}
