import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ServerlessError } from 'polyfaas/spi';
import type { LocalStore } from '../ports.ts';
import { newerState } from './check-state-file.ts';
import { fileIdentity } from './file-identity.ts';
import type { OwnerLock } from './owner-lock.ts';
import { numberOf, textOf } from './rows.ts';
import { toStoreError } from './store-errors.ts';

/** The open database of a state folder, with its lock. */
export class SqliteStore implements LocalStore {
  readonly folder: string;
  readonly db: DatabaseSync;
  readonly #path: string;
  readonly #lock: OwnerLock;
  readonly #owner: StatementSync;
  readonly #identity: string | undefined;
  #depth = 0;
  #open = true;

  constructor(parts: {
    readonly folder: string;
    readonly path: string;
    readonly db: DatabaseSync;
    readonly lock: OwnerLock;
  }) {
    this.folder = parts.folder;
    this.db = parts.db;
    this.#path = parts.path;
    this.#lock = parts.lock;
    this.#identity = fileIdentity(parts.path);
    this.#owner = parts.db.prepare('SELECT token FROM store_owner');
  }

  transaction<Result>(work: () => Result): Result {
    const depth = this.#depth;
    const savepoint = `nested_${depth}`;
    this.#run(depth === 0 ? 'BEGIN IMMEDIATE' : `SAVEPOINT ${savepoint}`);
    this.#depth += 1;
    try {
      if (depth === 0) {
        this.#checkFile();
        this.#checkOwner();
      }
      const result = work();
      if (result instanceof Promise)
        throw new TypeError('The work of a transaction is synchronous: await before it.');
      this.#run(depth === 0 ? 'COMMIT' : `RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      // A full disk ends the whole transaction by itself; there is nothing left to undo then.
      if (this.db.isTransaction) {
        this.#run(depth === 0 ? 'ROLLBACK' : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      }
      throw toStoreError(error, this.#path);
    } finally {
      this.#depth = depth;
    }
  }

  migrate(part: string, statements: readonly string[]): void {
    this.transaction(() => {
      const row = this.db.prepare('SELECT applied FROM store_parts WHERE part = ?').get(part);
      const applied = row === undefined ? 0 : numberOf(row, 'applied');
      if (applied > statements.length) {
        throw newerState(this.#path, `${applied} changes of "${part}"`, statements.length);
      }
      if (applied === statements.length) return;
      for (const statement of statements.slice(applied)) this.db.exec(statement);
      this.db
        .prepare('INSERT OR REPLACE INTO store_parts (part, applied) VALUES (?, ?)')
        .run(part, statements.length);
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.db.close();
    } finally {
      this.#lock.release();
    }
  }

  /** What is written to a file that has no name any more is lost when it is closed. */
  #checkFile(): void {
    if (fileIdentity(this.#path) === this.#identity) return;
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      provider: 'local',
      message: `The state file ${this.#path} was deleted, moved or replaced while it was in use, so nothing is written any more. Close the manager and make a new one; delete a state folder only when no manager uses it.`,
    });
  }

  /** Another process can only have become the owner when the system took back the lock of this one. */
  #checkOwner(): void {
    const row = this.#owner.get();
    if (row !== undefined && textOf(row, 'token') === this.#lock.token) return;
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      provider: 'local',
      message: `The state file ${this.#path} has another owner by now, so nothing is written to it any more. That happens when this process copies its own state folder, or opens the files in it: do neither, and start it again.`,
    });
  }

  #run(sql: string): void {
    try {
      this.db.exec(sql);
    } catch (error) {
      throw toStoreError(error, this.#path);
    }
  }
}
