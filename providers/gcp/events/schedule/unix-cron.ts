/** Cron fields and intervals as Cloud Scheduler takes them: unix-cron ("Configure cron job schedules"). */
import {
  CRON_INTERVALS,
  cronFields,
  cronOfInterval,
  cronText,
  describeEvery,
  nearIntervals,
  type ScheduleTranslation,
  type ScheduleWhen,
} from 'polyfaas/spi';

/** Cloud Scheduler API, `Job.schedule`. */
const LONGEST_EXPRESSION = 500;

const MINUTE = 60;

/** `*\/5 * * * *`, or `0 9 * * 1-5`. */
export function unixCron(when: ScheduleWhen): ScheduleTranslation {
  return 'cron' in when ? ofCron(when.cron) : ofInterval(when.everySeconds);
}

function ofInterval(seconds: number): ScheduleTranslation {
  const expression = cronOfInterval(seconds);
  if (expression !== undefined) return { expression };
  const rule =
    seconds < MINUTE
      ? 'its smallest interval is 1 minute'
      : 'it names moments of the clock: an interval must divide an hour or a day evenly, or be 1 day or 7 days';
  return {
    problem: `every ${describeEvery(seconds)} cannot be had of Cloud Scheduler: ${rule}. Use ${nearIntervals(seconds, CRON_INTERVALS)}, or several schedules with "cron".`,
  };
}

function ofCron(cron: string): ScheduleTranslation {
  // Steps of days are written out: a field that begins with "*" may mean "any day" beside another day.
  const expression = cronText(cronFields(cron, ['minute', 'hour', 'month']));
  if (expression === undefined) {
    return {
      problem: `"${cron}" has a field that Cloud Scheduler does not know ("L", "W" and "#" are not in unix-cron). Use numbers, names, lists, ranges and steps, and look at the date in the handler where that is not enough.`,
    };
  }
  return expression.length <= LONGEST_EXPRESSION
    ? { expression }
    : {
        problem: `"${cron}" comes to ${expression.length} characters in Cloud Scheduler's form; at most ${LONGEST_EXPRESSION} are allowed. Declare two schedules with shorter lists.`,
      };
}
