import { describe, expect, it } from 'vitest';
import { isTimezone, timetable } from '../../fakes/aws/scheduler/expression.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

function next(expression: string, timezone = 'UTC', after = NOON): string | undefined {
  const due = timetable(expression, timezone)?.next(after, NOON);
  return due === undefined ? undefined : new Date(due).toISOString();
}

describe('schedule expressions', () => {
  it.each([
    ['rate(1 minute)', 'UTC', '2026-11-20T12:01:00.000Z'],
    ['rate(5 minutes)', 'UTC', '2026-11-20T12:05:00.000Z'],
    ['rate(2 hours)', 'UTC', '2026-11-20T14:00:00.000Z'],
    ['cron(*/10 * * * ? *)', 'UTC', '2026-11-20T12:10:00.000Z'],
    ['cron(0/10 * * * ? *)', 'UTC', '2026-11-20T12:10:00.000Z'],
    ['cron(30 9 * * ? *)', 'Asia/Kolkata', '2026-11-21T04:00:00.000Z'],
    ['cron(0 9 ? * MON-FRI *)', 'UTC', '2026-11-23T09:00:00.000Z'],
    ['cron(0 9 ? * 1 *)', 'UTC', '2026-11-22T09:00:00.000Z'],
    ['cron(0 9 ? * 2#1 *)', 'UTC', '2026-12-07T09:00:00.000Z'],
    ['cron(0 9 L * ? *)', 'UTC', '2026-11-30T09:00:00.000Z'],
    ['cron(0 0 1 1 ? 2030)', 'UTC', '2030-01-01T00:00:00.000Z'],
    ['at(2030-01-31T09:00:00)', 'Europe/Berlin', '2030-01-31T08:00:00.000Z'],
  ])('%s in %s', (expression, timezone, expected) => {
    expect(next(expression, timezone)).toBe(expected);
  });

  it('counts a rate from its origin, whatever the time', () => {
    expect(next('rate(10 minutes)', 'UTC', NOON + 25 * 60_000)).toBe('2026-11-20T12:30:00.000Z');
  });

  it('is never due again after its one time', () => {
    expect(next('at(2022-12-12T00:00:00)')).toBeUndefined();
    expect(timetable('at(2022-12-12T00:00:00)', 'UTC')).toBeDefined();
  });

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'rate(10 seconds)',
    'rate(10)',
    'rate(-10 minutes)',
    'rate( 10 minutes )',
    ' rate(10 minutes)',
    'cron(0 1 * * * *)',
    'cron(0 1 ? * ? *)',
    'cron(0 1 * * ?)',
    'cron(7 20 * * NOT *)',
    'cron(71 8 1 * ? *)',
    'cron(0 dummy ? * MON-FRI *)',
    'cron()',
    'at(2021-12-31)',
    'at(2021-12-31T23:59:59Z)',
    '* * * * *',
  ])('%s is refused', (expression) => {
    expect(timetable(expression, 'UTC')).toBeUndefined();
  });

  it('knows time zones', () => {
    expect(['UTC', 'Europe/Berlin', 'Mars/Base', '+02:00'].map(isTimezone)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
