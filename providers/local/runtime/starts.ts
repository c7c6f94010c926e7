import type { Instance } from './instance.ts';

interface Awaited {
  readonly ready: () => void;
  readonly failed: (error: Error) => void;
}

/** Instances whose start somebody waits for. */
export class Starts {
  readonly #awaited = new Map<Instance, Awaited>();

  /** Those that no call waits for. */
  unused(): readonly Instance[] {
    return [...this.#awaited.keys()].filter((instance) => instance.active === 0);
  }

  whenReady(instance: Instance): Promise<void> {
    return new Promise((resolve, reject) => {
      const before = this.#awaited.get(instance);
      this.#awaited.set(instance, {
        ready() {
          before?.ready();
          resolve();
        },
        failed(error) {
          before?.failed(error);
          reject(error);
        },
      });
    });
  }

  ready(instance: Instance): void {
    this.#awaited.get(instance)?.ready();
    this.#awaited.delete(instance);
  }

  failed(instance: Instance, error: Error): void {
    this.#awaited.get(instance)?.failed(error);
    this.#awaited.delete(instance);
  }
}
