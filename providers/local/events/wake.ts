import type { Clock } from 'polyfaas/spi';

/** Longer waits are cut into pieces: a timer of the machine cannot take more than 24 days. */
const LONGEST_WAIT_MS = 12 * 60 * 60 * 1_000;

/** How late it may be after the clock has jumped. */
const LOOK_MS = 30_000;

export interface WakeClocks {
  readonly clock: Pick<Clock, 'after'>;
  readonly realTime: Pick<Clock, 'after'>;
}

/**
 * Calls once, when `waitMs` have passed by the clock, or earlier. A timer stands still while the machine sleeps, and
 * the clock does not; so a long wait ends every 30 seconds of real time, and the caller looks what time it is. By the
 * clock of the platform alone there would be thousands of such pieces in a day that a test moves on.
 *
 * @returns a function that cancels it.
 */
export function wakeAfter(clocks: WakeClocks, waitMs: number, wake: () => void): () => void {
  const onTimer = (): void => {
    cancel();
    wake();
  };
  const timer = clocks.clock.after(Math.min(waitMs, LONGEST_WAIT_MS), onTimer);
  const look = waitMs > LOOK_MS ? clocks.realTime.after(LOOK_MS, onTimer) : undefined;
  const cancel = (): void => {
    timer();
    look?.();
  };
  return cancel;
}

/** Unlike what pauses, what waits holds no process. */
export const unheldRealTime: Pick<Clock, 'after'> = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
