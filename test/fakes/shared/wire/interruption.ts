/** What is done before a call goes on, once. */
export interface Interruption {
  readonly call: number;
  readonly work: () => Promise<unknown>;
}

/** Lets one call, counted from where somebody stands, wait for the work of somebody else. */
export class Interruptions {
  #waiting: Interruption | undefined;

  /** @param calls how many calls there were up to now */
  set({ call, work }: Interruption, calls: number): void {
    this.#waiting = { call: calls + call, work };
  }

  /** @param call the number of the call that is about to go on */
  async before(call: number): Promise<void> {
    if (call !== this.#waiting?.call) return;
    const { work } = this.#waiting;
    this.#waiting = undefined;
    await work();
  }

  clear(): void {
    this.#waiting = undefined;
  }
}
