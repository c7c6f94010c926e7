import type { FakeClock } from '../fake-clock.ts';

/** Who lives in the platform's time. */
export interface Timed {
  setTime(nowMs: number): void;
}

const WATCH_MS = 20;
/** A clock that is so far from where the machine's own would be was moved. */
const JUMP_MS = 50;

/** Tells instances that the platform's time was moved, between the requests that bring it along. */
export class ClockWatch {
  readonly #clock: FakeClock;
  readonly #timed = new Set<Timed>();
  #timer: NodeJS.Timeout | undefined;
  #seen = { simulatedMs: 0, realMs: 0 };

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  add(timed: Timed): void {
    this.#timed.add(timed);
    if (this.#timer) return;
    this.#seen = { simulatedMs: this.#clock.now(), realMs: performance.now() };
    this.#timer = setInterval(() => this.#look(), WATCH_MS).unref();
  }

  delete(timed: Timed): void {
    this.#timed.delete(timed);
    if (this.#timed.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const { simulatedMs, realMs } = this.#seen;
    const seen = { simulatedMs: this.#clock.now(), realMs: performance.now() };
    const moved = seen.simulatedMs - simulatedMs;
    // A clock that stands still between the tests' steps is not moved back.
    if (moved === 0) return;
    this.#seen = seen;
    if (Math.abs(moved - (seen.realMs - realMs)) < JUMP_MS) return;
    for (const timed of this.#timed) timed.setTime(seen.simulatedMs);
  }
}
