/** Entries that wait to be written: bounded, oldest dropped first. */
export class Pending<Entry> {
  readonly #limit: number;
  #entries: Entry[] = [];
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** How many were dropped since the last {@link forgetDropped}. */
  get dropped(): number {
    return this.#dropped;
  }

  forgetDropped(): void {
    this.#dropped = 0;
  }

  /** Adds one at the end; gives the new size. */
  push(entry: Entry): number {
    return this.#entries.push(entry);
  }

  /** Drops the oldest beyond the limit. */
  trim(): void {
    const excess = this.#entries.length - this.#limit;
    if (excess <= 0) return;
    this.#entries.splice(0, excess);
    this.#dropped += excess;
  }

  /** Takes all out. */
  take(): Entry[] {
    const taken = this.#entries;
    this.#entries = [];
    return taken;
  }

  /** Puts back what could not be written, before what came since. */
  putBack(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries];
    this.trim();
  }

  remove(matches: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter((entry) => !matches(entry));
  }
}
