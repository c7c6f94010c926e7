import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECONDS_CRON_INTERVALS } from 'polyfaas/spi';
import { ncrontab } from '../../../providers/azure/events/schedule/ncrontab.ts';

const FROM = Date.UTC(2026, 0, 30, 23, 58, 31);
const DAY_MS = 86_400_000;

/** Values of one NCRONTAB field: `*`, lists, ranges, and steps over either. */
function values(text: string, min: number, max: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [first = '', last = first] = range.split('-');
    const from = range === '*' ? min : Number(first);
    const to = range === '*' ? max : Number(last);
    if (![from, to, Number(step)].every(Number.isInteger)) throw new Error(`not a field: ${text}`);
    if (from < min || to > max || from > to) throw new Error(`out of range: ${text}`);
    for (let value = from; value <= to; value += Number(step)) found.add(value);
  }
  return found;
}

/** The next moments of an NCRONTAB expression, as the timer reads it: all six fields must fit. */
function* moments(expression: string, from: number, until: number): Generator<number> {
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] =
    expression.split(' ');
  const seconds = [...values(second, 0, 59)];
  const minutes = values(minute, 0, 59);
  const hours = values(hour, 0, 23);
  const days = values(day, 1, 31);
  const months = values(month, 1, 12);
  const weekdays = values(weekday, 0, 6);
  for (let at = Math.floor(from / 60_000) * 60_000; at < until; at += 60_000) {
    const date = new Date(at);
    const isDay =
      months.has(date.getUTCMonth() + 1) &&
      days.has(date.getUTCDate()) &&
      weekdays.has(date.getUTCDay());
    if (!isDay) {
      at = Math.floor(at / DAY_MS) * DAY_MS + DAY_MS - 60_000;
      continue;
    }
    if (!hours.has(date.getUTCHours()) || !minutes.has(date.getUTCMinutes())) continue;
    for (const one of seconds) if (at + one * 1000 > from) yield at + one * 1000;
  }
}

function take(expression: string, count: number, until: number): readonly number[] {
  const found: number[] = [];
  for (const moment of moments(expression, FROM, until)) {
    found.push(moment);
    if (found.length === count) break;
  }
  return found;
}

const number = (min: number, max: number) => fc.integer({ min, max });

/** One field with all that cron5 has but names. */
function field(min: number, max: number) {
  const range = fc
    .tuple(number(min, max), number(min, max))
    .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const part = fc.oneof(
    number(min, max).map(String),
    range,
    fc.tuple(range, number(1, max)).map(([text, step]) => `${text}/${step}`),
    number(1, max).map((step) => `*/${step}`),
  );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    {
      weight: 3,
      arbitrary: fc.array(part, { minLength: 1, maxLength: 3 }).map((all) => all.join(',')),
    },
  );
}

const dayOrWeekday = fc.oneof(
  fc.tuple(field(1, 31), fc.constant('*')),
  fc.tuple(fc.constant('*'), field(0, 7)),
  fc.tuple(fc.constant('*'), fc.constantFrom('MON-FRI', 'SUN', 'SAT,SUN', 'FRI-SUN', 'TUE-THU/2')),
);

const cron5 = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    dayOrWeekday,
    fc.oneof(field(1, 12), fc.constantFrom('JAN', 'JUN-AUG')),
  )
  .map(([minute, hour, [day, weekday], month]) => [minute, hour, day, month, weekday].join(' '));

describe('NCRONTAB', () => {
  it('occurs exactly when the cron expression does', () => {
    fc.assert(
      fc.property(cron5, (cron) => {
        const { expression } = ncrontab({ cron });
        if (expression === undefined) throw new Error(`refused: ${cron}`);
        const until = FROM + 800 * DAY_MS;
        const expected = new Cron(cron, { paused: true, mode: '5-part', timezone: 'UTC' })
          .nextRuns(5, new Date(FROM))
          .map((date) => date.getTime())
          .filter((time) => time < until);
        expect(take(expression, expected.length, until)).toEqual(expected);
        if (expected.length === 0) expect(take(expression, 1, until)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['*/10 * * * *', '0 */10 * * * *'],
    ['0 9 * * MON-FRI', '0 0 9 * * 1-5'],
    ['30 4 1,15 * *', '0 30 4 1,15 * *'],
    ['0 0 ? * 7', '0 0 0 * * 0'],
    ['0 0 * JAN-MAR *', '0 0 0 * 1-3 *'],
    ['0 0 */1 * 1-5', '0 0 0 * * 1-5'],
  ])('%s is %s', (cron, expression) => {
    expect(ncrontab({ cron })).toEqual({ expression });
  });

  it.each([
    ['0 0 1 * MON', /both/],
    ['0 0 L * *', /"L"/],
    ['0 0 15W * *', /"W"/],
    ['0 0 * * 5#2', /"#"/],
    ['5/10 * * * *', /does not know/],
  ])('refuses %s', (cron, why) => {
    expect(ncrontab({ cron }).problem).toMatch(why);
  });
});

describe('intervals', () => {
  it('come evenly, so long after each other as they say', () => {
    for (const everySeconds of SECONDS_CRON_INTERVALS) {
      const { expression = '' } = ncrontab({ everySeconds });
      const found = take(expression, 5, FROM + 60 * DAY_MS);
      expect(found).toHaveLength(5);
      for (const [index, time] of found.entries()) {
        if (index > 0) expect(time - (found[index - 1] ?? 0)).toBe(everySeconds * 1000);
      }
    }
  });

  it('are refused where they would not come evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (everySeconds) => {
        const { expression, problem } = ncrontab({ everySeconds });
        expect(expression === undefined).toBe(!SECONDS_CRON_INTERVALS.includes(everySeconds));
        expect(problem === undefined).toBe(expression !== undefined);
      }),
    );
  });

  it.each([
    [420, '"6 minutes" or "10 minutes"'],
    [90, '"1 minute" or "2 minutes"'],
    [2 * 86_400, '"1 day" or "7 days"'],
    [30 * 86_400, 'Use "7 days"'],
  ])('of %i seconds are refused with those that are near', (everySeconds, near) => {
    expect(ncrontab({ everySeconds }).problem).toContain(near);
  });
});
