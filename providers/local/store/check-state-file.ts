/** Finds damage before anything is written over it. */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { ServerlessError } from 'polyfaas/spi';
import { numberOf } from './rows.ts';

/** The layout of the file as a whole. Parts keep count of their own tables beside it. */
export const STORE_VERSION = 1;

/** Larger files are not read whole on opening; damage in them shows when it is met, as UNAVAILABLE too. */
const FULL_CHECK_BYTES = 8 * 1024 * 1024;

/**
 * @param usedBefore whether something was ever kept in it: an empty file is a damaged one then.
 * @throws ServerlessError UNAVAILABLE when the file is damaged or newer than this release.
 */
export function checkStateFile(db: DatabaseSync, path: string, usedBefore: boolean): void {
  if (usedBefore && statSync(path).size === 0) throw damagedState(path, 'it is empty');
  const version = pragma(db, 'user_version');
  if (version > STORE_VERSION) throw newerState(path, `version ${version}`, STORE_VERSION);
  // After this every page is in the file itself, so that its length can be checked; unless somebody reads it now.
  const whole = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0;
  const expectedBytes = pragma(db, 'page_count') * pragma(db, 'page_size');
  const { size } = statSync(path);
  if (whole && size < expectedBytes)
    throw damagedState(path, `${size} of ${expectedBytes} bytes are left`);
  if (size > FULL_CHECK_BYTES) return;
  const result = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (result !== 'ok') throw damagedState(path, String(result).replaceAll('\n', ' '));
}

/** The file was written by a later release. */
export function newerState(path: string, found: string, known: number): ServerlessError {
  return new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'local',
    message: `The state file ${path} has ${found}; this release knows ${known} at most. Install the newer release again, or move the file aside to begin anew.`,
  });
}

function damagedState(path: string, what: string): ServerlessError {
  return new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'local',
    message: `The state file ${path} is damaged (${what}). Move it aside (with its -wal and -shm files) to begin anew, or put a backup in its place.`,
  });
}

function pragma(db: DatabaseSync, name: 'user_version' | 'page_count' | 'page_size'): number {
  const row = db.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? 0 : numberOf(row, name);
}
