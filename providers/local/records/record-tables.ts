/** The two tables, and every statement on them. */
import type { StatementSync } from 'node:sqlite';
import type { FunctionRef, JsonObject, LogEntry, LogLevel, LogsQuery } from 'polyfaas/spi';
import type { CallRecord, InstanceLog, LocalStore } from '../ports.ts';
import { encodeCursor } from './cursor.ts';

/** A log line with the function that wrote it. */
export interface LogRecord {
  readonly ref: FunctionRef;
  readonly version: string | undefined;
  readonly entry: InstanceLog;
}

/** Rows are numbered for good (AUTOINCREMENT): a cursor never points at a later row that took its number. */
const TABLES = [
  `CREATE TABLE rec_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    function TEXT NOT NULL,
    endedMs REAL NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    coldStart INTEGER NOT NULL,
    durationMs REAL,
    initDurationMs REAL,
    memoryMb REAL,
    requestId TEXT NOT NULL,
    version TEXT NOT NULL
  ) STRICT`,
  'CREATE INDEX rec_calls_by_time ON rec_calls (function, endedMs)',
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

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A handler that prints a megabyte does not fill the store with it. */
const MAX_MESSAGE_LENGTH = 256 * 1024;

export class RecordTables {
  readonly #store: LocalStore;
  readonly #insertCall: StatementSync;
  readonly #insertLog: StatementSync;

  constructor(store: LocalStore) {
    store.migrate('records', TABLES);
    this.#store = store;
    this.#insertCall = store.db.prepare(
      `INSERT INTO rec_calls (function, endedMs, kind, outcome, coldStart, durationMs, initDurationMs, memoryMb, requestId, version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertLog = store.db.prepare(
      `INSERT INTO rec_logs (function, timeMs, level, message, requestId, version, fields)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** Writes all, or throws and writes none. */
  write(calls: readonly CallRecord[], logs: readonly LogRecord[]): void {
    this.#store.transaction(() => {
      for (const call of calls) this.#writeCall(call);
      for (const log of logs) this.#writeLog(log);
    });
  }

  #writeCall(call: CallRecord): void {
    this.#insertCall.run(
      keyOf(call.ref),
      call.endedMs,
      call.kind,
      call.outcome,
      call.coldStart ? 1 : 0,
      call.durationMs,
      call.initDurationMs,
      call.memoryMb,
      call.requestId,
      call.version,
    );
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

  /** Log lines after row `afterId`, in the order in which they were written. */
  readLogs(ref: FunctionRef, query: LogsFilter, afterId: number, limit: number): LogEntry[] {
    const rows = this.#store.db
      .prepare(
        `SELECT id, timeMs, level, message, requestId, version, fields FROM rec_logs
         WHERE function = ? AND id > ? AND timeMs >= ? AND timeMs < ? AND level >= ? AND (? IS NULL OR requestId = ?)
         ORDER BY id LIMIT ?`,
      )
      .all(
        keyOf(ref),
        afterId,
        query.fromMs,
        query.toMs,
        query.minLevel === undefined ? 0 : LEVELS.indexOf(query.minLevel),
        query.requestId ?? null,
        query.requestId ?? null,
        limit,
      );
    return rows.map(decodeLog);
  }

  forget(ref: FunctionRef): void {
    const key = keyOf(ref);
    this.#store.transaction(() => {
      this.#store.db.prepare('DELETE FROM rec_calls WHERE function = ?').run(key);
      this.#store.db.prepare('DELETE FROM rec_logs WHERE function = ?').run(key);
    });
  }

  /** Deletes rows from before `beforeMs`, and the oldest beyond `maxRows` of each table. */
  trim(beforeMs: number, maxRows: number): void {
    this.#store.transaction(() => {
      for (const [table, time] of [
        ['rec_calls', 'endedMs'],
        ['rec_logs', 'timeMs'],
      ]) {
        // Rows are in order of time, nearly: reading from the oldest on needs no index, and stops early.
        this.#store.db
          .prepare(
            `DELETE FROM ${table} WHERE id < coalesce(
               (SELECT id FROM ${table} WHERE ${time} >= ? ORDER BY id LIMIT 1),
               (SELECT max(id) + 1 FROM ${table}))
             OR id <= (SELECT max(id) FROM ${table}) - ?`,
          )
          .run(beforeMs, maxRows);
      }
    });
  }
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

type Row = Readonly<Record<string, unknown>>;

function decodeLog(row: Row): LogEntry {
  const { id, timeMs, level, message, requestId, version, fields } = row;
  return {
    time: new Date(Number(timeMs)).toISOString(),
    level: LEVELS[Number(level)] ?? 'info',
    message: String(message),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof fields === 'string' ? { fields: decodeFields(fields) } : {}),
    cursor: encodeCursor(Number(id)),
  };
}

function decodeFields(text: string): JsonObject {
  const fields: JsonObject = JSON.parse(text);
  return fields;
}
