/** What this process called itself: the numbers there are where Vercel's own are not part of the account's plan. */
import { functionIdOf, type FunctionRef } from 'polyfaas/spi';

export interface RecordedCall {
  /** When it ended, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** `throttled`: Vercel had no instance for it. `warmed`: it ran no handler. */
  readonly outcome: 'ok' | 'error' | 'timeout' | 'throttled' | 'warmed';
  /** In the handler; null where the answer did not tell. */
  readonly durationMs: number | null;
  readonly coldStart: boolean;
  /** Of the instance's start, on a cold start. */
  readonly initDurationMs: number | null;
}

export interface Recorder {
  record(ref: FunctionRef, call: RecordedCall): void;
  /** Those of a function that ended in a window; `isWhole` is false when older ones of it were forgotten. */
  read(
    ref: FunctionRef,
    fromMs: number,
    toMs: number,
  ): { readonly calls: readonly RecordedCall[]; readonly isWhole: boolean };
}

/** So many calls of each function are remembered: about a megabyte. */
export const MOST_CALLS = 10_000;

/** Of so many functions; that which was not called for the longest time is forgotten first. */
export const MOST_FUNCTIONS = 100;

/** A ring of the newest calls of one function. */
class Ring {
  readonly #calls: RecordedCall[] = [];
  #next = 0;
  /** The end of the newest call that was forgotten. */
  #forgottenMs: number;
  #newestMs = -Infinity;

  /** @param forgottenMs the end of a call that was forgotten, and may have been of this function. */
  constructor(forgottenMs: number) {
    this.#forgottenMs = forgottenMs;
  }

  add(call: RecordedCall): void {
    const old = this.#calls[this.#next];
    if (old !== undefined) this.#forgottenMs = Math.max(this.#forgottenMs, old.timeMs);
    this.#calls[this.#next] = call;
    this.#next = (this.#next + 1) % MOST_CALLS;
    this.#newestMs = Math.max(this.#newestMs, call.timeMs);
  }

  /** The end of its newest call. */
  get newestMs(): number {
    return this.#newestMs;
  }

  between(fromMs: number, toMs: number): ReturnType<Recorder['read']> {
    const calls = this.#calls.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);
    return { calls, isWhole: this.#forgottenMs < fromMs };
  }
}

/** Remembers the newest calls of each function, in memory. */
export function createRecorder(): Recorder {
  /** The one that was used last stands last. */
  const rings = new Map<string, Ring>();
  /** The end of the newest call of any function that was forgotten. */
  let forgottenMs = -Infinity;
  const forget = (): void => {
    const [oldest] = rings;
    if (rings.size < MOST_FUNCTIONS || oldest === undefined) return;
    forgottenMs = Math.max(forgottenMs, oldest[1].newestMs);
    rings.delete(oldest[0]);
  };
  return {
    record(ref, call) {
      const id = functionIdOf(ref);
      const known = rings.get(id);
      if (known === undefined) forget();
      else rings.delete(id);
      const ring = known ?? new Ring(forgottenMs);
      rings.set(id, ring);
      ring.add(call);
    },
    read(ref, fromMs, toMs) {
      const ring = rings.get(functionIdOf(ref));
      return ring?.between(fromMs, toMs) ?? { calls: [], isWhole: forgottenMs < fromMs };
    },
  };
}
