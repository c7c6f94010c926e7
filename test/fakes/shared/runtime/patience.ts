import type { FakeClock } from '../fake-clock.ts';

/**
 * Calls when so much simulated time has passed, and so much real time too: what runs in a process lives in real time,
 * and the simulated may run far ahead of it.
 *
 * @returns what cancels it.
 */
export function afterBoth(
  clock: FakeClock,
  simulatedMs: number,
  realMs: number,
  callback: () => void,
): () => void {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const cancel = clock.after(simulatedMs, () => {
    const rest = realMs - (performance.now() - startedAt);
    if (rest <= 0) callback();
    else timer = setTimeout(callback, rest);
  });
  return () => {
    cancel();
    clearTimeout(timer);
  };
}
