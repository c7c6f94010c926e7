import { describe, expect, it } from 'vitest';
import { timetableOf } from '../../fakes/gcp/scheduler/cron.ts';
import { isRetried, pauseBefore } from '../../fakes/gcp/scheduler/retries.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

function next(schedule: string, timeZone = 'UTC', after = NOON): string | undefined {
  const at = timetableOf(schedule, timeZone)?.next(after);
  return at === undefined ? undefined : new Date(at).toISOString();
}

describe('schedules', () => {
  it.each([
    ['* * * * *', '2026-01-01T12:01:00.000Z'],
    ['*/15 * * * *', '2026-01-01T12:15:00.000Z'],
    ['0 9 * * *', '2026-01-02T09:00:00.000Z'],
    ['30 12-14 * * *', '2026-01-01T12:30:00.000Z'],
    ['0 0 1 JAN *', '2027-01-01T00:00:00.000Z'],
    ['0 0 * * 1', '2026-01-05T00:00:00.000Z'],
    ['0 0 * * MON-FRI', '2026-01-02T00:00:00.000Z'],
    ['0 0 * * 7', '2026-01-04T00:00:00.000Z'],
    ['0 0 * * 0', '2026-01-04T00:00:00.000Z'],
    // Either day.
    ['0 0 20 * 1', '2026-01-05T00:00:00.000Z'],
    ['5,10-40/10 * * * *', '2026-01-01T12:05:00.000Z'],
  ])('%s', (schedule, expected) => {
    expect(next(schedule)).toBe(expected);
  });

  it('are read in their time zone, over its changes', () => {
    expect(next('30 9 * * *', 'Asia/Kolkata')).toBe('2026-01-02T04:00:00.000Z');
    const before = Date.UTC(2026, 2, 28, 12);
    expect(next('0 12 * * *', 'Europe/Berlin', before)).toBe('2026-03-29T10:00:00.000Z');
  });

  it.each([
    '',
    '* * * *',
    '0 * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5-1 * * * *',
    '5/15 * * * *',
    '1- * * * *',
    '1-2-3 * * * *',
    '* * L * *',
    '* * * * MON#1',
    '? * * * *',
    '@daily',
    'every 5 minutes',
    '* * * FOO *',
  ])('refuse "%s"', (schedule) => {
    expect(timetableOf(schedule, 'UTC')).toBeUndefined();
  });

  it.each(['', 'Mars/Phobos', '+05:30', '7'])('refuse the time zone "%s"', (timeZone) => {
    expect(timetableOf('* * * * *', timeZone)).toBeUndefined();
  });
});

describe('retries', () => {
  const retries = {
    count: 5,
    maxDurationMs: 0,
    minBackoffMs: 10_000,
    maxBackoffMs: 300_000,
    maxDoublings: 3,
  };

  it('double, then grow evenly, then stay', () => {
    const pauses = Array.from({ length: 8 }, (_, retry) => pauseBefore(retries, retry) / 1000);
    expect(pauses).toEqual([10, 20, 40, 80, 160, 240, 300, 300]);
  });

  it('end with the count, or with count and time', () => {
    expect(isRetried({ ...retries, count: 0, maxDurationMs: 60_000 }, 0, 0)).toBe(false);
    expect(isRetried(retries, 4, 1e9)).toBe(true);
    expect(isRetried(retries, 5, 0)).toBe(false);
    expect(isRetried({ ...retries, maxDurationMs: 60_000 }, 5, 59_000)).toBe(true);
    expect(isRetried({ ...retries, maxDurationMs: 60_000 }, 5, 60_000)).toBe(false);
  });
});
