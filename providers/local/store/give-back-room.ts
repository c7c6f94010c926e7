import type { DatabaseSync } from 'node:sqlite';
import { numberOf } from './rows.ts';

/** Smaller files are left as they are. */
const LARGE_BYTES = 8 * 1024 * 1024;
/** So much of a file has to be empty: what is left is copied, and is the smaller part by far. */
const EMPTY_PART = 0.75;

/**
 * Makes a large file small that is mostly empty, as after a long queue was worked off: SQLite uses the pages again,
 * and never returns them by itself. It is one transaction, so a process that is killed meanwhile leaves the file as it
 * was. Call it while nobody waits for the file, and before temporary data is kept in memory.
 */
export function giveBackRoom(db: DatabaseSync): void {
  const pages = pragma(db, 'page_count');
  const isLarge = pages * pragma(db, 'page_size') > LARGE_BYTES;
  if (!isLarge || pragma(db, 'freelist_count') < pages * EMPTY_PART) return;
  try {
    db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Such as a disk without room for the copy. The file is whole, and only larger than it has to be.
  }
}

function pragma(db: DatabaseSync, name: 'page_count' | 'page_size' | 'freelist_count'): number {
  const row = db.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? 0 : numberOf(row, name);
}
