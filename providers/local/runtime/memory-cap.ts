import type { Transport } from './transport.ts';

interface MemoryCapParts {
  readonly limitBytes: number;
  readonly read: Transport['readMemory'];
  /** Asks the instance itself; it collects, and answers with {@link MemoryCap.told}. */
  readonly ask: () => void;
  readonly exceeded: (usedBytes: number) => void;
}

/** Looks that an instance may be over its limit without an answer from itself: then its code blocks. */
const PATIENCE = 2;

/**
 * Compares what an instance uses with what it may. What is seen from outside may be garbage of the moment, so the
 * instance is asked to collect it and to say what is left; if it cannot answer, what was seen decides.
 */
export class MemoryCap {
  readonly #parts: MemoryCapParts;
  #strikes = 0;
  #reading = false;

  constructor(parts: MemoryCapParts) {
    this.#parts = parts;
  }

  get limitBytes(): number {
    return this.#parts.limitBytes;
  }

  check(): void {
    if (this.#reading) return;
    const reading = this.#parts.read();
    if (reading === null) this.#parts.ask();
    else if (typeof reading === 'number') this.#judge(reading);
    else {
      this.#reading = true;
      reading.then(
        (used) => {
          this.#reading = false;
          this.#judge(used);
        },
        // It has ended meanwhile.
        () => {
          this.#reading = false;
        },
      );
    }
  }

  /** The word of the instance itself: without its garbage, so one is enough. */
  told(usedBytes: number): void {
    this.#strikes = 0;
    if (usedBytes > this.#parts.limitBytes) this.#parts.exceeded(usedBytes);
  }

  #judge(usedBytes: number): void {
    if (usedBytes <= this.#parts.limitBytes) {
      this.#strikes = 0;
      return;
    }
    this.#strikes += 1;
    if (this.#strikes > PATIENCE) this.#parts.exceeded(usedBytes);
    else if (this.#strikes === 1) this.#parts.ask();
  }
}
