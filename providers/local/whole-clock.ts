import type { Clock } from 'polyfaas/spi';

/** The same clock in whole milliseconds: one that is given may know parts of them, and the store keeps integers. */
export function wholeClock(clock: Clock): Clock {
  return {
    now: () => Math.floor(clock.now()),
    after: (delayMs, callback) => clock.after(delayMs, callback),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  };
}
