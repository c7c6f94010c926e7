/** Questions to a process whether it lets other things happen: it does not while it is in a loop. */
export class Pings {
  readonly #pings = new Map<number, () => void>();

  /** Resolves to true once it has answered; to false when it ended before. */
  ask(ended: Promise<void>, send: (id: number) => void): Promise<boolean> {
    const id = this.#pings.size === 0 ? 1 : Math.max(...this.#pings.keys()) + 1;
    const answered = new Promise<true>((resolve) => {
      this.#pings.set(id, () => resolve(true));
    });
    send(id);
    return Promise.race([answered, ended.then((): false => false)]);
  }

  answered(id: number): void {
    this.#pings.get(id)?.();
    this.#pings.delete(id);
  }
}
