import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeOf } from 'polyfaas/function';
import { keepEnvironment } from '../../support/environment.ts';

const restore = keepEnvironment();
// Of a machine in UTC nobody would learn whose zone a time without one is read in.
beforeAll(() => {
  process.env['TZ'] = 'America/New_York';
});
afterAll(restore);

describe('timeOf', () => {
  it('gives a moment back as it was, however it is written', () => {
    const moment = fc.date({
      noInvalidDate: true,
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
    });
    fc.assert(
      fc.property(moment, (date) => {
        const text = date.toISOString();
        const bare = text.slice(0, -1);
        expect(timeOf(text)).toBe(text);
        expect(timeOf(date.getTime())).toBe(text);
        // .NET writes no zone where it knows none: services tell their times in UTC.
        expect(timeOf(bare)).toBe(text);
        expect(timeOf(`${bare}0000`)).toBe(text);
        expect(timeOf(bare.replace('T', ' '))).toBe(text);
        expect(timeOf(`"${bare}"`)).toBe(text);
        expect(timeOf(`${bare}+00:00`)).toBe(text);
      }),
    );
  });

  it.each([
    ['2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
    ['Thu, 01 Jan 2026 00:00:00 GMT', '2026-01-01T00:00:00.000Z'],
  ])('reads %s', (text, time) => {
    expect(timeOf(text)).toBe(time);
  });

  it('takes the present one for what is no time', () => {
    const before = Date.now();
    for (const value of ['soon', '', null, undefined, {}]) {
      expect(Date.parse(timeOf(value))).toBeGreaterThanOrEqual(before);
    }
  });
});
