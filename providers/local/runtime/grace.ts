/** Time to read, beside what has just come due, what else has arrived. */
const READ_MS = 20;

/**
 * How long an instance may take to end. Where the loop of this process was blocked, its timers come due before what
 * arrived meanwhile is read: so the end that is there already is given the time to be heard of.
 */
export class Grace {
  #timer: NodeJS.Timeout | undefined;

  begin(graceMs: number, over: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(over, READ_MS);
    }, graceMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
