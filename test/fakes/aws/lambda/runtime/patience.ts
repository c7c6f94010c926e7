import type { FakeClock } from '../../core/ports.ts';

/**
 * Calls when so much simulated time has passed. What runs inside lives in real time, and the simulated may run far
 * ahead of it: so much real time is granted in any case, for what is quick to be done.
 *
 * @returns what cancels it.
 */
export function afterSimulated(
  clock: FakeClock,
  delayMs: number,
  grantedMs: number,
  callback: () => void,
): () => void {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const cancel = clock.after(delayMs, () => {
    const rest = grantedMs - (performance.now() - startedAt);
    if (rest <= 0) callback();
    else timer = setTimeout(callback, rest);
  });
  return () => {
    cancel();
    clearTimeout(timer);
  };
}
