import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { STATE_MARK } from 'polyfaas/spi';
import type { LocalStore, StoreOptions } from '../ports.ts';
import { checkStateFile, STORE_VERSION } from './check-state-file.ts';
import { giveBackRoom } from './give-back-room.ts';
import { loadSqlite } from './load-sqlite.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { SqliteStore } from './sqlite-store.ts';
import { toStoreError } from './store-errors.ts';

const STATE_FILE = 'state.db';
/** What the names begin with in a folder that holds other things too, a line each. */
const STATE_ENTRIES = `${STATE_FILE}\nsecrets.json\nowner.\nartifacts\nobjects\n`;
const BUSY_TIMEOUT_MS = 250;
/** 16 MB: each checkpoint waits for the disk, and three in four of them are saved. */
const CHECKPOINT_PAGES = 4_000;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the state folder, and makes it (0700, its files 0600, ignored by git) when it is missing.
 *
 * Throws CONFLICT when a living owner, this process too, has the folder; UNAVAILABLE when the file is damaged
 * or newer (it is never deleted or overwritten); PERMISSION_DENIED when it may not be used; QUOTA_EXCEEDED when the
 * disk is full.
 */
export function openStore(options: StoreOptions): LocalStore {
  try {
    const { folder, fresh } = prepareFolder(options.folder);
    const path = join(folder, STATE_FILE);
    const lock = takeOwnerLock(folder);
    try {
      keepFromPackages(folder, fresh);
      return new SqliteStore({ folder, path, db: openDatabase(path, options, lock.token), lock });
    } catch (error) {
      lock.release();
      throw toStoreError(error, path);
    }
  } catch (error) {
    throw toStoreError(error, options.folder);
  }
}

function openDatabase(path: string, options: StoreOptions, token: string): DatabaseSync {
  // SQLite gives its -wal and -shm files the permissions of the file itself.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const usedMark = `${path}-used`;
  const { DatabaseSync } = loadSqlite();
  const db = new DatabaseSync(path, {
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  try {
    checkStateFile(db, path, existsSync(usedMark));
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${options.durability === 'power' ? 'FULL' : 'NORMAL'};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
      PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};
    `);
    giveBackRoom(db);
    db.exec(`
      PRAGMA temp_store = MEMORY;
      CREATE TABLE IF NOT EXISTS store_parts (part TEXT PRIMARY KEY, applied INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS store_owner (token TEXT NOT NULL) STRICT;
      PRAGMA user_version = ${STORE_VERSION};
    `);
    db.exec('BEGIN IMMEDIATE; DELETE FROM store_owner');
    db.prepare('INSERT INTO store_owner (token) VALUES (?)').run(token);
    db.exec('COMMIT');
    if (!existsSync(usedMark)) writeFileSync(usedMark, '', { mode: 0o600 });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The folder often lies in a repository, and will hold secrets. Only in one that is ours from the start. */
function keepFromGit(folder: string): void {
  const path = join(folder, '.gitignore');
  if (!existsSync(path)) writeFileSync(path, '*\n', { mode: 0o600 });
}

/** What stands in the folder, secrets too, is nothing that a function may have in its package. */
function keepFromPackages(folder: string, fresh: boolean): void {
  const path = join(folder, STATE_MARK);
  if (!existsSync(path)) writeFileSync(path, fresh ? '*\n' : STATE_ENTRIES, { mode: 0o600 });
}

function prepareFolder(folder: string): { readonly folder: string; readonly fresh: boolean } {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  const real = realpathSync(folder);
  if (made) keepFromGit(real);
  // A folder that holds other things too keeps its permissions: they are not ours to change.
  const fresh = made || readdirSync(real).length === 0;
  if (fresh || existsSync(join(real, STATE_FILE))) chmodSync(real, 0o700);
  return { folder: real, fresh };
}
