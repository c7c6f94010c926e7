/**
 * Schedules of crons: `minute hour day month weekday` in UTC, numbers only, and a value for one of the two days only.
 * https://vercel.com/docs/cron-jobs#cron-expressions
 */
import { Cron } from 'croner';

export interface Timetable {
  /** The first time after a moment, in milliseconds; undefined when there is none. */
  next(after: number): number | undefined;
}

const FIELDS: readonly (readonly [least: number, most: number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
];
const MAX_LENGTH = 256;
const DAY = 2;
const WEEKDAY = 4;

/** Undefined for a schedule that Vercel does not take. */
export function timetableOf(schedule: string): Timetable | undefined {
  if (!isSchedule(schedule)) return undefined;
  try {
    const cron = new Cron(schedule, { timezone: 'UTC', paused: true, mode: '5-part' });
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch {
    return undefined;
  }
}

function isSchedule(schedule: string): boolean {
  const parts = schedule.split(' ');
  if (schedule.length > MAX_LENGTH || parts.length !== FIELDS.length) return false;
  if (parts[DAY] !== '*' && parts[WEEKDAY] !== '*') return false;
  return FIELDS.every((range, index) =>
    (parts[index] ?? '').split(',').every((part) => isPart(part, range)),
  );
}

/** `*`, `5`, `1-5`, and what has a step: `1-30/5`, `*` with one. */
function isPart(text: string, [least, most]: readonly [number, number]): boolean {
  const match = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(text);
  if (!match) return false;
  const [from = least, to = from, step = 1] = match
    .slice(1)
    .map((digits) => (digits === undefined ? undefined : Number(digits)));
  if (match[3] !== undefined && match[1] !== undefined && match[2] === undefined) return false;
  return step >= 1 && from >= least && to <= most && from <= to;
}
