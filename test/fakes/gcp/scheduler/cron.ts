/** Schedules in the unix-cron format: `minute hour day month weekday`. https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules */
import { Cron } from 'croner';

export interface Timetable {
  /** The first time after a moment, in milliseconds; undefined when there is none. */
  next(after: number): number | undefined;
}

interface Field {
  readonly least: number;
  readonly most: number;
  /** Names that stand for numbers, the first for `least`. */
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  // Sunday is 0 and 7.
  { least: 0, most: 7, names: DAYS },
];

/** Undefined for a schedule or a time zone that the service does not take. */
export function timetableOf(schedule: string, timeZone: string): Timetable | undefined {
  if (!isSchedule(schedule) || !isTimeZone(timeZone)) return undefined;
  try {
    // Where both days are given, either has to fit.
    const cron = new Cron(schedule.trim(), { timezone: timeZone, paused: true, mode: '5-part' });
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch {
    return undefined;
  }
}

function isSchedule(schedule: string): boolean {
  const parts = schedule.trim().split(/\s+/);
  return (
    parts.length === FIELDS.length &&
    FIELDS.every((field, index) =>
      (parts[index] ?? '').split(',').every((part) => isPart(part, field)),
    )
  );
}

/** `*`, `5`, `1-5`, and ranges with a step: `1-30/5`. */
function isPart(text: string, field: Field): boolean {
  const [range = '', step, ...more] = text.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === '*') return true;
  const [from, to, ...rest] = range.split('-').map((end) => valueOf(end, field));
  if (from === undefined || rest.length > 0) return false;
  if (range.includes('-')) return to !== undefined && from <= to;
  return step === undefined;
}

function valueOf(text: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return least + named;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
