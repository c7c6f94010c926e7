import {
  type Clock,
  type FunctionMetrics,
  type FunctionRef,
  type LogEntry,
  type LogsQuery,
  type MetricsQuery,
  ServerlessError,
} from 'polyfaas/spi';
import type { CallRecord, CallRecords, InstanceLog, LocalStore } from '../ports.ts';
import { readMetrics } from './call-metrics.ts';
import { decodeCursor } from './cursor.ts';
import { Damage, type Warn } from './damage.ts';
import { Pending } from './pending.ts';
import { type LogRecord, RecordTables, keyOf } from './record-tables.ts';
import { trim } from './trim.ts';
import { nextTurn } from './turn.ts';

/** How much is kept, and how it is written. */
export interface RecordLimits {
  readonly writeEveryMs: number;
  /** So many waiting entries are written at the end of the turn. */
  readonly batchSize: number;
  /** More than so many of a kind do not wait, when writing fails: the oldest go. */
  readonly maxPending: number;
  readonly keepMs: number;
  /** Calls, and as many lines, of all functions together. */
  readonly keepRows: number;
  readonly trimEveryMs: number;
  /** And so many calls and lines after the last time. */
  readonly trimEveryRows: number;
}

export const DAY_MS = 24 * 60 * 60_000;

export const DEFAULT_RECORD_LIMITS: RecordLimits = {
  writeEveryMs: 100,
  // With many more, what waits outlives the collections of the young heap, and each call costs more.
  batchSize: 200,
  maxPending: 20_000,
  keepMs: 14 * DAY_MS,
  keepRows: 1_000_000,
  trimEveryMs: 10 * 60_000,
  trimEveryRows: 50_000,
};

/** How many log lines are read at once. */
const PAGE = 500;

/** The longest that Node's timers take. The timer does nothing: that it is there keeps the process. */
const HOLD_MS = 2_147_483_647;

/**
 * Makes the records of the local provider, in tables of their own in its store.
 *
 * @param warn told once of rows that cannot be read, which are left out.
 * @throws ServerlessError as the store does, when the tables cannot be made.
 */
export function createCallRecords(
  store: LocalStore,
  clock: Clock,
  limits: RecordLimits,
  warn: Warn,
): CallRecords {
  return new StoredRecords(store, clock, limits, new Damage(warn));
}

class StoredRecords implements CallRecords {
  readonly #store: LocalStore;
  readonly #clock: Clock;
  readonly #limits: RecordLimits;
  readonly #damage: Damage;
  readonly #tables: RecordTables;
  readonly #calls: Pending<CallRecord>;
  readonly #logs: Pending<LogRecord>;
  readonly #followers = new Set<() => void>();
  #cancelTimer: (() => void) | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #trimmedAt: number;
  #writtenSinceTrim = 0;
  #isTrimming = false;
  #isFailing = false;
  #closed = false;

  constructor(store: LocalStore, clock: Clock, limits: RecordLimits, damage: Damage) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#damage = damage;
    this.#tables = new RecordTables(store, damage);
    this.#calls = new Pending(limits.maxPending);
    this.#logs = new Pending(limits.maxPending);
    // What an earlier process left is trimmed with the first write.
    this.#trimmedAt = -Infinity;
  }

  add(record: CallRecord): void {
    const size = this.#calls.push(record);
    if (size === 1 || size % this.#limits.batchSize === 0) this.#arm(size);
  }

  addLog(ref: FunctionRef, version: string, entry: InstanceLog): void {
    const size = this.#logs.push({ ref, version, entry });
    if (size === 1 || size % this.#limits.batchSize === 0) this.#arm(size);
  }

  async metrics(
    ref: FunctionRef,
    query: MetricsQuery,
    signal: AbortSignal,
  ): Promise<FunctionMetrics> {
    this.#write();
    const parts = { store: this.#store, clock: this.#clock, damage: this.#damage };
    return readMetrics(parts, ref, query, signal);
  }

  async *logs(
    ref: FunctionRef,
    query: LogsQuery,
    signal: AbortSignal,
  ): AsyncGenerator<LogEntry, void, void> {
    let afterId = query.cursor === undefined ? 0 : decodeCursor(query.cursor);
    const filter = {
      fromMs: Date.parse(query.from),
      // The end of a window is no end for one who waits for what is to come.
      toMs: query.follow ? Infinity : Date.parse(query.to),
      requestId: query.requestId,
      minLevel: query.minLevel,
    };
    let left = query.limit;
    while (left > 0 && !this.#closed) {
      if (signal.aborted) {
        if (query.follow) return;
        throw cancelled(ref, signal);
      }
      this.#write();
      const wake = Promise.withResolvers<void>();
      // Before the read: what is written while the reader has the page must not be slept through.
      if (query.follow) this.#followers.add(wake.resolve);
      try {
        const size = Math.min(PAGE, left);
        const page = this.#tables.readLogs(ref, filter, afterId, size);
        for (const entry of page.entries) yield entry;
        left -= page.entries.length;
        afterId = page.afterId;
        if (!page.isLast) {
          await nextTurn();
          continue;
        }
        if (!query.follow) return;
        await this.#wakeOrAbort(wake, signal);
      } finally {
        this.#followers.delete(wake.resolve);
      }
    }
  }

  async forget(ref: FunctionRef): Promise<void> {
    const key = keyOf(ref);
    this.#calls.remove((record) => keyOf(record.ref) === key);
    this.#logs.remove((record) => keyOf(record.ref) === key);
    if (this.#store.db.isOpen) await this.#tables.forget(ref, this.#tables.newest());
  }

  close(): void {
    if (this.#closed) return;
    this.#write();
    this.#closed = true;
    this.#disarm();
    this.#wakeFollowers();
  }

  async #wakeOrAbort(wake: PromiseWithResolvers<void>, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => wake.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) wake.resolve();
    // Who follows waits for what nothing else of this process may hold it for, such as a schedule.
    const hold = setInterval(() => {}, HOLD_MS);
    try {
      await wake.promise;
    } finally {
      clearInterval(hold);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Writes soon: on the clock, or, when many wait, right after this turn, so that no caller pays for it. */
  #arm(size: number): void {
    if (this.#closed) return;
    this.#cancelTimer ??= this.#clock.after(this.#limits.writeEveryMs, () => this.#write());
    // What cannot be written is tried again on the clock alone: it grows, and each try costs all of it.
    if (size < this.#limits.batchSize || (this.#isFailing && size < this.#limits.maxPending))
      return;
    this.#immediate ??= setImmediate(() => this.#write());
    if (size < this.#limits.maxPending) return;
    // One long turn added all these.
    this.#write();
    this.#calls.trim();
    this.#logs.trim();
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  /** Never throws: a full disk must not make calls fail. What was not written waits for the next time. */
  #write(): void {
    this.#disarm();
    if (this.#closed || this.#calls.size + this.#logs.size === 0) return;
    const calls = this.#calls.take();
    const logs = this.#logs.take();
    // Threads report in bursts: within a batch, time is the better order.
    const ordered = logs.toSorted((one, other) => one.entry.timeMs - other.entry.timeMs);
    try {
      this.#tables.write(calls, [...this.#droppedNote(calls.at(-1) ?? logs.at(-1)), ...ordered]);
    } catch {
      // Given up with its store, as by a killed process: there is nothing left to write to.
      if (!this.#store.db.isOpen) {
        this.close();
        return;
      }
      this.#calls.putBack(calls);
      this.#logs.putBack(logs);
      this.#isFailing = true;
      this.#cancelTimer = this.#clock.after(this.#limits.writeEveryMs, () => this.#write());
      return;
    }
    this.#isFailing = false;
    this.#calls.forgetDropped();
    this.#logs.forgetDropped();
    if (logs.length > 0) this.#wakeFollowers();
    this.#writtenSinceTrim += calls.length + logs.length;
    this.#trimNowAndThen();
  }

  /** Says in the log what the log and the metrics lack. */
  #droppedNote(newest: { readonly ref: FunctionRef } | undefined): readonly LogRecord[] {
    const calls = this.#calls.dropped;
    const logs = this.#logs.dropped;
    if (calls + logs === 0 || !newest) return [];
    const message = `${calls} call records and ${logs} log lines were dropped, because the state folder could not be written`;
    const entry = { timeMs: this.#clock.now(), level: 'warn', message, instanceId: '' } as const;
    return [{ ref: newest.ref, version: undefined, entry }];
  }

  #trimNowAndThen(): void {
    const now = this.#clock.now();
    const { trimEveryMs, trimEveryRows, keepMs, keepRows } = this.#limits;
    // The last time lies in the future where the clock went back since.
    if (Math.abs(now - this.#trimmedAt) < trimEveryMs && this.#writtenSinceTrim < trimEveryRows)
      return;
    if (this.#isTrimming) return;
    this.#isTrimming = true;
    this.#trimmedAt = now;
    this.#writtenSinceTrim = 0;
    trim(this.#store, now - keepMs, keepRows)
      // Deleting needs room too: the next time may have it.
      .catch(() => {})
      .finally(() => {
        this.#isTrimming = false;
      });
  }

  #wakeFollowers(): void {
    for (const wake of this.#followers) wake();
    this.#followers.clear();
  }
}

function cancelled(ref: FunctionRef, signal: AbortSignal): ServerlessError {
  return new ServerlessError({
    code: 'CANCELLED',
    provider: 'local',
    function: ref.name,
    message: 'Reading the log was cancelled.',
    cause: signal.reason,
  });
}
