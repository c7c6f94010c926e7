/** Spans of time in requests: ISO 8601 durations and intervals. */

export interface Window {
  readonly from: number;
  readonly to: number;
}

const DURATION =
  /^P(?:(\d+(?:\.\d+)?)W|(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?)$/;

/** `PT1H`: up to now; `start/end`; `start/PT1H`; `PT1H/end`. Undefined for what is none of these. */
export function windowOf(value: unknown, now: number): Window | undefined {
  if (typeof value !== 'string') return undefined;
  const [first = '', second, ...more] = value.split('/');
  if (more.length > 0) return undefined;
  const span = durationMs(first);
  if (second === undefined) return span === undefined ? undefined : { from: now - span, to: now };
  const length = durationMs(second);
  const to = length === undefined ? dateOf(second) : undefined;
  if (span !== undefined && to !== undefined) return { from: to - span, to };
  const from = dateOf(first);
  if (from === undefined) return undefined;
  const end = to ?? (length === undefined ? undefined : from + length);
  return end === undefined || end < from ? undefined : { from, to: end };
}

export function durationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text === 'P' || text.endsWith('T')) return undefined;
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.map((part) =>
    Number(part ?? 0),
  );
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

function dateOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
