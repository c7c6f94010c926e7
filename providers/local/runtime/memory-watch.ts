/** Something whose memory is looked at now and then. */
interface Watched {
  readonly active: number;
  /** It has something to do, or was seen above its limit: its memory may grow fast. */
  readonly watchedClosely: boolean;
  /** Is it within its limits? */
  checkMemory(): void;
  /** It serves no calls: it need not keep the process alive. */
  rest(): void;
}

/** Of so many looks, one takes in those that have nothing to do. Their own timers may still take memory. */
const SELDOM = 20;

/**
 * Looks after instances on the machine's time: ends those that use too much memory, and lets go of those that rest. One
 * interval for all; it slows down by itself when nothing is busy, and a call only has to see that it runs. Neither pace
 * keeps the process alive.
 */
export class MemoryWatch {
  readonly #watched: Iterable<Watched>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** Runs at the pace of busy instances. */
  #close = false;
  #looks = 0;

  constructor(watched: Iterable<Watched>, everyMs: number) {
    this.#watched = watched;
    this.#everyMs = everyMs;
  }

  start(): void {
    if (this.#close) return;
    this.#close = true;
    this.#look(this.#everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#close = false;
  }

  #look(everyMs: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(this.#onTimer, everyMs);
    this.#timer.unref();
  }

  readonly #onTimer = (): void => {
    this.#looks += 1;
    const all = !this.#close || this.#looks % SELDOM === 0;
    let any = false;
    let close = false;
    for (const watched of this.#watched) {
      any = true;
      if (watched.active === 0) watched.rest();
      if (all || watched.watchedClosely) watched.checkMemory();
      close ||= watched.watchedClosely;
    }
    if (!any) this.stop();
    else if (close) this.start();
    else if (this.#close) {
      this.#close = false;
      this.#look(this.#everyMs * SELDOM);
    }
  };
}
