/** Timetables: what most platforms can be told of a schedule is five cron fields. */
export { cronFields, cronText, namesBothDays, type CronField, type CronFields } from './fields.ts';
export {
  CRON_INTERVALS,
  cronOfInterval,
  describeEvery,
  nearIntervals,
  SECONDS_CRON_INTERVALS,
  secondsCronOfInterval,
} from './intervals.ts';
export type { ScheduleTranslation, ScheduleWhen } from './translation.ts';
