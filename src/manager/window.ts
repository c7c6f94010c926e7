import { ServerlessError } from '../errors/index.ts';
import type { MetricsQuery } from '../spi/provider.ts';
import type { TimeWindow } from './types.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const MINUTE_MS = 60_000;
/** The longest window any provider keeps numbers for. */
const MAX_WINDOW_MS = 455 * 86_400_000;

/** Both ends of a window, in milliseconds since the epoch. */
export function readWindow(
  window: TimeWindow,
  now: number,
): { readonly from: number; readonly to: number } {
  if (window.last !== undefined) {
    const match = /^(\d{1,6})\s*(s|m|h|d)$/.exec(window.last);
    const unit = UNIT_MS[match?.[2] ?? ''];
    const length = Number(match?.[1]) * (unit ?? 0);
    if (!match || !(length > 0) || length > MAX_WINDOW_MS) {
      throw invalid(
        'last',
        window.last,
        'a number and a unit, such as 15m, 1h or 7d; at most 455d',
      );
    }
    return { from: now - length, to: now };
  }
  const from = instant('from', window.from);
  const to = window.to === undefined ? now : instant('to', window.to);
  if (from >= to) throw invalid('from', new Date(from).toISOString(), 'a moment before `to`');
  if (to - from > MAX_WINDOW_MS)
    throw invalid('from', new Date(from).toISOString(), 'at most 455 days before `to`');
  return { from, to };
}

/** The window rounded outward to whole minutes, as every platform counts. */
export function metricsQuery(window: TimeWindow, now: number): MetricsQuery {
  const { from, to } = readWindow(window, now);
  return {
    from: new Date(Math.floor(from / MINUTE_MS) * MINUTE_MS).toISOString(),
    to: new Date(Math.ceil(to / MINUTE_MS) * MINUTE_MS).toISOString(),
  };
}

function instant(field: string, value: string | Date): number {
  const time =
    typeof value === 'string'
      ? Date.parse(value)
      : value instanceof Date
        ? value.getTime()
        : Number.NaN;
  if (Number.isNaN(time)) throw invalid(field, String(value), 'an RFC 3339 time or a Date');
  return time;
}

function invalid(field: string, value: string, expected: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${field}: "${value}" is not ${expected}.`,
    details: { issues: [{ path: field, message: `not ${expected}` }] },
  });
}
