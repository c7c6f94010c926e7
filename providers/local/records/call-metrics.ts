/** Sums up the calls of one window. */
import type { Clock, FunctionMetrics, FunctionRef, MetricsQuery } from 'polyfaas/spi';
import type { LocalStore } from '../ports.ts';
import type { Damage } from './damage.ts';
import { percentilesOf } from './percentiles.ts';
import { keyOf } from './record-tables.ts';
import { callsOf, type StoredCall } from './stored-rows.ts';
import { nextTurn } from './turn.ts';

/** Nobody else gets a turn while calls are read: no more than so many between two turns, but for a batch that is larger. */
const CALLS_AT_ONCE = 5_000;

const BATCHES_AT_ONCE = 500;

/** By the index, which has the row's number as its last column. */
const NEXT_BATCHES = `SELECT id, toMs, size FROM rec_batches
  WHERE function = ? AND toMs >= ? AND (toMs, id) > (?, ?) AND fromMs < ?
  ORDER BY toMs, id LIMIT ${BATCHES_AT_ONCE}`;

const CALLS = 'SELECT calls FROM rec_batches WHERE id = ?';

class Sums {
  invocations = 0;
  errors = 0;
  timeouts = 0;
  throttles = 0;
  coldStarts = 0;
  warmUps = 0;
  maxMemoryMb: number | null = null;
  readonly durations: number[] = [];
  readonly initDurations: number[] = [];

  add({ kind, outcome, coldStart, durationMs, initDurationMs, memoryMb }: StoredCall): void {
    if (memoryMb !== null) this.maxMemoryMb = Math.max(this.maxMemoryMb ?? 0, memoryMb);
    if (kind === 'warm') {
      this.warmUps += 1;
      return;
    }
    if (outcome === 'throttled') this.throttles += 1;
    else this.invocations += 1;
    if (outcome === 'error' || outcome === 'timeout') this.errors += 1;
    if (outcome === 'timeout') this.timeouts += 1;
    if (coldStart) this.coldStarts += 1;
    const hasRun = outcome === 'ok' || outcome === 'error' || outcome === 'timeout';
    if (hasRun && durationMs !== null) this.durations.push(durationMs);
    if (coldStart && initDurationMs !== null) this.initDurations.push(initDurationMs);
  }
}

export interface MetricsParts {
  readonly store: LocalStore;
  readonly clock: Clock;
  readonly damage: Damage;
}

/**
 * The window is half open: what ended at `to` belongs to the next. A million calls take a while, in which others have
 * their turns.
 */
export async function readMetrics(
  { store, clock, damage }: MetricsParts,
  ref: FunctionRef,
  query: MetricsQuery,
  signal: AbortSignal,
): Promise<FunctionMetrics> {
  const fromMs = Date.parse(query.from);
  const toMs = Date.parse(query.to);
  const completeThrough = new Date(Math.min(toMs, clock.now())).toISOString();
  const sums = new Sums();
  let after = { toMs: fromMs, id: 0 };
  for (;;) {
    signal.throwIfAborted();
    const batches = store.db
      .prepare(NEXT_BATCHES)
      .all(keyOf(ref), fromMs, after.toMs, after.id, toMs);
    let read = 0;
    for (const batch of batches) {
      if (read >= CALLS_AT_ONCE) break;
      const row = store.db.prepare(CALLS).get(Number(batch['id']));
      for (const call of callsOf(row?.['calls'])) {
        if (call === undefined) damage.met('rec_batches', ref);
        else if (call.endedMs >= fromMs && call.endedMs < toMs) sums.add(call);
      }
      read += Number(batch['size']);
      after = { toMs: Number(batch['toMs']), id: Number(batch['id']) };
    }
    if (read < CALLS_AT_ONCE && batches.length < BATCHES_AT_ONCE) break;
    await nextTurn();
  }
  const { durations, initDurations, ...counts } = sums;
  return {
    source: 'local records',
    coverage: 'all',
    from: query.from,
    to: query.to,
    completeThrough,
    ...counts,
    durationMs: percentilesOf(durations),
    initDurationMs: percentilesOf(initDurations),
  };
}
