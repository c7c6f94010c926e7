/** Sums up the calls of one window. */
import type { Clock, FunctionMetrics, FunctionRef, MetricsQuery } from 'polyfaas/spi';
import type { LocalStore } from '../ports.ts';
import { percentilesOf } from './percentiles.ts';
import { keyOf } from './record-tables.ts';

/**
 * The ends of a batch are asked first: they have an index. A value that is used twice is given twice, since Node before
 * 22.20 knows no numbered parameters.
 */
const WINDOW = 'function = ? AND toMs >= ? AND fromMs < ? AND endedMs >= ? AND endedMs < ?';
const COUNT_OF_CALLS = (condition: string): string =>
  `count(*) FILTER (WHERE kind <> 'warm' AND ${condition})`;

const COUNTS = `SELECT
    ${COUNT_OF_CALLS("outcome <> 'throttled'")} AS invocations,
    ${COUNT_OF_CALLS("outcome IN ('error', 'timeout')")} AS errors,
    ${COUNT_OF_CALLS("outcome = 'timeout'")} AS timeouts,
    ${COUNT_OF_CALLS("outcome = 'throttled'")} AS throttles,
    ${COUNT_OF_CALLS('coldStart = 1')} AS coldStarts,
    count(*) FILTER (WHERE kind = 'warm') AS warmUps,
    max(memoryMb) AS maxMemoryMb
  FROM rec_calls WHERE ${WINDOW}`;

const DURATIONS = `SELECT durationMs AS value FROM rec_calls
  WHERE ${WINDOW} AND kind <> 'warm' AND outcome IN ('ok', 'error', 'timeout') AND durationMs IS NOT NULL`;

const INIT_DURATIONS = `SELECT initDurationMs AS value FROM rec_calls
  WHERE ${WINDOW} AND kind <> 'warm' AND coldStart = 1 AND initDurationMs IS NOT NULL`;

/** The window is half open: what ended at `to` belongs to the next. */
export function readMetrics(
  store: LocalStore,
  clock: Clock,
  ref: FunctionRef,
  query: MetricsQuery,
): FunctionMetrics {
  const fromMs = Date.parse(query.from);
  const toMs = Date.parse(query.to);
  const window = [keyOf(ref), fromMs, toMs, fromMs, toMs];
  const counts = store.db.prepare(COUNTS).get(...window) ?? {};
  const count = (name: string): number => Number(counts[name] ?? 0);
  const values = (sql: string): number[] =>
    store.db
      .prepare(sql)
      .all(...window)
      .map((row) => Number(row['value']));
  const { maxMemoryMb } = counts;
  return {
    source: 'local records',
    coverage: 'all',
    from: query.from,
    to: query.to,
    completeThrough: new Date(Math.min(toMs, clock.now())).toISOString(),
    invocations: count('invocations'),
    errors: count('errors'),
    timeouts: count('timeouts'),
    throttles: count('throttles'),
    coldStarts: count('coldStarts'),
    warmUps: count('warmUps'),
    durationMs: percentilesOf(values(DURATIONS)),
    initDurationMs: percentilesOf(values(INIT_DURATIONS)),
    maxMemoryMb: typeof maxMemoryMb === 'number' ? maxMemoryMb : null,
  };
}
