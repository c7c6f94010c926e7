/** A machine of tests is no data center: of all instances that serve nothing, only so many are kept. */
const MAX_IDLE = 16;

/** Instances that serve nothing, the one that rests longest first. */
export class IdleLimit {
  readonly #resting = new Map<object, () => void>();

  add(instance: object, close: () => void): void {
    this.#resting.delete(instance);
    this.#resting.set(instance, close);
    if (this.#resting.size <= MAX_IDLE) return;
    const [oldest] = this.#resting;
    if (!oldest) return;
    this.#resting.delete(oldest[0]);
    oldest[1]();
  }

  delete(instance: object): void {
    this.#resting.delete(instance);
  }
}
