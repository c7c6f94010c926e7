import type { Transport } from './transport.ts';

interface MemoryCapParts {
  readonly limitBytes: number;
  readonly isolation: 'thread' | 'process';
  /** Its code is being loaded. */
  readonly starting: () => boolean;
  readonly read: Transport['readMemory'];
  /** Asks the instance itself; it collects, and answers with {@link MemoryCap.told}. */
  readonly ask: () => void;
  readonly exceeded: (usedBytes: number) => void;
}

/** Looks that an instance may be over its limit without an answer from itself: then its code blocks. */
const PATIENCE = 2;
/** To load code blocks for long, and leaves garbage; of what is not far above the limit, there may be little else. */
const START_PATIENCE = 20;
/** Looks that it may be seen far above its limit, whatever it says: long enough for the system to take garbage back. */
const SEEN_PATIENCE = 100;
/**
 * How far above is far: a process keeps room for what it let go of, and V8 some for new objects. The instance knows of
 * neither, and can do nothing about it. In a thread V8 has so much room that it leaves more garbage, Buffers above all.
 */
const SEEN_FACTOR = 2;
const SEEN_MB = { process: 128, thread: 512 } as const;
/** What a thread may take within the looks that it takes to notice. */
const ROOM_MB = 512;

/**
 * How large V8 lets the heap of a thread grow. Well above what is allowed, and above what is far: V8 ends the whole
 * program, and not the thread alone, when an allocation fails within its collector, in a native function, or in one
 * large step. So it must never come to that; looking at what is used does.
 */
export function threadHeapMb(memoryMb: number): number {
  return memoryMb * SEEN_FACTOR + SEEN_MB.thread + ROOM_MB;
}

/**
 * Compares what an instance uses with what it may. What is seen from outside may be garbage of the moment, so the
 * instance is asked to collect it and to say what is left; if it cannot answer, what was seen decides. An instance knows
 * of its own heap only: threads and native code of a process are seen from outside alone.
 */
export class MemoryCap {
  readonly #parts: MemoryCapParts;
  readonly #farBytes: number;
  readonly #seenLimitBytes: number;
  #strikes = 0;
  #seenStrikes = 0;
  #reading = false;

  constructor(parts: MemoryCapParts) {
    this.#parts = parts;
    this.#farBytes = parts.limitBytes * SEEN_FACTOR + SEEN_MB[parts.isolation] * 1_048_576;
    // Of a thread, what is seen from outside is what it says itself.
    this.#seenLimitBytes = parts.isolation === 'thread' ? Number.POSITIVE_INFINITY : this.#farBytes;
  }

  get limitBytes(): number {
    return this.#parts.limitBytes;
  }

  /** Seen above a limit, and not cleared of it yet. */
  get suspicious(): boolean {
    return this.#strikes > 0 || this.#seenStrikes > 0;
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
        // It has not begun, or has ended meanwhile.
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
    this.#seenStrikes = usedBytes > this.#seenLimitBytes ? this.#seenStrikes + 1 : 0;
    if (usedBytes <= this.#parts.limitBytes) {
      this.#strikes = 0;
      return;
    }
    this.#strikes += 1;
    const patience = this.#patienceFor(usedBytes);
    if (this.#strikes > patience || this.#seenStrikes > SEEN_PATIENCE)
      this.#parts.exceeded(usedBytes);
    else if (this.#strikes === 1) this.#parts.ask();
  }

  /**
   * A thread has a larger heap than it may use, so V8 is in no hurry to collect: while its code blocks, garbage may lie
   * there for long, and to end it is for the timeout of the call.
   */
  #patienceFor(usedBytes: number): number {
    if (usedBytes > this.#farBytes) return PATIENCE;
    if (this.#parts.starting()) return START_PATIENCE;
    return this.#parts.isolation === 'thread' ? Number.POSITIVE_INFINITY : PATIENCE;
  }
}
