/** The requests that an instance serves just now, by the slot that each has taken. */
export class RunningRequests {
  readonly #ids: (string | undefined)[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The id of the request that runs, when it is the only one. */
  get only(): string | undefined {
    return this.#count === 1 ? this.#ids.find((id) => id !== undefined) : undefined;
  }

  of(slot: number): string | undefined {
    return this.#ids[slot];
  }

  begin(slot: number, id: string): void {
    if (this.#ids[slot] === undefined) this.#count += 1;
    this.#ids[slot] = id;
  }

  end(slot: number): void {
    if (this.#ids[slot] === undefined) return;
    this.#ids[slot] = undefined;
    this.#count -= 1;
  }
}
