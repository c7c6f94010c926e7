/** Something with a deadline; also a node of the list that holds it. */
export interface Timed {
  deadlineMs: number;
  previous: Timed | undefined;
  next: Timed | undefined;
  expire(): void;
}

/** Timers take no more. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The deadlines of one pool. All calls get the same time, so the order in which they begin is the order in which they
 * are due: a linked list and a single timer do, and a call that ends in time costs no timer at all.
 *
 * Runs on the machine's time: it guards against code that really runs.
 */
export class Deadlines {
  readonly #allowedMs: number;
  #first: Timed | undefined;
  #last: Timed | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(allowedMs: number) {
    this.#allowedMs = allowedMs;
  }

  add(timed: Timed): void {
    timed.deadlineMs = performance.now() + this.#allowedMs;
    timed.previous = this.#last;
    if (this.#last) this.#last.next = timed;
    else this.#first = timed;
    this.#last = timed;
    // One that is armed already fires earlier than needed, and arms itself again for who is first then.
    this.#timer ??= this.#arm(this.#allowedMs);
  }

  /** Harmless for one that is not in the list. */
  remove(timed: Timed): void {
    const { previous, next } = timed;
    if (previous) previous.next = next;
    else if (this.#first === timed) this.#first = next;
    else return;
    if (next) next.previous = previous;
    else this.#last = previous;
    timed.previous = undefined;
    timed.next = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delayMs: number): NodeJS.Timeout {
    const timer = setTimeout(this.#onTimer, Math.min(MAX_TIMER_MS, Math.max(1, delayMs)));
    // What runs holds the process, not its deadline.
    timer.unref();
    return timer;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (let first = this.#first; first && first.deadlineMs <= now; first = this.#first) {
      this.remove(first);
      first.expire();
    }
    if (this.#first) this.#timer ??= this.#arm(this.#first.deadlineMs - now);
  };
}
