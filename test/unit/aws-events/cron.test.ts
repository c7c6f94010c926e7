import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleExpression } from '../../../providers/aws/events/schedule/cron.ts';

const DAY_MS = 86_400_000;
const NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** What EventBridge Scheduler makes of one field: lists of values, ranges, and `first/step`. */
function awsField(field: string, min: number, max: number): ReadonlySet<number> {
  const values = new Set<number>();
  const numberOf = (text: string): number =>
    NAMES.includes(text) ? NAMES.indexOf(text) + 1 : Number(text);
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [first = '', last] = range.split('-');
    const from = range === '*' ? min : numberOf(first);
    const to = range === '*' || step !== undefined ? max : numberOf(last ?? first);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

/** The times of a day in UTC, in minutes, at which the translated expression fires. */
function awsTimes(expression: string, day: Date): readonly number[] {
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', years] =
    /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ') ?? [];
  expect(years).toBe('*');
  expect([days, weekdays].filter((field) => field === '?')).toHaveLength(1);
  const fits =
    awsField(months, 1, 12).has(day.getUTCMonth() + 1) &&
    (days === '?' || awsField(days, 1, 31).has(day.getUTCDate())) &&
    (weekdays === '?' || awsField(weekdays, 1, 7).has(day.getUTCDay() + 1));
  if (!fits) return [];
  return [...awsField(hours, 0, 23)]
    .flatMap((hour) => [...awsField(minutes, 0, 59)].map((minute) => hour * 60 + minute))
    .toSorted((a, b) => a - b);
}

function cronTimes(cron: string, day: Date): readonly number[] {
  const job = new Cron(cron, { paused: true, mode: '5-part', timezone: 'UTC' });
  const end = day.getTime() + DAY_MS;
  const times: number[] = [];
  let at = new Date(day.getTime() - 1000);
  for (;;) {
    const next = job.nextRun(at);
    if (next === null || next.getTime() >= end) return times;
    times.push(Math.round((next.getTime() - day.getTime()) / 60_000));
    at = next;
  }
}

function fieldOf(min: number, max: number): fc.Arbitrary<string> {
  const value = fc.integer({ min, max });
  const pair = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const step = fc.integer({ min: 1, max: max - min });
  const part = fc.oneof(
    value.map(String),
    pair.map(([a, b]) => `${a}-${b}`),
    fc.tuple(pair, step).map(([[a, b], by]) => `${a}-${b}/${by}`),
    step.map((by) => `*/${by}`),
  );
  return fc.oneof(
    fc.constant('*'),
    fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')),
  );
}

const fields = fc
  .tuple(
    fieldOf(0, 59),
    fieldOf(0, 23),
    fieldOf(1, 31),
    fieldOf(1, 12),
    fieldOf(0, 6),
    fc.boolean(),
  )
  .map(([minute, hour, day, month, weekday, byDay]) =>
    [minute, hour, byDay ? day : '*', month, byDay ? '*' : weekday].join(' '),
  );

const days = fc
  .integer({ min: 0, max: 4000 })
  .map((count) => new Date(Date.UTC(2024, 0, 1) + count * DAY_MS));

describe('cron expressions', () => {
  it('fire at the same times in five fields and in the form of AWS', () => {
    fc.assert(
      fc.property(fields, days, (cron, day) => {
        const { expression } = scheduleExpression({ cron });
        if (expression === undefined) throw new Error(`${cron} is not translated`);
        expect(expression.length).toBeLessThanOrEqual(256);
        expect(awsTimes(expression, day)).toEqual(cronTimes(cron, day));
      }),
      { numRuns: 120 },
    );
  });

  it.each([
    ['*/10 * * * *', 'cron(0/10 * * * ? *)'],
    ['30 9 * * *', 'cron(30 9 * * ? *)'],
    ['0 9 * * MON-FRI', 'cron(0 9 ? * MON-FRI *)'],
    ['0 9 * * 0', 'cron(0 9 ? * SUN *)'],
    ['0 9 * * 7', 'cron(0 9 ? * SUN *)'],
    ['0 9 * * 5-7', 'cron(0 9 ? * SUN,FRI,SAT *)'],
    ['0 9 * * FRI-SUN', 'cron(0 9 ? * SUN,FRI,SAT *)'],
    ['0 9 * * 1,3', 'cron(0 9 ? * MON,WED *)'],
    ['0 0 1 JAN-MAR *', 'cron(0 0 1 1-3 ? *)'],
    ['0 0 L * *', 'cron(0 0 L * ? *)'],
    ['0 0 15W * *', 'cron(0 0 15W * ? *)'],
    ['0 0 * * 5L', 'cron(0 0 ? * 6L *)'],
    ['0 0 * * FRI#2', 'cron(0 0 ? * 6#2 *)'],
    ['0 0 ? * ?', 'cron(0 0 * * ? *)'],
  ])('%s is written as %s', (cron, expression) => {
    expect(scheduleExpression({ cron })).toEqual({ expression });
  });

  it.each(['0 0 1 * MON', '0 0 LW * *', '0 0 1,L * *', '0 0 * * MON#1,FRI#2', '0 0 * * +MON'])(
    '%s is refused, and says what to do',
    (cron) => {
      const { problem } = scheduleExpression({ cron });
      expect(problem).toContain(cron);
      expect(problem).toMatch(/Put|Use/);
    },
  );
});

describe('intervals', () => {
  it.each([
    [60, 'rate(1 minute)'],
    [300, 'rate(5 minutes)'],
    [3600, 'rate(1 hour)'],
    [5400, 'rate(90 minutes)'],
    [7200, 'rate(2 hours)'],
    [86_400, 'rate(1 day)'],
    [31_536_000, 'rate(365 days)'],
  ])('%d seconds are %s', (everySeconds, expression) => {
    expect(scheduleExpression({ everySeconds })).toEqual({ expression });
  });

  it.each([1, 30, 90])('%d seconds are refused', (everySeconds) => {
    expect(scheduleExpression({ everySeconds }).problem).toContain('1 minute');
  });
});
