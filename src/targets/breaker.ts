/** Says which of several targets takes a call, by how the ones before went. */
import type { Clock } from '../spi/clock.ts';

/** How patient a failover is. */
export interface BreakerOptions {
  /** So many failures in a row, and the target gets no calls. */
  readonly maxFailures: number;
  /** So long after the last one it is looked at again. */
  readonly recoveryMs: number;
}

/** The first pause is doubled with each look that fails, up to so many times its length. */
const LONGEST_PAUSE = 8;

/**
 * One target. Closed: it gets calls. Suspect, after a failure: no more calls at once than failures are left. Open: none; a
 * look at it, which is nobody's call, decides whether it gets calls again.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #clock: Pick<Clock, 'now'>;
  #failures = 0;
  #underWay = 0;
  #openUntil: number | undefined;
  #pauseMs: number;
  #isLooking = false;

  constructor(options: BreakerOptions, clock: Pick<Clock, 'now'>) {
    this.#options = options;
    this.#clock = clock;
    this.#pauseMs = options.recoveryMs;
  }

  /** False while calls go past it. */
  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** Asks for leave to call. What begins here ends with {@link succeeded}, {@link failed} or {@link gone}. */
  begin(): boolean {
    if (this.#openUntil !== undefined) return false;
    const isSuspect = this.#failures > 0;
    if (isSuspect && this.#underWay >= this.#options.maxFailures - this.#failures) return false;
    this.#underWay += 1;
    return true;
  }

  succeeded(): void {
    this.#underWay -= 1;
    // A call that was under way when it opened says nothing of now.
    if (this.#openUntil === undefined) this.#failures = 0;
  }

  failed(): void {
    this.#underWay -= 1;
    if (this.#openUntil !== undefined) return;
    this.#failures += 1;
    if (this.#failures >= this.#options.maxFailures) this.#open();
  }

  /** It ended in a way that says nothing of the target. */
  gone(): void {
    this.#underWay -= 1;
  }

  /** True for the one who is to look now whether the target is back, and then tells {@link looked}. */
  shouldLook(): boolean {
    if (this.#openUntil === undefined || this.#isLooking) return false;
    if (this.#clock.now() < this.#openUntil) return false;
    this.#isLooking = true;
    return true;
  }

  looked(isBack: boolean): void {
    this.#isLooking = false;
    if (!isBack) {
      this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.recoveryMs * LONGEST_PAUSE);
      return this.#open();
    }
    this.#failures = 0;
    this.#openUntil = undefined;
    this.#pauseMs = this.#options.recoveryMs;
  }

  #open(): void {
    this.#openUntil = this.#clock.now() + this.#pauseMs;
  }
}
