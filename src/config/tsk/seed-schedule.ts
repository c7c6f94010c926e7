import type { TskValue } from './parse.ts';

/** `rate(5 minutes)`, `cron(0 9 * * ? *)`, `5 minutes` or five fields, as `every` or `cron`. */
export function everyAndCron(schedule: TskValue): Record<string, unknown> {
  if (typeof schedule !== 'string') return { every: schedule };
  const text = schedule.trim();
  const inside = text.startsWith('cron(') && text.endsWith(')') ? text.slice(5, -1) : undefined;
  if (inside !== undefined) return { cron: fiveFields(inside) };
  return text.startsWith('rate(') || /^\d+\s+[a-z]+$/.test(text) ? { every: text } : { cron: text };
}

/** AWS writes six fields, with a year, `?` for any day, and Sunday as 1. */
function fiveFields(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  const [minute, hour, day, month, weekday, year] = fields;
  if (fields.length !== 6 || year !== '*' || weekday === undefined) return cron;
  const days = weekday.replaceAll(
    /(^|[,-])([1-7])/g,
    (_, before: string, number: string) => `${before}${Number(number) - 1}`,
  );
  return [minute, hour, day, month, days].join(' ').replaceAll('?', '*');
}
