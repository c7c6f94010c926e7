/** How often this instance has seen an event: Lambda does not tell. */

/** So many events are remembered, the latest ones. */
const REMEMBERED = 1_000;

export class Attempts {
  readonly #seen = new Map<string, number>();

  /** Counts one more delivery. @returns how many there were, this one counted. */
  begin(id: string): number {
    const count = (this.#seen.get(id) ?? 0) + 1;
    // Put in anew, so that the map's order is by age.
    this.#seen.delete(id);
    this.#seen.set(id, count);
    if (this.#seen.size > REMEMBERED) {
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return count;
  }

  /** The event needs no more deliveries. */
  end(id: string): void {
    this.#seen.delete(id);
  }
}

/** Lambda runs an asynchronous call at most three times (Lambda developer guide, asynchronous invocation). */
const PLATFORM_ATTEMPTS = 3;

/** It waits one minute before the second, and two more before the third. Some tolerance is taken off. */
const SECOND_AFTER_MS = 50_000;
const THIRD_AFTER_MS = 160_000;

/**
 * Whether no further delivery will come. An instance that did not see the earlier ones judges by the event's age: too
 * early a dead letter can be sent back, a lost event cannot.
 */
export function isLastAttempt(maxAttempts: number, counted: number, ageMs: number): boolean {
  const byAge = ageMs >= THIRD_AFTER_MS ? 3 : ageMs >= SECOND_AFTER_MS ? 2 : 1;
  return Math.max(counted, byAge) >= Math.min(maxAttempts, PLATFORM_ATTEMPTS);
}
