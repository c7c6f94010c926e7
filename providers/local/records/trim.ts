/** Keeps the tables within their bounds. */
import type { LocalStore } from '../ports.ts';

/** The tables, with what the rows of a function come to in each. */
const SIZES = {
  rec_batches: 'SELECT function, sum(size) AS size FROM rec_batches GROUP BY function',
  rec_logs: 'SELECT function, count(*) AS size FROM rec_logs GROUP BY function',
} as const;

/** The newest row of a function that goes, when it keeps so many calls (in whole batches), or lines. */
const LAST_TO_GO = {
  rec_batches: `SELECT id FROM
      (SELECT id, sum(size) OVER (ORDER BY id DESC) - size AS newer FROM rec_batches WHERE function = ?)
    WHERE newer >= ? ORDER BY id DESC LIMIT 1`,
  rec_logs: 'SELECT id FROM rec_logs WHERE function = ? ORDER BY id DESC LIMIT 1 OFFSET ?',
} as const;

const TABLES = ['rec_batches', 'rec_logs'] as const;

/**
 * Deletes what is from before `beforeMs`, and the oldest calls and lines beyond `maxRows` of each, of those functions that
 * have the most: one that writes without end takes nothing of what others have.
 */
export function trim(store: LocalStore, beforeMs: number, maxRows: number): void {
  store.transaction(() => {
    trimOld(store, beforeMs);
    for (const table of TABLES) {
      const sizes = new Map(
        store.db
          .prepare(SIZES[table])
          .all()
          .map((row) => [String(row['function']), Number(row['size'])]),
      );
      const share = fairShare([...sizes.values()], maxRows);
      for (const [key, size] of sizes) {
        if (size <= share) continue;
        const last = store.db.prepare(LAST_TO_GO[table]).get(key, share);
        if (last === undefined) continue;
        store.db
          .prepare(`DELETE FROM ${table} WHERE function = ? AND id <= ?`)
          .run(key, Number(last['id']));
      }
    }
  });
}

/** Rows are in order of time, nearly: reading from the oldest on needs no index, and stops early. */
function trimOld({ db }: LocalStore, beforeMs: number): void {
  for (const [table, time] of [
    ['rec_batches', 'toMs'],
    ['rec_logs', 'timeMs'],
  ] as const) {
    db.prepare(
      `DELETE FROM ${table} WHERE id < coalesce(
         (SELECT id FROM ${table} WHERE ${time} >= ? ORDER BY id LIMIT 1),
         (SELECT max(id) + 1 FROM ${table}))`,
    ).run(beforeMs);
  }
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
