import { ServerlessError } from '../errors/index.ts';
import type { MetricsQuery } from '../spi/provider.ts';
import { told } from './told.ts';
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

/** A date and a time with an offset: `Date.parse` alone reads much more, some of it in the machine's own time zone. */
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,20})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** As a caller gives it: a {@link TimeWindow}, or less. */
interface GivenWindow {
  readonly last?: string | undefined;
  readonly from?: string | Date | undefined;
  readonly to?: string | Date | undefined;
}

/**
 * Both ends of a window, in milliseconds since the epoch.
 *
 * @param usual the window when none is given. Default: one has to be given.
 */
export function readWindow(
  given: GivenWindow,
  now: number,
  usual?: string,
): { readonly from: number; readonly to: number } {
  const isNone = given.last === undefined && given.from === undefined && given.to === undefined;
  const window = isNone ? { last: usual } : given;
  if (window.last !== undefined) {
    if (given.from !== undefined || given.to !== undefined) {
      throw refused(
        'last',
        `${told(window.last)} together with \`from\` or \`to\`. Give one window`,
      );
    }
    const length = lengthOf(window.last);
    return { from: now - length, to: now };
  }
  if (given.from === undefined) throw refused('from', 'it is missing. Give it, or `last` alone');
  const from = instant('from', given.from);
  const to = given.to === undefined ? now : instant('to', given.to);
  const early = (expected: string): ServerlessError =>
    invalid('from', new Date(from).toISOString(), expected);
  // Who gave no `to` is told of now.
  const isOpen = given.to === undefined;
  if (from >= to) throw early(isOpen ? 'a moment that has passed' : 'a moment before `to`');
  if (to - from > MAX_WINDOW_MS)
    throw early(isOpen ? 'at most 455 days ago' : 'at most 455 days before `to`');
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

function lengthOf(last: unknown): number {
  const match = typeof last === 'string' ? /^(\d{1,6})\s*(s|m|h|d)$/.exec(last) : null;
  const length = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? 0);
  if (length > 0 && length <= MAX_WINDOW_MS) return length;
  throw invalid('last', last, 'a number and a unit, such as 15m, 1h or 7d; at most 455d');
}

function instant(field: string, value: unknown): number {
  let time = Number.NaN;
  if (typeof value === 'string' && RFC_3339.test(value)) time = Date.parse(value.toUpperCase());
  if (value instanceof Date) time = value.getTime();
  if (!Number.isNaN(time)) return time;
  throw invalid(field, value, 'an RFC 3339 time, such as 2026-03-07T10:00:00Z, or a Date');
}

function invalid(field: string, value: unknown, expected: string): ServerlessError {
  return refused(field, `${told(value)} is not ${expected}`);
}

function refused(field: string, problem: string): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `${field}: ${problem}.`,
    details: { issues: [{ path: field, message: problem }] },
  });
}
