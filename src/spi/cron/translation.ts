import type { NormalScheduleEvent } from '../bindings.ts';

/** The two kinds of timetable that a schedule has; a cron expression has one space between its fields. */
export type ScheduleWhen = NormalScheduleEvent['when'];

/** Either the platform's expression of a timetable, or why there is none and what to do. */
export type ScheduleTranslation =
  | { readonly expression: string; readonly problem?: never }
  | { readonly expression?: never; readonly problem: string };
