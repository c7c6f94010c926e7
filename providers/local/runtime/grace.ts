/** Time to read, beside what has just come due, what else has arrived. */
const READ_MS = 20;

/** However many others end meanwhile, patience has an end: at so many times the grace. */
const MOST_GRACES = 10;

/** When an instance of this process ended last. */
let lastEndMs = Number.NEGATIVE_INFINITY;

/**
 * How long an instance may take to end. Where the loop of this process was blocked, its timers come due before what
 * arrived meanwhile is read: so the end that is there already is given the time to be heard of. And where many are told
 * to end at once, each waits for a processor: while others do end, so will this one.
 */
export class Grace {
  #timer: NodeJS.Timeout | undefined;

  begin(graceMs: number, over: () => void): void {
    const lastMs = performance.now() + graceMs * MOST_GRACES;
    const wait = (ms: number): void => {
      this.#timer = setTimeout(() => {
        this.#timer = setTimeout(() => {
          const nowMs = performance.now();
          const leftMs = Math.min(lastEndMs + graceMs, lastMs) - nowMs;
          if (leftMs > 0) wait(leftMs);
          else over();
        }, READ_MS);
      }, ms);
    };
    wait(graceMs);
  }

  /** It has ended. */
  end(): void {
    lastEndMs = performance.now();
    clearTimeout(this.#timer);
  }
}
