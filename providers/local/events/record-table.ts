import type { JsonObject } from 'polyfaas/spi';
import type { LocalStore } from '../ports.ts';
import { numberOf, textOf } from '../store/rows.ts';
import { decoded, decodeObject } from './decode.ts';
import type { LaneRegistry } from './lane-registry.ts';

/** Streams and tables have as many shards. */
export const SHARD_COUNT = 4;

/**
 * Records are kept for so long, whether they were delivered or not. Older ones go when a process starts, and with
 * every 1,000th record.
 */
export const RETENTION_MS = 24 * 60 * 60 * 1_000;

const TRIM_EVERY = 1_000;
const TRIM_AT_ONCE = 5_000;

/** One record of a shard. */
export interface StoredRecord {
  readonly sequence: number;
  readonly timeMs: number;
  /** Everything but its sequence number and time. */
  readonly body: JsonObject;
  /** False when what was stored is damaged; then `body.data` is its text. */
  readonly isReadable: boolean;
}

/** The logs behind streams and tables. */
export class RecordTable {
  /**
   * Called with the time before which records are about to be removed. Runs in a transaction.
   * @returns those that are being delivered: they stay until that has ended.
   */
  onTrim: (cutoffMs: number, nowMs: number) => readonly number[] = () => [];
  readonly #lanes: LaneRegistry;
  readonly #sql;
  #sinceTrim = 0;

  constructor(store: LocalStore, lanes: LaneRegistry) {
    this.#lanes = lanes;
    const { db } = store;
    this.#sql = {
      insert: db.prepare(
        'INSERT INTO ev_records (source, shard, time_ms, body) VALUES (?, ?, ?, ?)',
      ),
      after: db.prepare(
        `SELECT sequence, time_ms, body FROM ev_records
         WHERE source = ? AND shard = ? AND sequence > ? AND sequence <= ? AND time_ms < ?
         ORDER BY sequence LIMIT ?`,
      ),
      last: db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'ev_records'"),
      anyOld: db.prepare('SELECT 1 FROM ev_records WHERE time_ms < ? LIMIT 1'),
      trim: db.prepare(
        `DELETE FROM ev_records WHERE sequence IN
           (SELECT sequence FROM ev_records WHERE time_ms < ?
              AND sequence NOT IN (SELECT value FROM json_each(?)) LIMIT ${TRIM_AT_ONCE})`,
      ),
      count: db.prepare(
        `SELECT count(*) AS records FROM ev_records
         WHERE source = ? AND shard = ? AND sequence > ? AND time_ms < ?`,
      ),
    };
  }

  /** @returns the sequence number. Runs in a transaction. */
  append(source: string, shard: number, body: JsonObject, nowMs: number): number {
    const result = this.#sql.insert.run(source, shard, nowMs, JSON.stringify(body));
    this.#sinceTrim += 1;
    if (this.#sinceTrim >= TRIM_EVERY) this.trim(nowMs);
    this.#lanes.wakeSource(source);
    return Number(result.lastInsertRowid);
  }

  /** A record that cannot be decoded comes alone. */
  after(
    source: string,
    shard: number,
    range: {
      readonly after: number;
      readonly upTo: number | undefined;
      readonly limit: number;
      readonly olderThanMs?: number;
    },
  ): StoredRecord[] {
    const upTo = range.upTo ?? Number.MAX_SAFE_INTEGER;
    const olderThanMs = range.olderThanMs ?? Number.MAX_SAFE_INTEGER;
    const rows = this.#sql.after.all(source, shard, range.after, upTo, olderThanMs, range.limit);
    const records = rows.map((row): StoredRecord => {
      const text = textOf(row, 'body');
      const body = decoded(decodeObject, text);
      return {
        sequence: numberOf(row, 'sequence'),
        timeMs: numberOf(row, 'time_ms'),
        body: body ?? { data: text },
        isReadable: body !== undefined,
      };
    });
    const damaged = records.findIndex(({ isReadable }) => !isReadable);
    return damaged < 0 ? records : records.slice(0, Math.max(1, damaged));
  }

  /** The last sequence number that was given out, of any source. */
  lastSequence(): number {
    const row = this.#sql.last.get();
    return row === undefined ? 0 : numberOf(row, 'seq');
  }

  /** Removes what is older than {@link RETENTION_MS}. Runs in a transaction. */
  trim(nowMs: number): void {
    this.#sinceTrim = 0;
    const cutoffMs = nowMs - RETENTION_MS;
    if (this.#sql.anyOld.get(cutoffMs) === undefined) return;
    const held = JSON.stringify(this.onTrim(cutoffMs, nowMs));
    while (Number(this.#sql.trim.run(cutoffMs, held).changes) === TRIM_AT_ONCE);
  }

  /** How many there are after `position` that are older than `cutoffMs`. */
  count(source: string, shard: number, position: number, cutoffMs: number): number {
    const row = this.#sql.count.get(source, shard, position, cutoffMs);
    return row === undefined ? 0 : numberOf(row, 'records');
  }
}

/** Fixed width, so that sequence numbers sort as text too. */
export function sequenceText(sequence: number): string {
  return String(sequence).padStart(20, '0');
}

export function shardText(shard: number): string {
  return `shard-${shard}`;
}

/** FNV-1a over the text's UTF-16 units: the same key, the same shard, always. */
export function shardFor(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % SHARD_COUNT;
}
