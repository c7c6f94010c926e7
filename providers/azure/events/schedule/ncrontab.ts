/**
 * Five cron fields, and intervals, as the timer trigger of Azure Functions writes them: NCRONTAB, six fields with the
 * seconds first, in UTC (Azure Functions, "Timer trigger", NCRONTAB expressions).
 */
import {
  cronFields,
  cronText,
  describeEvery,
  namesBothDays,
  nearIntervals,
  SECONDS_CRON_INTERVALS,
  secondsCronOfInterval,
  type ScheduleTranslation,
  type ScheduleWhen,
} from 'polyfaas/spi';

const MINUTE = 60;

/** `0 *\/5 * * * *`, or `0 0 9 * * 1-5`. */
export function ncrontab(when: ScheduleWhen): ScheduleTranslation {
  return 'cron' in when ? ofCron(when.cron) : ofInterval(when.everySeconds);
}

/** How often an interval comes at the least; a cron expression has no seconds. */
export function shortestGapSeconds(when: ScheduleWhen): number {
  return 'cron' in when ? MINUTE : when.everySeconds;
}

function ofInterval(seconds: number): ScheduleTranslation {
  const expression = secondsCronOfInterval(seconds);
  if (expression !== undefined) return { expression };
  return {
    problem: `every ${describeEvery(seconds)} cannot be written for the timer of Azure Functions, which names moments of the clock: an interval must divide a minute, an hour or a day evenly, or be 1 day or 7 days. Use ${nearIntervals(seconds, SECONDS_CRON_INTERVALS)}, or several schedules with "cron".`,
  };
}

function ofCron(cron: string): ScheduleTranslation {
  const fields = cronFields(cron, ['minute', 'hour', 'day', 'month', 'weekday']);
  // Cron fires on either; NCRONTAB only where both hold.
  if (namesBothDays(fields)) {
    return {
      problem: `"${cron}" restricts the day of the month and the day of the week. Cron fires on days that fit either, and the timer of Azure Functions only on days that fit both. Put "*" in the third or the fifth field, or declare two schedules.`,
    };
  }
  const text = cronText(fields);
  if (text === undefined) {
    return {
      problem: `"${cron}" has a field that the timer of Azure Functions does not know ("L", "W" and "#" are not in NCRONTAB). Use numbers, names, lists, ranges and steps, and look at the date in the handler where that is not enough.`,
    };
  }
  return { expression: `0 ${text}` };
}
