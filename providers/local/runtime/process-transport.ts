import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Operation, type FromInstance } from './protocol.ts';
import { type CreateTransport, mainModule } from './transport.ts';

/** An instance in a process of its own. */
export const createProcess: CreateTransport = (settings, listener) => {
  const child = fork(mainModule, [settings.compileCacheFolder], {
    cwd: settings.codeFolder,
    env: { ...settings.env },
    execArgv: [`--max-old-space-size=${settings.memoryMb}`],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own: what the function starts ends with it.
    detached: process.platform !== 'win32',
  });
  let ended = false;
  // The process itself, before there is any code of the user in it.
  let emptyBytes: number | undefined;
  const exit = (code: number | null, signal: string | null): void => {
    if (ended) return;
    ended = true;
    killGroup(child);
    listener.exit(code, signal);
  };
  child.on('message', (message) => {
    if (!isMessage(message)) return;
    if (message[0] === Operation.ready) emptyBytes = residentBytes(child.pid);
    listener.message(message);
  });
  child.on('error', (error) => {
    // A message to one that is ending is lost, and its calls fail with its end.
    if (child.pid !== undefined) return;
    // It was never started: no exit will come.
    listener.error(error);
    exit(null, null);
  });
  // After the pipes are empty, so that the last words come before the end.
  child.on('close', exit);
  child.on('exit', (code, signal) => {
    // Something that the function started may hold the pipes open.
    killGroup(child);
    setTimeout(() => exit(code, signal), 50);
  });
  child.stdout?.on('data', (chunk: Uint8Array) => listener.output('info', chunk));
  child.stderr?.on('data', (chunk: Uint8Array) => listener.output('error', chunk));
  const handles = [child, child.channel, child.stdout, child.stderr];
  const hold = references(handles, 'ref');
  const release = references(handles, 'unref');
  const post = (message: unknown): void => {
    if (child.connected && isMessage(message)) child.send(message);
  };
  post([Operation.start, settings.start]);
  return {
    post,
    hold,
    release,
    readMemory() {
      const now = residentBytes(child.pid);
      if (now === undefined || emptyBytes === undefined) return null;
      return Math.max(0, now - emptyBytes);
    },
    kill() {
      hold();
      killGroup(child);
      child.kill('SIGKILL');
    },
    abandon: release,
  };
};

/** Foreign data: code in the process may write to the channel too. */
function isMessage(message: unknown): message is FromInstance & object {
  return Array.isArray(message) && typeof message[0] === 'number';
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/** What the process holds in memory; undefined where the system does not say. */
function residentBytes(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  try {
    const [, kilobytes] =
      /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Pipes and channels can be let go of, although their types do not always say so. */
function references(
  handles: readonly (object | null | undefined)[],
  how: 'ref' | 'unref',
): () => void {
  const calls: (() => void)[] = [];
  for (const handle of handles) {
    if (!handle) continue;
    const method: unknown = Reflect.get(handle, how);
    if (typeof method === 'function') calls.push(method.bind(handle));
  }
  return () => {
    for (const call of calls) call();
  };
}
