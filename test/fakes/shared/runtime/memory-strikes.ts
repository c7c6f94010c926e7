/** Readings of too much in a row after which it is no garbage of the moment. */
const PATIENCE = 3;

/** Tells memory that is really held from garbage. */
export class MemoryStrikes {
  #strikes = 0;

  /** Whether this reading is the end. */
  isOver(bytes: number, limitBytes: number): boolean {
    this.#strikes = bytes > limitBytes ? this.#strikes + 1 : 0;
    return this.#strikes >= PATIENCE || bytes > 2 * limitBytes;
  }
}
