import { Cron } from 'croner';
import { normalCron } from './cron-text.ts';

/** Any fixed moment will do: a date that occurs at all occurs in the decades after it. */
const SEARCH_FROM = new Date('2024-01-01T00:00:00Z');

/** What is wrong with a cron expression, or undefined. */
export function cronProblem(text: string): string | undefined {
  const help =
    'Give five fields: minute, hour, day of month, month, day of week, such as "0 9 * * MON-FRI".';
  const cron = normalCron(text);
  if (text.length > 200) return `is longer than 200 characters. ${help}`;
  const fields = cron === '' ? 0 : cron.split(' ').length;
  if (fields === 6 || cron.startsWith('CRON(')) {
    const other = awsFormHint(cron);
    if (other !== undefined) return other;
  }
  if (fields !== 5) return `has ${fields} of the five cron fields. ${help}`;
  try {
    const next = new Cron(cron, { paused: true, mode: '5-part', timezone: 'UTC' }).nextRun(
      SEARCH_FROM,
    );
    if (next === null || next === undefined) {
      return 'never occurs: no such day is in the calendar. Change the day of month or the month.';
    }
    return undefined;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : 'unreadable';
    return `is no cron expression (${why.replace(/\.$/, '')}). ${help}`;
  }
}

/**
 * What to write for an expression of Amazon EventBridge: six fields, the last one the year; `?` for no day; days of the
 * week from 1 for Sunday, where all others have 0 for it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
function awsFormHint(cron: string): string | undefined {
  const fields = cron.replace(/^CRON\((.*)\)$/, '$1').split(' ');
  const [, , day, , weekday = '', year] = fields;
  if (fields.length !== 6 || (day !== '?' && weekday !== '?')) return undefined;
  const isSame = year === '*' && !/\d/.test(weekday);
  const five = fields.slice(0, 5).join(' ').replace('?', '*');
  const advice = isSame
    ? `Write "${five}".`
    : 'Leave the year out, write * for ?, and name the days of the week, which AWS counts from 1: MON-FRI.';
  return `is of the six fields that Amazon EventBridge has. ${advice}`;
}

/** What is wrong with a time zone's name, or undefined. */
export function timezoneProblem(name: string): string | undefined {
  const help = 'Give an IANA name such as "Europe/Berlin" or "UTC".';
  // `Intl` also takes offsets, which no platform's scheduler does.
  if (!/^[A-Za-z]/.test(name)) return `is no time zone. ${help}`;
  try {
    const format = Intl.DateTimeFormat('en', { timeZone: name });
    return format.resolvedOptions().timeZone === '' ? `is no time zone. ${help}` : undefined;
  } catch {
    return `is no time zone. ${help}`;
  }
}
