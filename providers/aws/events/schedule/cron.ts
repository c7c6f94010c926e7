/** Five cron fields, and intervals, as EventBridge Scheduler writes them. */

/** The two kinds of timetable that a schedule has. */
export type When = { readonly everySeconds: number } | { readonly cron: string };

/** Either the expression, or why there is none and what to do. */
export type Translation =
  | { readonly expression: string; readonly problem?: never }
  | { readonly expression?: never; readonly problem: string };

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;
const MONTHS = [
  'JAN',
  'FEB',
  'MAR',
  'APR',
  'MAY',
  'JUN',
  'JUL',
  'AUG',
  'SEP',
  'OCT',
  'NOV',
  'DEC',
] as const;
/** EventBridge Scheduler API reference, `CreateSchedule`: `ScheduleExpression` has 1 to 256 characters. */
const LONGEST_EXPRESSION = 256;

/** `rate(5 minutes)`, or `cron(0 9 ? * MON-FRI *)`. */
export function scheduleExpression(when: When): Translation {
  return 'cron' in when ? cronExpression(when.cron) : rateExpression(when.everySeconds);
}

function rateExpression(seconds: number): Translation {
  for (const [unit, size] of UNITS) {
    const count = seconds / size;
    if (Number.isInteger(count) && count >= 1) {
      return { expression: `rate(${count} ${unit}${count === 1 ? '' : 's'})` };
    }
  }
  return {
    problem: `every ${seconds} seconds is no whole number of minutes, and EventBridge Scheduler counts in minutes. Give a multiple of "1 minute".`,
  };
}

function cronExpression(cron: string): Translation {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron
    .toUpperCase()
    .replaceAll('?', '*')
    .split(' ');
  // `*/1` and `1-31` are every day too.
  const isEveryDay = dayField(day) === '*';
  const isEveryWeekday = weekdayField(weekday) === '*';
  if (!isEveryDay && !isEveryWeekday) {
    return {
      problem: `"${cron}" restricts the day of the month and the day of the week; EventBridge Scheduler takes one of them. Put "*" in the third or the fifth field, or declare two schedules.`,
    };
  }
  const fields = [
    plainField(minute, 0, 59),
    plainField(hour, 0, 23),
    isEveryWeekday ? dayField(day) : '?',
    plainField(month, 1, 12, MONTHS),
    isEveryWeekday ? '?' : weekdayField(weekday),
    '*',
  ];
  if (fields.includes(undefined)) {
    return {
      problem: `"${cron}" has a field that EventBridge Scheduler does not know. Use numbers, names, lists, ranges and steps; "L" or "15W" as the whole day of the month; "5L" or "2#1" as the whole day of the week.`,
    };
  }
  const expression = `cron(${fields.join(' ')})`;
  return expression.length <= LONGEST_EXPRESSION
    ? { expression }
    : {
        problem: `"${cron}" comes to ${expression.length} characters in EventBridge Scheduler's form; at most ${LONGEST_EXPRESSION} are allowed. Declare two schedules with shorter lists.`,
      };
}

function dayField(field: string): string | undefined {
  if (field === 'L' || /^([1-9]|[12]\d|3[01])W$/.test(field)) return field;
  return plainField(field, 1, 31);
}

function weekdayField(field: string): string | undefined {
  const special = /^([0-7]|[A-Z]{3})(L|#[1-5])$/.exec(field);
  if (special) {
    const [, name = '', what = ''] = special;
    const at = numberOf(name, 0, WEEKDAYS);
    // Numbers of weekdays begin with 1, on Sunday.
    return at === undefined ? undefined : `${(at % 7) + 1}${what}`;
  }
  // A range may end on the Sunday that is 7.
  const values = valuesOf(field.replaceAll('-SUN', '-7'), 0, 7, WEEKDAYS);
  if (values === undefined) return undefined;
  const days = new Set(values.map((value) => value % 7));
  if (days.size === 7) return '*';
  return runs(
    [...days].toSorted((a, b) => a - b),
    (value) => WEEKDAYS[value] ?? '',
  );
}

/** Every value is written out: what steps mean differs from one cron to the next. */
function plainField(
  field: string,
  min: number,
  max: number,
  names: readonly string[] = [],
): string | undefined {
  const values = valuesOf(field, min, max, names);
  if (values === undefined) return undefined;
  if (values.length === max - min + 1) return '*';
  return steps(values, max) ?? runs(values, String);
}

/** All values of a field, sorted; undefined when it is none. */
function valuesOf(
  field: string,
  min: number,
  max: number,
  names: readonly string[],
): readonly number[] | undefined {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(?:(\*)|([0-9A-Z]+)(?:-([0-9A-Z]+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, star, first, last, step] = match;
    const from = star ? min : numberOf(first, min, names);
    const to = star ? starEnd(max, names) : last === undefined ? from : numberOf(last, min, names);
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || from > to || by < 1) return undefined;
    if (from < min || to > max || (step !== undefined && !star && last === undefined))
      return undefined;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}

/** `*` of the weekdays ends on Saturday, though 7 is a Sunday too. */
function starEnd(max: number, names: readonly string[]): number {
  return names === WEEKDAYS ? 6 : max;
}

function numberOf(
  text: string | undefined,
  min: number,
  names: readonly string[],
): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const at = names.indexOf(text);
  return at < 0 ? undefined : at + min;
}

/** `0/10`, when the values go on to the end in even steps. */
function steps(values: readonly number[], max: number): string | undefined {
  const [first, second] = values;
  if (first === undefined || second === undefined || values.length < 3) return undefined;
  const by = second - first;
  const isEven = values.every((value, index) => value === first + index * by);
  return by > 1 && isEven && (values.at(-1) ?? 0) + by > max ? `${first}/${by}` : undefined;
}

/** `1-5,7`. */
function runs(values: readonly number[], write: (value: number) => string): string {
  const parts: string[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const first = values[index] ?? 0;
    let last = first;
    while (values[index + 1] === last + 1) {
      index += 1;
      last = values[index] ?? last;
    }
    if (last === first) parts.push(write(first));
    else
      parts.push(
        last === first + 1 ? `${write(first)},${write(last)}` : `${write(first)}-${write(last)}`,
      );
  }
  return parts.join(',');
}
