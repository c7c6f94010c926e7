/** Time, injected: tokens and key sets age by it. */
export interface HttpClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once, after `delayMs`. Returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's own. Its timers keep no process alive. */
export const MACHINE_CLOCK: HttpClock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
