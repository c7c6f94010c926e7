/**
 * Five cron fields, and intervals, as the timer trigger of Azure Functions writes them: NCRONTAB, six fields with the
 * seconds first, in UTC (Azure Functions, "Timer trigger", NCRONTAB expressions).
 */
import { describeEvery, nearestIntervals } from './intervals.ts';

/** The two kinds of timetable that a schedule has. */
export type When = { readonly everySeconds: number } | { readonly cron: string };

/** Either the expression, or why there is none and what to do. */
export type Translation =
  | { readonly expression: string; readonly problem?: never }
  | { readonly expression?: never; readonly problem: string };

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** `0 *\/5 * * * *`, or `0 0 9 * * 1-5`. */
export function ncrontab(when: When): Translation {
  return 'cron' in when ? ofCron(when.cron) : ofInterval(when.everySeconds);
}

/** How often an interval comes at the least; a cron expression has no seconds. */
export function shortestGapSeconds(when: When): number {
  return 'cron' in when ? MINUTE : when.everySeconds;
}

/** An expression names moments, so only intervals that divide the next larger unit come evenly. */
function ofInterval(seconds: number): Translation {
  if (Number.isInteger(seconds) && seconds >= 1) {
    if (seconds < MINUTE && MINUTE % seconds === 0) {
      return { expression: `${stepped(seconds, 1)} * * * * *` };
    }
    if (seconds < HOUR && HOUR % seconds === 0 && seconds % MINUTE === 0) {
      return { expression: `0 ${stepped(seconds, MINUTE)} * * * *` };
    }
    if (seconds < DAY && DAY % seconds === 0 && seconds % HOUR === 0) {
      return { expression: `0 0 ${stepped(seconds, HOUR)} * * *` };
    }
    if (seconds === DAY) return { expression: '0 0 0 * * *' };
    if (seconds === WEEK) return { expression: '0 0 0 * * 0' };
  }
  const [below, above] = nearestIntervals(seconds);
  const near = [below, above]
    .filter((value) => value !== undefined)
    .map((value) => `"${describeEvery(value)}"`)
    .join(' or ');
  return {
    problem: `every ${describeEvery(seconds)} cannot be written for the timer of Azure Functions, which names moments of the clock: an interval must divide a minute, an hour or a day evenly, or be 1 day or 7 days. Use ${near}, or several schedules with "cron".`,
  };
}

function stepped(seconds: number, unit: number): string {
  const count = seconds / unit;
  return count === 1 ? '*' : `*/${count}`;
}

function ofCron(cron: string): Translation {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron
    .toUpperCase()
    .replaceAll('?', '*')
    .split(' ');
  const days = field(day, 1, 31);
  const weekdays = weekdayField(weekday);
  // Cron fires on either; NCRONTAB only where both hold.
  if (days !== undefined && days !== '*' && weekdays !== undefined && weekdays !== '*') {
    return {
      problem: `"${cron}" restricts the day of the month and the day of the week. Cron fires on days that fit either, and the timer of Azure Functions only on days that fit both. Put "*" in the third or the fifth field, or declare two schedules.`,
    };
  }
  const fields = [field(minute, 0, 59), field(hour, 0, 23), days, field(month, 1, 12, MONTHS)];
  const all = [...fields, weekdays];
  if (all.includes(undefined)) {
    return {
      problem: `"${cron}" has a field that the timer of Azure Functions does not know ("L", "W" and "#" are not in NCRONTAB). Use numbers, names, lists, ranges and steps, and look at the date in the handler where that is not enough.`,
    };
  }
  return { expression: ['0', ...all].join(' ') };
}

/** Every value is written out: what a step means differs from one cron to the next. */
function field(
  text: string,
  min: number,
  max: number,
  names: readonly string[] = [],
): string | undefined {
  const values = valuesOf(text, { min, max, last: max, names });
  return values === undefined ? undefined : written(values, min, max);
}

/** 7 is Sunday too, which NCRONTAB knows as 0 only. */
function weekdayField(text: string): string | undefined {
  const range = { min: 0, max: 7, last: 6, names: WEEKDAYS };
  // A range may end on the Sunday that is 7.
  const values = valuesOf(text.replaceAll('-SUN', '-7'), range);
  if (values === undefined) return undefined;
  const days = new Set(values.map((value) => value % 7));
  return written(
    [...days].toSorted((a, b) => a - b),
    0,
    6,
  );
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

/** `*`, `*\/10`, or `1-5,7`. */
function written(values: readonly number[], min: number, max: number): string {
  if (values.length === max - min + 1) return '*';
  return evenly(values, min, max) ?? runs(values);
}

function evenly(values: readonly number[], min: number, max: number): string | undefined {
  const [first, second] = values;
  if (first !== min || second === undefined) return undefined;
  const by = second - first;
  const isEven = values.every((value, index) => value === first + index * by);
  return by > 1 && isEven && (values.at(-1) ?? 0) + by > max ? `*/${by}` : undefined;
}

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
