/**
 * One owner per state folder.
 *
 * The lock is the operating system's own lock on `owner.lock`, taken and held through SQLite. The kernel gives it
 * back when its holder dies, however it dies, so it is never stale; there is no moment in which two could take over
 * from a dead owner; a process id that was used again cannot be mistaken for the owner. SQLite makes the lock hold
 * between two connections of one process too, which a bare `fcntl` lock does not.
 *
 * `owner.json` beside it only says who the owner is, for the message.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerlessError } from 'polyfaas/spi';
import { loadSqlite } from './load-sqlite.ts';

const SQLITE_BUSY = 5;

/** The connections that hold a lock: one that nobody refers to any more would be closed by the garbage collector. */
const holding = new Set<object>();

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
  closeSync(openSync(lockPath, 'a', 0o600));
  const { DatabaseSync } = loadSqlite();
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (primaryCode(error) === SQLITE_BUSY) throw inUse(folder, infoPath, error);
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      provider: 'local',
      message: `The lock of the state folder ${folder} cannot be taken. When no other process uses the folder, remove ${lockPath}; a network drive cannot be used.`,
      cause: error,
    });
  }
  holding.add(lock);
  const token = randomUUID();
  const owner = { pid: process.pid, startTime: startTimeOf(process.pid), token };
  writeFileSync(infoPath, JSON.stringify(owner), { mode: 0o600 });
  chmodSync(infoPath, 0o600);
  let held = true;
  return {
    token,
    release() {
      if (!held) return;
      held = false;
      rmSync(infoPath, { force: true });
      lock.close();
      holding.delete(lock);
    },
  };
}

function inUse(folder: string, infoPath: string, cause: unknown): ServerlessError {
  const pid = readPid(infoPath);
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

function readPid(infoPath: string): number | undefined {
  try {
    const info: unknown = JSON.parse(readFileSync(infoPath, 'utf8'));
    if (typeof info !== 'object' || info === null || !('pid' in info)) return undefined;
    return typeof info.pid === 'number' ? info.pid : undefined;
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
