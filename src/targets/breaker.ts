/** Says which of several targets takes a call, by how the ones before went. */
import type { Clock } from '../spi/clock.ts';
import type { Verdict } from './blame.ts';

/** How patient a failover is. */
export interface BreakerOptions {
  /** So many failures in a row, and the target gets no calls. */
  readonly maxFailures: number;
  /** So long after the last one it is looked at again. */
  readonly recoveryMs: number;
}

/** Leave for one call. `trial`: the target gets no others, and this one decides whether it gets calls again. */
export type Leave = 'call' | 'trial';

/** The first pause is doubled with each look that fails, up to so many times its length. */
const LONGEST_PAUSE = 8;

/**
 * One target. Closed: it gets calls. Suspect, after a failure: no more calls at once than failures are left. Open: none; a
 * look at it, which is nobody's call, decides whether it gets calls again. Where the look could not tell, one call does.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #clock: Pick<Clock, 'now'>;
  #failures = 0;
  #underWay = 0;
  #openUntil: number | undefined;
  #pauseMs: number;
  /** Of an open one: what is to decide about it. */
  #inquiry: 'none' | 'look' | 'trial-wanted' | 'trial' = 'none';

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
  begin(): Leave | undefined {
    if (this.#openUntil !== undefined) {
      if (this.#inquiry !== 'trial-wanted') return undefined;
      this.#inquiry = 'trial';
      this.#underWay += 1;
      return 'trial';
    }
    const isSuspect = this.#failures > 0;
    if (isSuspect && this.#underWay >= this.#options.maxFailures - this.#failures) return undefined;
    this.#underWay += 1;
    return 'call';
  }

  succeeded(leave: Leave): void {
    this.#underWay -= 1;
    // A call that was under way when it opened says nothing of now.
    if (this.#openUntil === undefined) this.#failures = 0;
    else if (leave === 'trial') this.#close();
  }

  failed(leave: Leave): void {
    this.#underWay -= 1;
    if (this.#openUntil !== undefined) {
      if (leave === 'trial') this.#openLonger();
      return;
    }
    this.#failures += 1;
    if (this.#failures >= this.#options.maxFailures) this.#open();
  }

  /** It ended in a way that says nothing of the target. */
  gone(leave: Leave): void {
    this.#underWay -= 1;
    if (leave === 'trial' && this.#inquiry === 'trial') this.#inquiry = 'trial-wanted';
  }

  /** True for the one who is to look now whether the target is back, and then tells {@link looked}. */
  shouldLook(): boolean {
    if (this.#openUntil === undefined || this.#inquiry !== 'none') return false;
    if (this.#clock.now() < this.#openUntil) return false;
    this.#inquiry = 'look';
    return true;
  }

  looked(verdict: Verdict): void {
    // A call that was answered may have closed it meanwhile.
    if (this.#openUntil === undefined) return;
    if (verdict === 'back') this.#close();
    else if (verdict === 'down') this.#openLonger();
    else this.#inquiry = 'trial-wanted';
  }

  #openLonger(): void {
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.recoveryMs * LONGEST_PAUSE);
    this.#open();
  }

  #open(): void {
    this.#inquiry = 'none';
    this.#openUntil = this.#clock.now() + this.#pauseMs;
  }

  #close(): void {
    this.#inquiry = 'none';
    this.#failures = 0;
    this.#openUntil = undefined;
    this.#pauseMs = this.#options.recoveryMs;
  }
}
