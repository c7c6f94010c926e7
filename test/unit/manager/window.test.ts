import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricsQuery, readWindow } from '../../../src/manager/window.ts';

const now = Date.UTC(2026, 5, 1, 12, 0, 30);

describe('a window of time', () => {
  it.each([
    ['30s', 30_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
  ])('reads %s', (last, length) => {
    expect(readWindow({ last }, now)).toEqual({ from: now - length, to: now });
  });

  it.each([
    { last: '' },
    { last: '1w' },
    { last: '0h' },
    { last: '999d' },
    { from: 'yesterday' },
    { from: 'March 7 2026' },
    { from: '2026-05-01 10:00' },
    { from: '2026-05-01T10:00:00' },
    { from: '2026-05-01' },
    { from: '2026-13-01T10:00:00Z' },
    { to: '2026-05-01T10:00:00Z' },
    {},
    { last: '1h', from: '2026-05-01T10:00:00Z' },
    { last: '1h', to: '2026-05-01T10:00:00Z' },
    { from: new Date(Number.NaN) },
    { from: '2026-06-02T00:00:00Z', to: '2026-06-01T00:00:00Z' },
    { from: '2020-01-01T00:00:00Z' },
  ])('refuses %j', (window) => {
    expect(() => readWindow(window, now)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it.each([
    ['2026-05-01T10:00:00Z', Date.UTC(2026, 4, 1, 10)],
    ['2026-05-01t10:00:00.5z', Date.UTC(2026, 4, 1, 10, 0, 0, 500)],
    ['2026-05-01 10:00:00+02:00', Date.UTC(2026, 4, 1, 8)],
  ])('begins at %s', (from, expected) => {
    expect(readWindow({ from }, now)).toEqual({ from: expected, to: now });
  });

  it('is told by what was given of it', () => {
    const said = (window: Parameters<typeof readWindow>[0]): string => {
      try {
        readWindow(window, now);
      } catch (error) {
        return String(error);
      }
      return 'nothing';
    };
    expect(said({ from: '2026-06-02T00:00:00Z' })).toMatch(/from: "2026-06-02.*has passed/);
    expect(said({ from: '2026-06-02T00:00:00Z' })).not.toContain('`to`');
    expect(said({ from: '2020-01-01T00:00:00Z' })).toMatch(/from: "2020.*455 days ago/);
    expect(said({ from: '2026-06-02T00:00:00Z', to: '2026-06-01T00:00:00Z' })).toContain('`to`');
  });

  it('is the usual one when none is given', () => {
    expect(readWindow({}, now, '1h')).toEqual({ from: now - 3_600_000, to: now });
    expect(readWindow({ last: '1m' }, now, '1h')).toEqual({ from: now - 60_000, to: now });
  });

  it('is rounded outward to whole minutes for metrics', () => {
    expect(metricsQuery({ last: '1m' }, now)).toEqual({
      from: '2026-06-01T11:59:00.000Z',
      to: '2026-06-01T12:01:00.000Z',
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (seconds) => {
        const { from, to } = metricsQuery({ last: `${seconds}s` }, now);
        expect(Date.parse(from)).toBeLessThanOrEqual(now - seconds * 1000);
        expect(Date.parse(to)).toBeGreaterThanOrEqual(now);
        expect(Date.parse(from) % 60_000).toBe(0);
        expect(Date.parse(to) % 60_000).toBe(0);
      }),
    );
  });
});
