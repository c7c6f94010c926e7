import { afterBoth } from './patience.ts';
import type { FakeClock } from '../fake-clock.ts';

/** How long a request waits for a place when there are as many instances as there may be: docs/about-concurrency. */
const WAIT_MS = 10_000;
/** So long in real time too, in which instances live, however fast the simulated goes by. */
const WAIT_GRANTED_MS = 1000;

interface Waiting<Place> {
  take(place: Place | undefined): void;
}

/** Requests without a place on an instance, first come first served. */
export class WaitingLine<Place> {
  readonly #clock: FakeClock;
  /** Whether a place is on its way: then nobody gives up. */
  readonly #isHopeful: () => boolean;
  readonly #waiting: Waiting<Place>[] = [];

  constructor(clock: FakeClock, isHopeful: () => boolean) {
    this.#clock = clock;
    this.#isHopeful = isHopeful;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Resolves to a place; to undefined when there was none in time, when none is coming, or when the caller left. */
  join(signal?: AbortSignal): Promise<Place | undefined> {
    return new Promise((resolve) => {
      let stop = (): void => {};
      const waiting: Waiting<Place> = {
        take: (place) => {
          stop();
          signal?.removeEventListener('abort', leave);
          resolve(place);
        },
      };
      const leave = (): void => {
        const at = this.#waiting.indexOf(waiting);
        if (at === -1) return;
        this.#waiting.splice(at, 1);
        waiting.take(undefined);
      };
      stop = this.#patience(leave);
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiting);
    });
  }

  /** Gives the first in the line a place, or undefined: none is coming. False when nobody waits. */
  serve(place: Place | undefined): boolean {
    const first = this.#waiting.shift();
    first?.take(place);
    return first !== undefined;
  }

  #patience(giveUp: () => void): () => void {
    let stop = (): void => {};
    const begin = (): void => {
      const cancel = afterBoth(this.#clock, WAIT_MS, WAIT_GRANTED_MS, () => end());
      const timer = setTimeout(() => end(), WAIT_MS);
      stop = () => {
        cancel();
        clearTimeout(timer);
      };
    };
    const end = (): void => {
      stop();
      if (this.#isHopeful()) begin();
      else giveUp();
    };
    begin();
    return () => stop();
  }
}
