/** What acts longer may be waiting for the clock: it is not waited for. */
const LONGEST_ACT_MS = 2_000;

/** What planes are doing right now. */
export class ActsUnderWay {
  readonly #acting = new Set<Promise<void>>();

  async add<Reply>(acting: Promise<Reply>): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#acting.add(promise);
    const end = (): void => {
      this.#acting.delete(promise);
      resolve();
    };
    const timer = setTimeout(end, LONGEST_ACT_MS);
    return await acting.finally(() => {
      clearTimeout(timer);
      end();
    });
  }

  /** Resolves when there are none. */
  async ended(): Promise<void> {
    while (this.#acting.size > 0) await Promise.all(this.#acting);
  }
}
