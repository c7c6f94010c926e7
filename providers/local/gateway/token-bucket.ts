/** A rate limit: tokens drip in at a steady pace, up to `burst`; a request takes one. */
export class TokenBucket {
  readonly requestsPerSecond: number;
  readonly burst: number;
  #tokens: number;
  #at: number;

  constructor(requestsPerSecond: number, burst: number, nowMs: number) {
    this.requestsPerSecond = requestsPerSecond;
    this.burst = burst;
    this.#tokens = burst;
    this.#at = nowMs;
  }

  /** Takes a token and gives 0, or gives the milliseconds until there is one. */
  take(nowMs: number): number {
    // A clock set back must not take tokens away.
    const elapsedMs = Math.max(0, nowMs - this.#at);
    this.#at = nowMs;
    this.#tokens = Math.min(this.burst, this.#tokens + (elapsedMs / 1000) * this.requestsPerSecond);
    // Sums of fractions fall short of a whole by a hair.
    if (this.#tokens >= 1 - 1e-9) {
      this.#tokens -= 1;
      return 0;
    }
    return ((1 - this.#tokens) / this.requestsPerSecond) * 1000;
  }
}
