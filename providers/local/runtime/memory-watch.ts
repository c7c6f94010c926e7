/** Something whose memory is looked at now and then. */
interface Watched {
  readonly active: number;
  /** It serves calls: is it within its limits? */
  checkMemory(): void;
  /** It serves none: it need not keep the process alive. */
  rest(): void;
}

/**
 * Looks after instances while any of them serves calls, on the machine's time: ends those that use too much memory,
 * and lets go of those that rest. One interval for all; it ends by itself when nothing is busy, and a call only has to
 * see that it runs.
 */
export class MemoryWatch {
  readonly #watched: Iterable<Watched>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(watched: Iterable<Watched>, everyMs: number) {
    this.#watched = watched;
    this.#everyMs = everyMs;
  }

  start(): void {
    if (this.#timer) return;
    this.#timer = setInterval(this.#look, this.#everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    let busy = false;
    for (const watched of this.#watched) {
      if (watched.active === 0) watched.rest();
      else {
        busy = true;
        watched.checkMemory();
      }
    }
    if (!busy) this.stop();
  };
}
