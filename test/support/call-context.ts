import { type CallContext, type Clock, NEVER_ABORTS } from 'polyfaas/spi';
import { ManualClock } from './manual-clock.ts';

/** What a direct call looks at: the time, and whether it is still wanted. */
export function callContext(
  signal: AbortSignal = NEVER_ABORTS,
  clock: Clock = new ManualClock(Date.now()),
): CallContext {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- calls look at time and signal alone
  return { clock, signal } as unknown as CallContext;
}
