import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostWatch } from './host-watch.ts';
import { Operation, type FromInstance } from './protocol.ts';
import { type CreateTransport, mainModule } from './transport.ts';

/** What a process may need to load code, at the most, and does not count as held by that code. */
const LOADING_BYTES = 33_554_432;

const hasGroup = process.platform !== 'win32';

/** An instance in a process of its own. */
export const createProcess: CreateTransport = (settings, listener) => {
  const child = fork(mainModule, [settings.compileCacheFolder], {
    cwd: settings.codeFolder,
    env: { ...settings.env },
    execArgv: [`--max-old-space-size=${settings.memoryMb}`],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own: what the function starts ends with it.
    detached: hasGroup,
  });
  let ended = false;
  // The process without what the user's code holds.
  let emptyBytes: number | undefined;
  const exit = (code: number | null, signal: string | null): void => {
    if (ended) return;
    ended = true;
    endGroup(child);
    listener.exit(code, signal);
  };
  child.on('message', (message) => {
    if (!isMessage(message)) return;
    if (emptyBytes === undefined && message[0] === Operation.memory) {
      // The first is no answer: it tells what the process holds before it loads the user's code.
      emptyBytes = message[1] + LOADING_BYTES;
      return;
    }
    if (emptyBytes !== undefined && message[0] === Operation.ready)
      emptyBytes = Math.min(emptyBytes, residentBytes(child.pid) ?? emptyBytes);
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
    endGroup(child);
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
  // After that, as the instance can begin meanwhile.
  if (child.pid !== undefined && hasGroup) hostWatch.add(child.pid);
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

/** The last of a group whose process has ended. */
function endGroup(child: ChildProcess): void {
  killGroup(child);
  if (child.pid !== undefined) hostWatch.remove(child.pid);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || !hasGroup) return;
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
