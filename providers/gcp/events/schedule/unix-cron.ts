/** Cron fields and intervals as Cloud Scheduler takes them: unix-cron ("Configure cron job schedules"). */
import { describeEvery, nearestIntervals, DAY, HOUR, MINUTE, WEEK } from './intervals.ts';

/** The two kinds of timetable that a schedule has. */
export type When = { readonly everySeconds: number } | { readonly cron: string };

/** Either the expression, or why there is none and what to do. */
export type Translation =
  | { readonly expression: string; readonly problem?: never }
  | { readonly expression?: never; readonly problem: string };

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** Cloud Scheduler API, `Job.schedule`. */
const LONGEST_EXPRESSION = 500;

/** `*\/5 * * * *`, or `0 9 * * 1-5`. */
export function unixCron(when: When): Translation {
  return 'cron' in when ? ofCron(when.cron) : ofInterval(when.everySeconds);
}

/** An expression names moments of the clock, so only intervals that divide the next larger unit come evenly. */
function ofInterval(seconds: number): Translation {
  if (seconds >= MINUTE && seconds < HOUR && HOUR % seconds === 0 && seconds % MINUTE === 0) {
    return { expression: `${stepped(seconds / MINUTE)} * * * *` };
  }
  if (seconds >= HOUR && seconds < DAY && DAY % seconds === 0 && seconds % HOUR === 0) {
    return { expression: `0 ${stepped(seconds / HOUR)} * * *` };
  }
  if (seconds === DAY) return { expression: '0 0 * * *' };
  if (seconds === WEEK) return { expression: '0 0 * * 0' };
  const near = nearestIntervals(seconds)
    .map((value) => `"${describeEvery(value)}"`)
    .join(' or ');
  const rule =
    seconds < MINUTE
      ? 'its smallest interval is 1 minute'
      : 'it names moments of the clock: an interval must divide an hour or a day evenly, or be 1 day or 7 days';
  return {
    problem: `every ${describeEvery(seconds)} cannot be had of Cloud Scheduler: ${rule}. Use ${near}, or several schedules with "cron".`,
  };
}

function stepped(count: number): string {
  return count === 1 ? '*' : `*/${count}`;
}

function ofCron(cron: string): Translation {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron
    .toUpperCase()
    .replaceAll('?', '*')
    .split(' ');
  const fields = [
    field(minute, 0, 59),
    field(hour, 0, 23),
    // Steps are written out: a field that begins with "*" may mean "any day" beside another day.
    days(day, { min: 1, max: 31, last: 31, names: [] }),
    field(month, 1, 12, MONTHS),
    weekdays(weekday),
  ];
  if (fields.includes(undefined)) {
    return {
      problem: `"${cron}" has a field that Cloud Scheduler does not know ("L", "W" and "#" are not in unix-cron). Use numbers, names, lists, ranges and steps, and look at the date in the handler where that is not enough.`,
    };
  }
  const expression = fields.join(' ');
  return expression.length <= LONGEST_EXPRESSION
    ? { expression }
    : {
        problem: `"${cron}" comes to ${expression.length} characters in Cloud Scheduler's form; at most ${LONGEST_EXPRESSION} are allowed. Declare two schedules with shorter lists.`,
      };
}

/** Every value is looked at: what a step means differs from one cron to the next. */
function field(
  text: string,
  min: number,
  max: number,
  names: readonly string[] = [],
): string | undefined {
  const values = valuesOf(text, { min, max, last: max, names });
  if (values === undefined) return undefined;
  if (values.length === max - min + 1) return '*';
  return evenly(values, min, max) ?? runs(values);
}

function days(text: string, range: FieldRange): string | undefined {
  const values = valuesOf(text, range);
  if (values === undefined) return undefined;
  return values.length === range.last - range.min + 1 ? '*' : runs(values);
}

/** 7 is Sunday too. */
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
