/** Who looks at the same thing again and again waits for it: after so many looks the next one is no other call to break. */
const LOOKS = 2;

/** Tells calls that count from those of somebody who only waits. */
export class Looks {
  /** How often each was asked for since the last write. */
  readonly #looks = new Map<string, number>();

  isCounted(call: {
    readonly plane: string;
    readonly method: string;
    readonly url: string;
    readonly isWrite: boolean;
  }): boolean {
    if (call.isWrite) this.#looks.clear();
    const key = `${call.plane} ${call.method} ${call.url}`;
    const looks = (this.#looks.get(key) ?? 0) + 1;
    this.#looks.set(key, looks);
    return call.isWrite || looks <= LOOKS;
  }

  forget(): void {
    this.#looks.clear();
  }
}
