/**
 * One owner per state folder.
 *
 * The lock is the operating system's own lock on `owner.lock`, taken and held through SQLite. The kernel gives it
 * back when its holder dies, however it dies, so it is never stale; there is no moment in which two could take over
 * from a dead owner; a process id that was used again cannot be mistaken for the owner. SQLite makes the lock hold
 * between two connections of one process too, which a bare `fcntl` lock does not.
 *
 * The system takes such a lock back when its process closes the file, whoever in the process had opened it. So nobody
 * but SQLite, which knows this, opens `owner.lock`: not to make it, and not when this process has the folder already.
 * Whoever copies the whole folder does it all the same; for that the owner's token is in the state file too, where
 * the next owner writes its own, and the first one finds it with its next transaction.
 *
 * `owner.json` beside it only says who the owner is, for the message.
 */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ServerlessError } from 'polyfaas/spi';
import { fileIdentity } from './file-identity.ts';
import { heldInProcess } from './held-in-process.ts';
import { loadSqlite } from './load-sqlite.ts';

const SQLITE_BUSY = 5;

/** Who owns a state folder. */
export interface OwnerLock {
  /** Random; new each time the folder is opened. */
  readonly token: string;
  release(): void;
}

/** @throws ServerlessError CONFLICT when another owner lives. */
export function takeOwnerLock(folder: string): OwnerLock {
  const lockPath = join(folder, 'owner.lock');
  const infoPath = join(folder, 'owner.json');
  const held = heldInProcess();
  const present = fileIdentity(lockPath);
  if (present !== undefined && held.has(present)) throw inUse(folder, infoPath, undefined);
  // Before it is opened: SQLite would open a file that may only be read as such, and could not lock it.
  if (present !== undefined) chmodSync(lockPath, 0o600);
  const lock = openLock(lockPath);
  try {
    if (present === undefined) chmodSync(lockPath, 0o600);
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (primaryCode(error) === SQLITE_BUSY) throw inUse(folder, infoPath, error);
    if (primaryCode(error) === undefined) throw error;
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      provider: 'local',
      message: `The lock of the state folder ${folder} cannot be taken. When no other process uses the folder, remove ${lockPath}; a network drive cannot be used.`,
      cause: error,
    });
  }
  const identity = fileIdentity(lockPath) ?? lockPath;
  // Also because a connection that nobody refers to would be closed by the garbage collector.
  held.set(identity, lock);
  const token = randomUUID();
  let isHeld = true;
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    try {
      // Of another owner, when this one lost the folder.
      if (readInfo(infoPath)?.token === token) rmSync(infoPath, { force: true });
    } catch {
      // The folder may have become read-only. The note is only read while somebody has the lock, and then it is theirs.
    }
    try {
      lock.close();
    } finally {
      held.delete(identity);
    }
  };
  try {
    const owner = { pid: process.pid, startTime: startTimeOf(process.pid), token };
    writeFileSync(infoPath, JSON.stringify(owner), { mode: 0o600 });
    chmodSync(infoPath, 0o600);
  } catch (error) {
    release();
    throw error;
  }
  return { token, release };
}

/** The file is made by SQLite when it is missing. What SQLite says when it cannot be opened is too little. */
function openLock(lockPath: string): DatabaseSync {
  const { DatabaseSync: Database } = loadSqlite();
  try {
    return new Database(lockPath, { timeout: 0 });
  } catch (error) {
    if (existsSync(lockPath)) {
      // Throws the true reason, where it is one of these: it is a folder, or may not be used.
      if (statSync(lockPath).isDirectory()) readFileSync(lockPath);
      accessSync(lockPath, constants.R_OK | constants.W_OK);
    } else {
      const trial = `${lockPath}-trial`;
      writeFileSync(trial, '', { mode: 0o600 });
      rmSync(trial, { force: true });
    }
    throw error;
  }
}

function inUse(folder: string, infoPath: string, cause: unknown): ServerlessError {
  const pid = readInfo(infoPath)?.pid;
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new ServerlessError({
    code: 'CONFLICT',
    provider: 'local',
    message:
      pid === process.pid
        ? `The state folder ${folder} is already open in this process. Close the other manager first, or choose another folder.`
        : `The state folder ${folder} is in use by ${who}. Stop it, or choose another folder.`,
    details: pid === undefined ? { folder } : { folder, pid },
    cause,
  });
}

function readInfo(
  infoPath: string,
): { readonly pid?: number; readonly token?: string } | undefined {
  try {
    const info: unknown = JSON.parse(readFileSync(infoPath, 'utf8'));
    if (typeof info !== 'object' || info === null) return undefined;
    return {
      ...('pid' in info && typeof info.pid === 'number' ? { pid: info.pid } : {}),
      ...('token' in info && typeof info.token === 'string' ? { token: info.token } : {}),
    };
  } catch {
    // The owner has just begun, or the file was removed: the message does without the number.
    return undefined;
  }
}

/** Clock ticks since boot at which a process began, where the system tells. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may hold spaces and parentheses; field 22 is counted from its end.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function primaryCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
