import { randomBytes } from 'node:crypto';
import type { FakeClock } from '../../core/ports.ts';

/** Of the calls beyond the first in a second, Lambda samples 5 %; here it is every 20th. */
const ONE_IN = 20;

/** Makes trace headers for calls that come without one, sampled as Lambda does by itself. */
export class TraceSource {
  readonly #clock: FakeClock;
  #second = -1;
  #skipped = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  next(): string {
    const now = this.#clock.now();
    const seconds = Math.floor(now / 1000);
    const root = `1-${seconds.toString(16).padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
    return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=${this.#isSampled(seconds) ? 1 : 0}`;
  }

  #isSampled(second: number): boolean {
    if (second !== this.#second) {
      this.#second = second;
      return true;
    }
    this.#skipped = (this.#skipped + 1) % ONE_IN;
    return this.#skipped === 0;
  }
}
