/** Lets only one holder have a key at a time; waiters are served in order. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Takes all keys, in one order everywhere so that two holders cannot wait for each other. */
  async acquire(keys: readonly string[], signal?: AbortSignal): Promise<() => void> {
    const releases: (() => void)[] = [];
    const releaseAll = (): void => {
      for (const release of releases.toReversed()) release();
    };
    try {
      for (const key of [...new Set(keys)].toSorted()) {
        releases.push(await this.#take(key, signal));
      }
    } catch (error) {
      releaseAll();
      throw error;
    }
    return releaseAll;
  }

  async #take(key: string, signal: AbortSignal | undefined): Promise<() => void> {
    const before = this.#tails.get(key);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = before ? before.then(() => held) : held;
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    if (before) {
      try {
        await abortable(before, signal);
      } catch (error) {
        release();
        throw error;
      }
    }
    return release;
  }
}

/** Settles as the promise does, or rejects as soon as the signal aborts. */
export function abortable<Value>(promise: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) {
      onAbort();
      // Nobody waits for it any more; that it fails must not end the process.
      promise.catch(() => {});
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
