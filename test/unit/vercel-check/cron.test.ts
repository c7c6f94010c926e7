import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronOf } from '../../../providers/vercel/events/cron.ts';
import { CRON_INTERVALS } from 'polyfaas/spi';

const MINUTE_MS = 60_000;

describe('an interval', () => {
  it('comes evenly, whatever the hour and the day', () => {
    for (const seconds of CRON_INTERVALS) {
      const { expression = '' } = cronOf({ everySeconds: seconds });
      const times = new Cron(expression, { timezone: 'UTC' }).nextRuns(20, '2026-12-30T00:00:00Z');
      const gaps = times
        .slice(1)
        .map((time, index) => time.getTime() - (times[index]?.getTime() ?? 0));
      expect(new Set(gaps)).toStrictEqual(new Set([seconds * 1_000]));
    }
  });

  it('is written as Vercel has it', () => {
    const written = [60, 300, 3600, 21_600, 86_400, 604_800].map(
      (everySeconds) => cronOf({ everySeconds }).expression,
    );
    expect(written).toStrictEqual([
      '* * * * *',
      '*/5 * * * *',
      '0 * * * *',
      '0 */6 * * *',
      '0 0 * * *',
      '0 0 * * 0',
    ]);
  });

  it('below a minute, or uneven, is refused with the next ones', () => {
    expect(cronOf({ everySeconds: 30 }).problem).toMatch(/1 minute \(60 s\).*Use "1 minute"/);
    expect(cronOf({ everySeconds: 420 }).problem).toContain('"6 minutes" or "10 minutes"');
    expect(cronOf({ everySeconds: 90 }).problem).toContain('"1 minute" or "2 minutes"');
    expect(cronOf({ everySeconds: 172_800 }).problem).toContain('"1 day" or "7 days"');
    expect(cronOf({ everySeconds: 10_000_000 }).problem).toContain('"7 days"');
  });
});

describe('a cron expression', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['0 9 * * MON-FRI', '0 9 * * 1-5'],
    ['0 9 * JAN,dec SUN', '0 9 * 1,12 0'],
    ['0 9 ? * 7', '0 9 * * 0'],
    ['0 9 * * FRI-SUN', '0 9 * * 0,5-6'],
    ['*/15 * * * *', '*/15 * * * *'],
    ['0-59/20 8-18/2 * * *', '*/20 8,10,12,14,16,18 * * *'],
    ['5 4 1-31/2 * *', '5 4 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 * *'],
    ['0 0 1 * ?', '0 0 1 * *'],
    ['0 0 1-31 * MON', '0 0 * * 1'],
  ];
  it.each(forms)('%s is %s', (given, expected) => {
    expect(cronOf({ cron: given })).toStrictEqual({ expression: expected });
  });

  it('of both days is refused, since Vercel takes one', () => {
    expect(cronOf({ cron: '0 0 1 * MON' }).problem).toContain('two schedules');
  });

  it('of words that Vercel does not have is refused', () => {
    for (const cron of [
      '0 0 L * *',
      '0 0 15W * *',
      '0 0 * * MON#1',
      '5/10 * * * *',
      '60 * * * *',
    ]) {
      expect(cronOf({ cron }).problem).toContain('"L", "W" and "#"');
    }
  });

  it('means the same afterwards', () => {
    const list = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: 2, max: max - min }).map((step) => `*/${step}`),
        fc
          .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 4 })
          .map((all) => all.join(',')),
        fc
          .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
          .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      );
    const fields = fc.tuple(list(0, 59), list(0, 23), list(1, 28), list(1, 12), list(0, 6));
    fc.assert(
      fc.property(fields, fc.boolean(), ([minute, hour, day, month, weekday], byDay) => {
        const given = [minute, hour, byDay ? day : '*', month, byDay ? '*' : weekday].join(' ');
        const { expression } = cronOf({ cron: given });
        if (expression === undefined) return;
        expect(expression).toMatch(/^[\d*,/-]+(?: [\d*,/-]+){4}$/);
        const runs = (text: string) =>
          new Cron(text, { timezone: 'UTC' })
            .nextRuns(5, '2026-02-27T23:58:00Z')
            .map((time) => time.getTime() / MINUTE_MS);
        expect(runs(expression)).toStrictEqual(runs(given));
      }),
      { numRuns: 100 },
    );
  });
});
