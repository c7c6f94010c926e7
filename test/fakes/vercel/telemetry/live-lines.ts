/** What is there already, then what comes, until somebody ends it. For one reader. */
export class LiveLines implements AsyncIterable<string>, AsyncIterator<string, undefined> {
  readonly #ready: string[];
  readonly #onEnd: () => void;
  #waiting: ((result: IteratorResult<string, undefined>) => void) | undefined;
  #hasEnded = false;

  constructor(history: readonly string[], onEnd: () => void) {
    this.#ready = [...history];
    this.#onEnd = onEnd;
  }

  push(line: string): void {
    if (this.#hasEnded) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting({ done: false, value: line });
    else this.#ready.push(line);
  }

  /** What is ready is still read. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
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
