/**
 * Cron fields and intervals as Vercel's cron jobs take them ("Managing Cron Jobs", cron expressions): five fields of numbers,
 * in UTC, no names, and a day of the month or a day of the week, not both.
 */
import { describeEvery, nearestIntervals, DAY, HOUR, MINUTE, WEEK } from './intervals.ts';

/** The two kinds of timetable that a schedule has. */
export type When = { readonly everySeconds: number } | { readonly cron: string };

/** Either the expression, or why there is none and what to do. */
export type CronTranslation =
  | { readonly cron: string; readonly problem?: never }
  | { readonly cron?: never; readonly problem: string };

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** `*\/5 * * * *`, or `0 9 * * 1-5`: what goes into `crons[].schedule` of `config.json`. Pure. */
export function cronOf(when: When): CronTranslation {
  return 'cron' in when ? ofCron(when.cron) : ofInterval(when.everySeconds);
}

/** An expression names moments of the clock, so only intervals that divide the next larger unit come evenly. */
function ofInterval(seconds: number): CronTranslation {
  if (seconds >= MINUTE && seconds < HOUR && HOUR % seconds === 0 && seconds % MINUTE === 0) {
    return { cron: `${stepped(seconds / MINUTE)} * * * *` };
  }
  if (seconds >= HOUR && seconds < DAY && DAY % seconds === 0 && seconds % HOUR === 0) {
    return { cron: `0 ${stepped(seconds / HOUR)} * * *` };
  }
  if (seconds === DAY) return { cron: '0 0 * * *' };
  if (seconds === WEEK) return { cron: '0 0 * * 0' };
  const near = nearestIntervals(seconds)
    .map((value) => `"${describeEvery(value)}"`)
    .join(' or ');
  const rule =
    seconds < MINUTE
      ? 'their smallest interval is 1 minute (60 s)'
      : 'they name moments of the clock: an interval must divide an hour or a day evenly, or be 1 day or 7 days';
  return {
    problem: `every ${describeEvery(seconds)} cannot be had of Vercel's cron jobs: ${rule}. Use ${near}, or several schedules with "cron".`,
  };
}

function stepped(count: number): string {
  return count === 1 ? '*' : `*/${count}`;
}

function ofCron(cron: string): CronTranslation {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron
    .toUpperCase()
    .replaceAll('?', '*')
    .split(' ');
  const fields = [
    field(minute, 0, 59),
    field(hour, 0, 23),
    // Steps are written out: a field that begins with "*" may mean "any day", and one that counts from 1 is stepped through
    // in more than one way.
    listed(day, { min: 1, max: 31, last: 31, names: [] }),
    listed(month, { min: 1, max: 12, last: 12, names: MONTHS }),
    weekdays(weekday),
  ];
  if (fields.includes(undefined)) {
    return {
      problem: `"${cron}" has a field that Vercel's cron jobs do not know ("L", "W" and "#" are not in them). Use numbers, names, lists, ranges and steps, and look at the date in the handler where that is not enough.`,
    };
  }
  if (fields[2] !== '*' && fields[4] !== '*') {
    return {
      problem: `"${cron}" names a day of the month and a day of the week, and Vercel's cron jobs take only one of them. Write "*" for one; declare two schedules to have both, or look at the date in the handler.`,
    };
  }
  // At most 180 characters, of the 256 that `crons[].schedule` may have ("Project configuration").
  return { cron: fields.join(' ') };
}

/** Every value is looked at: what a step means differs from one cron to the next. */
function field(text: string, min: number, max: number): string | undefined {
  const values = valuesOf(text, { min, max, last: max, names: [] });
  if (values === undefined) return undefined;
  if (values.length === max - min + 1) return '*';
  return evenly(values, min, max) ?? runs(values);
}

function listed(text: string, range: FieldRange): string | undefined {
  const values = valuesOf(text, range);
  if (values === undefined) return undefined;
  return values.length === range.last - range.min + 1 ? '*' : runs(values);
}

/** Vercel counts from 0, Sunday, to 6. */
function weekdays(text: string): string | undefined {
  // A range may end on the Sunday that is 7.
  const range = { min: 0, max: 7, last: 6, names: WEEKDAYS };
  const values = valuesOf(text.replaceAll('-SUN', '-7'), range);
  if (values === undefined) return undefined;
  const found = [...new Set(values.map((value) => value % 7))].toSorted((a, b) => a - b);
  return found.length === 7 ? '*' : runs(found);
}

interface FieldRange {
  readonly min: number;
  readonly max: number;
  /** Where `*` ends. */
  readonly last: number;
  readonly names: readonly string[];
}

/** All values of a field, sorted; undefined when it is none. */
function valuesOf(text: string, range: FieldRange): readonly number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:(\*)|([0-9A-Z]+)(?:-([0-9A-Z]+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, star, first, end, step] = match;
    const from = star ? range.min : numberOf(first, range);
    const to = star ? range.last : end === undefined ? from : numberOf(end, range);
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || by < 1) return undefined;
    if (from > to || from < range.min || to > range.max) return undefined;
    // `5/10` is read in more than one way.
    if (step !== undefined && !star && end === undefined) return undefined;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}

function numberOf(text: string | undefined, { min, names }: FieldRange): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const at = names.indexOf(text);
  return at < 0 ? undefined : at + min;
}

/** `*\/10` */
function evenly(values: readonly number[], min: number, max: number): string | undefined {
  const [first, second] = values;
  if (first !== min || second === undefined) return undefined;
  const by = second - first;
  const isEven = values.every((value, index) => value === first + index * by);
  return by > 1 && isEven && (values.at(-1) ?? 0) + by > max ? `*/${by}` : undefined;
}

/** `1-5,7` */
function runs(values: readonly number[]): string {
  const parts: string[] = [];
  let start = 0;
  for (let index = 1; index <= values.length; index += 1) {
    if (values[index] === (values[index - 1] ?? 0) + 1) continue;
    const [first = 0, last = 0] = [values[start], values[index - 1]];
    parts.push(first === last ? String(first) : `${first}-${last}`);
    start = index;
  }
  return parts.join(',');
}
