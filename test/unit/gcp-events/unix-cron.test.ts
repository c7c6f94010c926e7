import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CRON_INTERVALS } from 'polyfaas/spi';
import { unixCron } from '../../../providers/gcp/events/schedule/unix-cron.ts';
import { timetableOf } from '../../fakes/gcp/scheduler/cron.ts';

const START = Date.UTC(2026, 0, 1);

/** As Cloud Scheduler reads it. */
function times(expression: string, count: number): readonly number[] {
  const timetable = timetableOf(expression, 'UTC');
  if (timetable === undefined) throw new Error(`Cloud Scheduler does not take ${expression}`);
  const found: number[] = [];
  for (let at: number | undefined = START - 1; found.length < count;) {
    at = timetable.next(at);
    if (at === undefined) break;
    found.push(at);
  }
  return found;
}

describe('intervals', () => {
  it.each([
    [60, '* * * * *'],
    [300, '*/5 * * * *'],
    [3600, '0 * * * *'],
    [4 * 3600, '0 */4 * * *'],
    [86_400, '0 0 * * *'],
    [7 * 86_400, '0 0 * * 0'],
  ])('of %i s are kept', (everySeconds, expression) => {
    expect(unixCron({ everySeconds })).toEqual({ expression });
  });

  it('come evenly, all of them', () => {
    for (const everySeconds of CRON_INTERVALS) {
      const { expression = '' } = unixCron({ everySeconds });
      const found = times(expression, 60);
      const gaps = found.slice(1).map((time, index) => time - (found[index] ?? 0));
      expect(new Set(gaps)).toEqual(new Set([everySeconds * 1000]));
    }
  });

  it.each([
    [30, /smallest interval is 1 minute. Use "1 minute"/],
    [90, /Use "1 minute" or "2 minutes"/],
    [420, /Use "6 minutes" or "10 minutes"/],
    [45 * 60, /Use "30 minutes" or "1 hour"/],
    [5 * 3600, /Use "4 hours" or "6 hours"/],
    [2 * 86_400, /Use "1 day" or "7 days"/],
    [30 * 86_400, /Use "7 days"/],
  ])('of %i s are refused with the nearest ones', (everySeconds, says) => {
    expect(unixCron({ everySeconds }).problem).toMatch(says);
  });
});

describe('cron expressions', () => {
  it.each([
    ['0 9 * * MON-FRI', '0 9 * * 1-5'],
    ['*/10 * * * *', '*/10 * * * *'],
    ['0 0 ? * SUN', '0 0 * * 0'],
    ['0 0 * * FRI-SUN', '0 0 * * 0,5-6'],
    ['0 0 1-31/2 JAN,JUL *', '0 0 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 */6 *'],
    ['0 0 13 * 5', '0 0 13 * 5'],
  ])('%s becomes %s', (cron, expression) => {
    expect(unixCron({ cron })).toEqual({ expression });
  });

  it.each(['0 0 L * *', '0 0 15W * *', '0 0 * * 5L', '0 0 * * 2#1', '5/10 * * * *'])(
    '%s is refused',
    (cron) => {
      expect(unixCron({ cron }).problem).toMatch(/Cloud Scheduler does not know/);
    },
  );

  it('fire when they did', () => {
    const field = (min: number, max: number): fc.Arbitrary<string> =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: 1, max: Math.ceil(max / 2) }).map((step) => `*/${step}`),
        fc.integer({ min, max }).map(String),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
        fc
          .uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 4 })
          .map((list) => list.join(',')),
      );
    fc.assert(
      fc.property(
        fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)),
        fc.boolean(),
        ([minute, hour, day, month, weekday], byDay) => {
          // Of the days one: what both mean together is left to each cron.
          const cron = [minute, hour, byDay ? day : '*', month, byDay ? '*' : weekday].join(' ');
          const { expression = '' } = unixCron({ cron });
          const wanted = new Cron(cron, { timezone: 'UTC', paused: true })
            .nextRuns(20, new Date(START - 1))
            .map((date) => date.getTime());
          expect(times(expression, 20)).toEqual(wanted);
        },
      ),
      { numRuns: 150 },
    );
  });
});
