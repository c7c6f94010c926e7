/**
 * Cron fields and intervals as Vercel's cron jobs take them ("Managing Cron Jobs", cron expressions): five fields of numbers,
 * in UTC, no names, and a day of the month or a day of the week, not both.
 */
import {
  CRON_INTERVALS,
  cronFields,
  cronOfInterval,
  cronText,
  describeEvery,
  namesBothDays,
  nearIntervals,
  type ScheduleTranslation,
  type ScheduleWhen,
} from 'polyfaas/spi';

const MINUTE = 60;

/** `*\/5 * * * *`, or `0 9 * * 1-5`: what goes into `crons[].schedule` of `config.json`. Pure. */
export function cronOf(when: ScheduleWhen): ScheduleTranslation {
  return 'cron' in when ? ofCron(when.cron) : ofInterval(when.everySeconds);
}

function ofInterval(seconds: number): ScheduleTranslation {
  const expression = cronOfInterval(seconds);
  if (expression !== undefined) return { expression };
  const rule =
    seconds < MINUTE
      ? 'their smallest interval is 1 minute (60 s)'
      : 'they name moments of the clock: an interval must divide an hour or a day evenly, or be 1 day or 7 days';
  return {
    problem: `every ${describeEvery(seconds)} cannot be had of Vercel's cron jobs: ${rule}. Use ${nearIntervals(seconds, CRON_INTERVALS)}, or several schedules with "cron".`,
  };
}

function ofCron(cron: string): ScheduleTranslation {
  const fields = cronFields(cron, ['minute', 'hour']);
  const expression = cronText(fields);
  if (expression === undefined) {
    return {
      problem: `"${cron}" has a field that Vercel's cron jobs do not know ("L", "W" and "#" are not in them). Use numbers, names, lists, ranges and steps, and look at the date in the handler where that is not enough.`,
    };
  }
  if (namesBothDays(fields)) {
    return {
      problem: `"${cron}" names a day of the month and a day of the week, and Vercel's cron jobs take only one of them. Write "*" for one; declare two schedules to have both, or look at the date in the handler.`,
    };
  }
  // At most 180 characters, of the 256 that `crons[].schedule` may have ("Project configuration").
  return { expression };
}
