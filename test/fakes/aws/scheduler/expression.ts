/** Schedule expressions: `rate(5 minutes)`, `cron(0 9 ? * MON-FRI *)`, `at(2030-01-31T09:00:00)`. */
import { Cron } from 'croner';

/** When a schedule is due. Times are in milliseconds since the epoch. */
export interface Timetable {
  readonly isOnce: boolean;
  /** The first time after `after`; undefined when there is none. `origin` is where a rate is counted from. */
  next(after: number, origin: number): number | undefined;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const RATE = /^rate\((\d+) (minute|hour|day)(s?)\)$/;
const AT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/;
const CRON = /^cron\(([^()]+)\)$/;

/** Undefined for an expression that the service does not take. */
export function timetable(expression: string, timezone: string): Timetable | undefined {
  const rate = RATE.exec(expression);
  if (rate !== null) return rateTable(rate);
  const at = AT.exec(expression);
  if (at?.[1] !== undefined) return atTable(at[1], timezone);
  const cron = CRON.exec(expression);
  return cron?.[1] === undefined ? undefined : cronTable(cron[1], timezone);
}

export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function rateTable([, digits = '', unit = '', plural = '']: RegExpExecArray):
  | Timetable
  | undefined {
  const count = Number(digits);
  if (count < 1 || (count === 1) !== (plural === '')) return undefined;
  const size = unit === 'minute' ? UNIT_MS.minute : unit === 'hour' ? UNIT_MS.hour : UNIT_MS.day;
  const interval = count * size;
  return {
    isOnce: false,
    next: (after, origin) =>
      origin + Math.max(0, Math.floor((after - origin) / interval) + 1) * interval,
  };
}

function atTable(local: string, timezone: string): Timetable | undefined {
  try {
    const due = new Cron(local, { timezone, paused: true }).nextRun(new Date(0))?.getTime();
    if (due === undefined) return undefined;
    return { isOnce: true, next: (after) => (due > after ? due : undefined) };
  } catch {
    return undefined;
  }
}

/** Minutes, hours, day of month, month, day of week (1 is Sunday), year; one of the two days is `?`. */
function cronTable(fields: string, timezone: string): Timetable | undefined {
  const parts = fields.split(' ');
  const [minutes, hours, days, months, weekdays, years] = parts;
  if (parts.length !== 6 || (days === '?') === (weekdays === '?')) return undefined;
  if ([minutes, hours, months, years].includes('?')) return undefined;
  if (!parts.every((part) => /^[\dA-Z*?,/#\-LW]+$/i.test(part))) return undefined;
  const text = ['0', minutes, hours, days, months, weekdays, years].join(' ').replaceAll('?', '*');
  try {
    const cron = new Cron(text, {
      timezone,
      paused: true,
      alternativeWeekdays: true,
      sloppyRanges: true,
      mode: '7-part',
    });
    return {
      isOnce: false,
      next: (after) => cron.nextRun(new Date(after))?.getTime(),
    };
  } catch {
    return undefined;
  }
}
