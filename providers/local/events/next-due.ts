import { Cron } from 'croner';
import { ServerlessError } from 'polyfaas/spi';
import type { NormalScheduleEvent } from 'polyfaas/spi';

type Timing = Pick<NormalScheduleEvent, 'when' | 'timezone'>;

/**
 * When a schedule is first due after it was bound: one whole interval later, or at the next time of its cron.
 * Undefined when it never is.
 *
 * @throws ServerlessError INVALID_ARGUMENT for a cron expression or time zone that cannot be read.
 */
export function firstDueMs(timing: Timing, nowMs: number): number | undefined {
  return 'everySeconds' in timing.when
    ? nowMs + timing.when.everySeconds * 1_000
    : nextCronMs(timing.when.cron, timing.timezone, nowMs);
}

/**
 * When it is due again after it fired: later than now, so times that were missed are not made up for one by one.
 * An interval keeps its phase.
 */
export function nextDueMs(timing: Timing, dueMs: number, nowMs: number): number | undefined {
  if (!('everySeconds' in timing.when))
    return nextCronMs(timing.when.cron, timing.timezone, Math.max(dueMs, nowMs));
  const intervalMs = timing.when.everySeconds * 1_000;
  const missed = Math.max(0, Math.floor((nowMs - dueMs) / intervalMs));
  return dueMs + (missed + 1) * intervalMs;
}

function nextCronMs(cron: string, timezone: string, afterMs: number): number | undefined {
  try {
    // Without a callback croner starts no timer of its own.
    return new Cron(cron, { timezone }).nextRun(new Date(afterMs))?.getTime();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'local',
      message: `The schedule "${cron}" in the time zone "${timezone}" cannot be read: ${reason}. Give five cron fields and an IANA time zone.`,
      cause,
    });
  }
}
