/** The window that CloudWatch can count: old data are kept in coarser steps. */

/** Times in milliseconds since the epoch; both ends are those of steps, and the end is not part of it. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  /** The shortest period that there are data for; others are multiples of it. */
  readonly stepSeconds: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Rounding makes a start older, by up to five minutes, and CloudWatch's clock may be ahead of this one. */
const SLACK_MS = 10 * MINUTE_MS;

/**
 * CloudWatch rounds the start of an old window down, and the data in there are put together (API reference,
 * `GetMetricData` and `MetricStat`). So both ends are rounded outward to what it counts anyway.
 */
export function windowOf(from: string, to: string, nowMs: number): Window {
  const stepMs = granularityMs(nowMs - Date.parse(from));
  return {
    fromMs: Math.floor(Date.parse(from) / stepMs) * stepMs,
    toMs: Math.ceil(Date.parse(to) / stepMs) * stepMs,
    stepSeconds: stepMs / 1_000,
  };
}

/** By the age of the start. A coarser step than needed does no harm: it is a multiple of the finer one. */
function granularityMs(ageMs: number): number {
  if (ageMs > 63 * DAY_MS - SLACK_MS) return 60 * MINUTE_MS;
  return ageMs > 15 * DAY_MS - SLACK_MS ? 5 * MINUTE_MS : MINUTE_MS;
}
