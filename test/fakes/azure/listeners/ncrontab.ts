/** NCRONTAB: `second minute hour day month day-of-week`, in UTC. */
import { Cron } from 'croner';
import { isSchedule } from '../runtime/schedule.ts';

export interface Ncrontab {
  /** The first occurrence after a moment; undefined when there is none. */
  next(after: number): number | undefined;
}

/** Undefined for an expression that the host does not take. */
export function parseNcrontab(expression: string): Ncrontab | undefined {
  if (!isSchedule(expression)) return undefined;
  try {
    const cron = new Cron(expression.trim(), {
      timezone: 'UTC',
      paused: true,
      mode: '6-part',
      sloppyRanges: true,
      // Where both days are given, both have to fit.
      domAndDow: true,
    });
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch {
    return undefined;
  }
}

/** Whether some of the next occurrences are less than a minute apart: the host keeps no status of such timers. */
export function isFast(schedule: Ncrontab, now: number): boolean {
  let before = schedule.next(now);
  for (let turn = 0; turn < 5 && before !== undefined; turn += 1) {
    const next = schedule.next(before);
    if (next !== undefined && next - before < 60_000) return true;
    before = next;
  }
  return false;
}
