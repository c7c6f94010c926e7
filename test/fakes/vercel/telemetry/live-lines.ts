/** What is there already, then what comes, until somebody ends it. For one reader. */
export class LiveLines implements AsyncIterable<string>, AsyncIterator<string, undefined> {
  /** Resolves when there is a line, or none will come. */
  readonly begun: Promise<void>;
  readonly #ready: string[] = [];
  readonly #onEnd: () => void;
  #begin: () => void = () => {};
  #waiting: ((result: IteratorResult<string, undefined>) => void) | undefined;
  #hasEnded = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  push(line: string): void {
    if (this.#hasEnded) return;
    this.#begin();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting({ done: false, value: line });
    else this.#ready.push(line);
  }

  /** What is ready is still read. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#begin();
    this.#waiting?.({ done: true, value: undefined });
    this.#onEnd();
  }

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return this;
  }

  next(): Promise<IteratorResult<string, undefined>> {
    const value = this.#ready.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#hasEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<string, undefined>> {
    this.#ready.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}
