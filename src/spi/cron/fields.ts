import { cronRuns, cronStep, cronValues, type CronRange } from './values.ts';

/** The fields of a cron expression, in their order. */
const CRON_FIELDS = ['minute', 'hour', 'day', 'month', 'weekday'] as const;

/** `day` is the day of the month, `weekday` the day of the week. */
export type CronField = (typeof CRON_FIELDS)[number];

/** What each field says; undefined where a platform with plain cron has no word for it, such as `L`, `W` and `#`. */
export type CronFields = { readonly [Field in CronField]: string | undefined };

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

const RANGES: Readonly<Record<CronField, CronRange>> = {
  minute: { min: 0, max: 59, last: 59, names: [] },
  hour: { min: 0, max: 23, last: 23, names: [] },
  day: { min: 1, max: 31, last: 31, names: [] },
  month: { min: 1, max: 12, last: 12, names: MONTHS },
  // A range may end on the Sunday that is 7.
  weekday: { min: 0, max: 7, last: 6, names: WEEKDAYS },
};

/**
 * The fields of a cron expression in the form that all platforms read alike: `*`, and else numbers, lists and ranges.
 * Names become numbers, Sunday is 0, `?` is `*`, and every step is looked at, since what it means differs from one cron to
 * the next (`5/10`, and a step over a range that it does not divide). Fields follow POSIX `crontab`, with the names and
 * steps that Vixie cron added. Pure.
 *
 * @param cron five fields with one space between them.
 * @param stepped the fields in which `*\/10` may be written. In the others a step is written out: on some platforms a day
 *   that begins with `*` means "any day" beside another day, and what counts from 1 is stepped through in more than one way.
 */
export function cronFields(cron: string, stepped: readonly CronField[] = []): CronFields {
  const texts = cron.toUpperCase().replaceAll('?', '*').split(' ');
  const written = (field: CronField): string | undefined =>
    fieldOf(field, texts[CRON_FIELDS.indexOf(field)] ?? '', stepped.includes(field));
  return {
    minute: written('minute'),
    hour: written('hour'),
    day: written('day'),
    month: written('month'),
    weekday: written('weekday'),
  };
}

/** The expression of all five; undefined where one of them is. */
export function cronText(fields: CronFields): string | undefined {
  const texts = CRON_FIELDS.map((field) => fields[field]);
  return texts.includes(undefined) ? undefined : texts.join(' ');
}

/** Whether both kinds of day are restricted: cron fires on days that fit either, and several platforms do not. */
export function namesBothDays({ day, weekday }: CronFields): boolean {
  return day !== undefined && day !== '*' && weekday !== undefined && weekday !== '*';
}

function fieldOf(field: CronField, text: string, isStepped: boolean): string | undefined {
  const range = RANGES[field];
  const { min, last } = range;
  const values = field === 'weekday' ? weekdays(text, range) : cronValues(text, range);
  if (values === undefined) return undefined;
  if (values.length === last - min + 1) return '*';
  return (isStepped ? cronStep(values, min, last) : undefined) ?? cronRuns(values);
}

/** 7 is Sunday too, which some platforms know as 0 only. */
function weekdays(text: string, range: CronRange): readonly number[] | undefined {
  const values = cronValues(text.replaceAll('-SUN', '-7'), range);
  if (values === undefined) return undefined;
  return [...new Set(values.map((value) => value % 7))].toSorted((a, b) => a - b);
}
