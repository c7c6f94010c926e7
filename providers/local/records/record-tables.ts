/** The two tables, and every statement on them. */
import type { StatementSync } from 'node:sqlite';
import type { FunctionRef, LogEntry, LogsQuery } from 'polyfaas/spi';
import type { CallRecord, InstanceLog, LocalStore } from '../ports.ts';
import type { Damage } from './damage.ts';
import { deleteRows } from './delete-rows.ts';
import { LEVELS, lineOf } from './stored-rows.ts';

/** A log line with the function that wrote it. */
export interface LogRecord {
  readonly ref: FunctionRef;
  readonly version: string | undefined;
  readonly entry: InstanceLog;
}

/**
 * Calls of one function that ended in the same batch are one row: a row of their own, with its index, would cost
 * more than the call of a small function. The view has them one by one, for whoever looks into the store.
 * Rows are numbered for good (AUTOINCREMENT): a cursor never points at a later row that took its number.
 */
const TABLES = [
  `CREATE TABLE rec_batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    function TEXT NOT NULL,
    fromMs REAL NOT NULL,
    toMs REAL NOT NULL,
    size INTEGER NOT NULL,
    calls TEXT NOT NULL
  ) STRICT`,
  'CREATE INDEX rec_batches_by_time ON rec_batches (function, toMs)',
  `CREATE VIEW rec_calls AS SELECT
    batch.id, batch.function, batch.fromMs, batch.toMs,
    call.value ->> 0 AS endedMs, call.value ->> 1 AS kind, call.value ->> 2 AS outcome,
    call.value ->> 3 AS coldStart, call.value ->> 4 AS durationMs, call.value ->> 5 AS initDurationMs,
    call.value ->> 6 AS memoryMb, call.value ->> 7 AS requestId, call.value ->> 8 AS version
    FROM rec_batches AS batch, json_each(batch.calls) AS call`,
  `CREATE TABLE rec_logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    function TEXT NOT NULL,
    timeMs REAL NOT NULL,
    level INTEGER NOT NULL,
    message TEXT NOT NULL,
    requestId TEXT,
    version TEXT,
    fields TEXT
  ) STRICT`,
  'CREATE INDEX rec_logs_by_function ON rec_logs (function, id)',
];

/** A handler that prints a megabyte does not fill the store with it. */
const MAX_MESSAGE_LENGTH = 256 * 1024;

/** Nobody else gets a turn while rows are read: no more than this between two turns. */
const MAX_ROWS_AT_ONCE = 5_000;

export class RecordTables {
  readonly #store: LocalStore;
  readonly #damage: Damage;
  readonly #insertBatch: StatementSync;
  readonly #insertLog: StatementSync;

  constructor(store: LocalStore, damage: Damage) {
    store.migrate('records', TABLES);
    this.#store = store;
    this.#damage = damage;
    this.#insertBatch = store.db.prepare(
      'INSERT INTO rec_batches (function, fromMs, toMs, size, calls) VALUES (?, ?, ?, ?, ?)',
    );
    this.#insertLog = store.db.prepare(
      `INSERT INTO rec_logs (function, timeMs, level, message, requestId, version, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** Writes all, or throws and writes none. */
  write(calls: readonly CallRecord[], logs: readonly LogRecord[]): void {
    this.#store.transaction(() => {
      for (const [key, batch] of byFunction(calls)) this.#writeBatch(key, batch);
      for (const log of logs) this.#writeLog(log);
    });
  }

  #writeBatch(key: string, calls: readonly CallRecord[]): void {
    let fromMs = Infinity;
    let toMs = -Infinity;
    for (const { endedMs } of calls) {
      fromMs = Math.min(fromMs, endedMs);
      toMs = Math.max(toMs, endedMs);
    }
    this.#insertBatch.run(key, fromMs, toMs, calls.length, JSON.stringify(calls.map(fieldsOf)));
  }

  #writeLog({ ref, version, entry }: LogRecord): void {
    const { message, fields } = entry;
    this.#insertLog.run(
      keyOf(ref),
      entry.timeMs,
      LEVELS.indexOf(entry.level),
      message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message,
      entry.requestId ?? null,
      version ?? null,
      fields === undefined ? null : JSON.stringify(fields),
    );
  }

  /** The next lines after row `afterId`, in the order in which they were written; of so many rows at most. */
  readLogs(ref: FunctionRef, query: LogsFilter, afterId: number, limit: number): LogPage {
    const key = keyOf(ref);
    const { db } = this.#store;
    // Found in the index alone. Without this bound, one read would look through all that the function ever wrote.
    const looked = db
      .prepare(
        `SELECT count(*) AS size, max(id) AS lastId FROM
           (SELECT id FROM rec_logs WHERE function = ? AND id > ? ORDER BY id LIMIT ?)`,
      )
      .get(key, afterId, MAX_ROWS_AT_ONCE);
    const lastId = Number(looked?.['lastId'] ?? afterId);
    const rows = db
      .prepare(
        `SELECT id, timeMs, level, message, requestId, version, fields FROM rec_logs
         WHERE function = ? AND id > ? AND id <= ? AND timeMs >= ? AND timeMs < ? AND level >= ? AND (? IS NULL OR requestId = ?)
         ORDER BY id LIMIT ?`,
      )
      .all(
        key,
        afterId,
        lastId,
        query.fromMs,
        query.toMs,
        query.minLevel === undefined ? 0 : LEVELS.indexOf(query.minLevel),
        query.requestId ?? null,
        query.requestId ?? null,
        limit,
      );
    const isFull = rows.length === limit;
    const entries = rows.map(lineOf).filter((entry) => entry !== undefined);
    if (entries.length < rows.length) this.#damage.met('rec_logs', ref);
    return {
      entries,
      afterId: isFull ? Number(rows.at(-1)?.['id']) : lastId,
      isLast: !isFull && Number(looked?.['size'] ?? 0) < MAX_ROWS_AT_ONCE,
    };
  }

  /** The newest rows as they are now: what comes later is not forgotten with them. */
  newest(): Newest {
    const row = this.#store.db
      .prepare(
        'SELECT (SELECT max(id) FROM rec_batches) AS batch, (SELECT max(id) FROM rec_logs) AS log',
      )
      .get();
    return { batch: Number(row?.['batch'] ?? 0), log: Number(row?.['log'] ?? 0) };
  }

  /** Deletes what a function has up to there. */
  async forget(ref: FunctionRef, upTo: Newest): Promise<void> {
    const ofIt = 'function = ? AND id <= ?';
    await deleteRows(this.#store, 'rec_batches', ofIt, [keyOf(ref), upTo.batch]);
    await deleteRows(this.#store, 'rec_logs', ofIt, [keyOf(ref), upTo.log]);
  }
}

/** Part of a log. */
export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** Where the next one begins. */
  readonly afterId: number;
  /** Nothing was written after it so far. */
  readonly isLast: boolean;
}

/** Row numbers, each the last of its table. */
export interface Newest {
  readonly batch: number;
  readonly log: number;
}

/** The calls of each function, in their order. */
function byFunction(calls: readonly CallRecord[]): ReadonlyMap<string, readonly CallRecord[]> {
  const groups = new Map<string, CallRecord[]>();
  // Calls come in runs of one function, mostly, whose ref is the same object.
  let lastRef: FunctionRef | undefined;
  let group: CallRecord[] = [];
  for (const call of calls) {
    if (call.ref !== lastRef) {
      const key = keyOf(call.ref);
      group = groups.get(key) ?? [];
      groups.set(key, group);
      lastRef = call.ref;
    }
    group.push(call);
  }
  return groups;
}

/** In the order in which the view names them. */
function fieldsOf(call: CallRecord): readonly unknown[] {
  return [
    call.endedMs,
    call.kind,
    call.outcome,
    call.coldStart ? 1 : 0,
    toMicros(call.durationMs),
    toMicros(call.initDurationMs),
    toMicros(call.memoryMb),
    call.requestId,
    call.version,
  ];
}

/** Digits that mean nothing are most of what a float takes to write. */
function toMicros(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}

/** What of a {@link LogsQuery} one read needs. */
export interface LogsFilter {
  readonly fromMs: number;
  /** Infinity while following. */
  readonly toMs: number;
  readonly requestId: LogsQuery['requestId'];
  readonly minLevel: LogsQuery['minLevel'];
}

export function keyOf(ref: FunctionRef): string {
  return `${ref.app}/${ref.stage}/${ref.name}`;
}
