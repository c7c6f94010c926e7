/** Time, injected: waits, backoff, schedules and faults run on it, so tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls `callback` once, after `delayMs`. The timer does not keep the process alive.
   * @returns a function that cancels it.
   */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness, injected: 0 <= value < 1. */
export type Random = () => number;
