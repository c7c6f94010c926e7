/**
 * What a follower was told. The same line comes twice: live, and in the log of requests; that one is read again after a
 * stream was opened, for what was printed while nobody listened.
 */
import type { Line } from './entry.ts';

/** So long a line is remembered: longer than any reading goes back. */
const KEPT_MS = 5 * 60_000;
/** Printed lines of the same words are taken for one so long before a stream was opened. */
const NEAR_MS = 60_000;

export class Told {
  /** Of rows, and marks of ours, with their times. */
  readonly #known = new Map<string, number>();
  /** Printed lines that were told live, which the log of requests will have, too. */
  readonly #live = new Map<string, number[]>();
  /** Printed lines out of the log of requests, which a stream may show yet: how many, by their words. */
  readonly #past = new Map<string, number>();
  #readUntilMs = 0;

  /** A reading of the log of requests begins. */
  readPast(): void {
    this.#past.clear();
  }

  /** It has ended: what was printed since cannot have been in it. */
  pastWasRead(nowMs: number): void {
    this.#readUntilMs = nowMs;
  }

  /** What of these is news, of the log of requests. */
  newInPast(lines: readonly Line[], openedMs: number): readonly Line[] {
    return lines.filter((line) => {
      // The next reading does not go back so far.
      if (line.timeMs < openedMs - KEPT_MS) return true;
      if (this.#isKnown(line)) return false;
      if (line.isOwn) return true;
      const times = this.#live.get(line.mark);
      if (times?.shift() !== undefined) return false;
      if (line.timeMs >= openedMs - NEAR_MS) {
        this.#past.set(line.mark, (this.#past.get(line.mark) ?? 0) + 1);
      }
      return true;
    });
  }

  /**
   * What of these is news, of the streams. One that only has the same words as an older line is withheld here and told by
   * the next reading, which knows them apart.
   */
  newLive(lines: readonly Line[]): readonly Line[] {
    return lines.filter((line) => {
      if (this.#isKnown(line)) return false;
      if (line.isOwn) return true;
      const count = this.#past.get(line.mark) ?? 0;
      if (count > 0 && line.timeMs <= this.#readUntilMs) {
        this.#past.set(line.mark, count - 1);
        return false;
      }
      this.#live.set(line.mark, [...(this.#live.get(line.mark) ?? []), line.timeMs]);
      return true;
    });
  }

  forget(nowMs: number): void {
    const leastMs = nowMs - KEPT_MS;
    for (const [key, timeMs] of this.#known) if (timeMs < leastMs) this.#known.delete(key);
    for (const [mark, times] of this.#live) {
      const young = times.filter((timeMs) => timeMs >= leastMs);
      if (young.length === 0) this.#live.delete(mark);
      else this.#live.set(mark, young);
    }
  }

  #isKnown({ id, mark, isOwn, timeMs }: Line): boolean {
    const keys = isOwn ? [id, mark] : [id];
    const isKnown = keys.some((key) => this.#known.has(key));
    for (const key of keys) this.#known.set(key, timeMs);
    return isKnown;
  }
}
