const SPARE = 2;
/** A start has the machine for itself for so long, before the next spare process is started. */
const REFILL_MS = 15;
/** After the last runtime, the next one may come soon: the next test. */
const LINGER_MS = 3000;

interface Spare {
  readonly hasEnded: boolean;
  kill(): void;
}

/** Processes that wait until one is needed, shared by all runtimes of this process. */
export class WorkerPool<Worker extends Spare> {
  readonly #start: () => Worker;
  readonly #spare: Worker[] = [];
  #users = 0;
  #refill: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  enter(): void {
    this.#users += 1;
    clearTimeout(this.#linger);
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    clearTimeout(this.#refill);
    this.#refill = undefined;
    this.#linger = setTimeout(() => {
      for (const worker of this.#spare.splice(0)) worker.kill();
    }, LINGER_MS).unref();
  }

  take(): Worker {
    this.#refillLater();
    for (;;) {
      const worker = this.#spare.shift();
      if (worker === undefined) return this.#start();
      if (!worker.hasEnded) return worker;
    }
  }

  /** Starts the spare processes ahead, while nothing needs one yet. */
  prepare(): void {
    this.#refillLater();
  }

  #refillLater(): void {
    this.#refill ??= setTimeout(() => {
      this.#refill = undefined;
      if (this.#users === 0 || this.#spare.length >= SPARE) return;
      this.#spare.push(this.#start());
      this.#refillLater();
    }, REFILL_MS).unref();
  }
}
