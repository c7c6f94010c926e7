import type { WorkTracker } from './ports.ts';

/** Keeps count of what is under way. */
export class Work implements WorkTracker {
  #active = 0;
  readonly #waiting = new Set<() => void>();
  /** What went wrong although it should have been handled by the work itself. */
  readonly failures: unknown[] = [];

  get active(): number {
    return this.#active;
  }

  run(work: () => Promise<void>): void {
    this.#active += 1;
    void this.#follow(work);
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#active > 0) {
      await new Promise<void>((resolve) => void this.#waiting.add(resolve));
    }
  }

  async #follow(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failures.push(error);
    } finally {
      this.#active -= 1;
      if (this.#active === 0) {
        for (const resolve of this.#waiting) resolve();
        this.#waiting.clear();
      }
    }
  }
}
