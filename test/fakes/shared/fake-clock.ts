/** Simulated time. States that "take a while" are computed from `now()`; timers are for what must happen by itself. */
export interface FakeClock {
  now(): number;
  /** Calls once, so much simulated time later. Returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}
