/** Keeps the tables within their bounds. */
import type { LocalStore } from '../ports.ts';
import { deleteRows, type RecordTable } from './delete-rows.ts';

interface Bounded {
  readonly table: RecordTable;
  /** When the newest of a row was. */
  readonly time: string;
  /** What all rows come to. */
  readonly total: string;
  /** What those of each function come to. In the order of the table: by the index, each row would be a jump. */
  readonly sizes: string;
  /** The newest row of a function that goes, when it keeps so many. */
  readonly lastToGo: string;
}

/** Calls go in whole batches, lines one by one. */
const TABLES: readonly Bounded[] = [
  {
    table: 'rec_batches',
    time: 'toMs',
    total: 'SELECT sum(size) AS size FROM rec_batches',
    sizes: 'SELECT function, sum(size) AS size FROM rec_batches NOT INDEXED GROUP BY function',
    lastToGo: `SELECT id FROM
        (SELECT id, sum(size) OVER (ORDER BY id DESC) - size AS newer FROM rec_batches WHERE function = ?)
      WHERE newer >= ? ORDER BY id DESC LIMIT 1`,
  },
  {
    table: 'rec_logs',
    time: 'timeMs',
    total: 'SELECT count(*) AS size FROM rec_logs',
    sizes: 'SELECT function, count(*) AS size FROM rec_logs GROUP BY function',
    lastToGo: 'SELECT id FROM rec_logs WHERE function = ? ORDER BY id DESC LIMIT 1 OFFSET ?',
  },
];

/**
 * Deletes what is from before `beforeMs`, and the oldest calls and lines beyond `maxRows` of each, of those functions that
 * have the most: one that writes without end takes nothing of what others have. Ends with the store.
 */
export async function trim(store: LocalStore, beforeMs: number, maxRows: number): Promise<void> {
  for (const bounded of TABLES) {
    if (!store.db.isOpen) return;
    await deleteRows(store, bounded.table, 'id <= ?', [lastOld(store, bounded, beforeMs)]);
    const { keys, share } = beyondShare(store, bounded, maxRows);
    for (const key of keys) {
      if (!store.db.isOpen) return;
      const last = store.db.prepare(bounded.lastToGo).get(key, share);
      if (last === undefined) continue;
      const upTo = Number(last['id']);
      await deleteRows(store, bounded.table, 'function = ? AND id <= ?', [key, upTo]);
    }
  }
}

/** Rows are in order of time, nearly: reading from the oldest on needs no index, and stops early. */
function lastOld({ db }: LocalStore, { table, time }: Bounded, beforeMs: number): number {
  const firstYoung = `SELECT id FROM ${table} WHERE ${time} >= ? ORDER BY id LIMIT 1`;
  const young = db.prepare(firstYoung).get(beforeMs);
  if (young !== undefined) return Number(young['id']) - 1;
  // All of it is old, and nothing of what is written from now on.
  return Number(db.prepare(`SELECT max(id) AS id FROM ${table}`).get()?.['id'] ?? 0);
}

interface Beyond {
  readonly keys: readonly string[];
  readonly share: number;
}

const NOBODY: Beyond = { keys: [], share: Infinity };

/** The functions that have more than their share, and what that is. */
function beyondShare({ db }: LocalStore, { total, sizes }: Bounded, maxRows: number): Beyond {
  if (!db.isOpen || Number(db.prepare(total).get()?.['size'] ?? 0) <= maxRows) return NOBODY;
  const rows = db.prepare(sizes).all();
  const share = fairShare(
    rows.map((row) => Number(row['size'])),
    maxRows,
  );
  const beyond = rows.filter((row) => Number(row['size']) > share);
  return { keys: beyond.map((row) => String(row['function'])), share };
}

/** What each may have, so that all have `room` at most together: who has less leaves the rest to the others. */
export function fairShare(sizes: readonly number[], room: number): number {
  let left = room;
  let others = sizes.length;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    if (size * others > left) return Math.floor(left / others);
    left -= size;
    others -= 1;
  }
  return Infinity;
}
