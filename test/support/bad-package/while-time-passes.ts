import type { ManualClock } from '../manual-clock.ts';

/** What says nothing is waited for, and nobody else moves the clock meanwhile: so far every quarter of a second. */
export async function whileTimePasses<Value>(
  clock: ManualClock,
  stepMs: number,
  work: () => Promise<Value>,
): Promise<Value> {
  const timer = setInterval(() => void clock.advance(stepMs), 250);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
