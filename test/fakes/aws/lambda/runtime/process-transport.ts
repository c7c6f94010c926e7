import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import {
  BOOTSTRAP,
  type BootstrapSettings,
  CLIENT_PATH,
  CLIENT_URL,
  CUSTOM_BOOTSTRAP,
  PYTHON_BOOTSTRAP,
} from './client-path.ts';
import type {
  CreateTransport,
  FromInstance,
  Memory,
  Transport,
  TransportListener,
  TransportSettings,
} from './transport.ts';

const MB = 1024 * 1024;
const OUT = 3;
const IN = 4;
/** Lambda leaves the rest to what is no heap. */
const HEAP_SHARE = 0.9;

/** An instance of a Node runtime in a process of its own. */
export const createProcess: CreateTransport = (settings, listener) => {
  const bootstrap: BootstrapSettings = {
    id: settings.id,
    client: CLIENT_PATH,
    clientUrl: CLIENT_URL,
    limitBytes: settings.memoryMb * MB,
    taskRoot: settings.taskRoot,
  };
  const flags = [
    `--max-old-space-size=${Math.floor(settings.memoryMb * HEAP_SHARE)}`,
    '--import',
    BOOTSTRAP.href,
  ];
  return start(process.execPath, [...flags, CLIENT_PATH], settings, listener, {
    _FAKE_LAMBDA_SETTINGS: JSON.stringify(bootstrap),
  });
};

/** An instance of a Python runtime. */
export const createPython: CreateTransport = (settings, listener) =>
  start('python3', ['-u', PYTHON_BOOTSTRAP], settings, listener, { PYTHONDONTWRITEBYTECODE: '1' });

/** An instance of a custom runtime: the function brings its own `bootstrap`. */
export const createCustom: CreateTransport = (settings, listener) =>
  start(process.execPath, [CUSTOM_BOOTSTRAP], settings, listener, {});

function start(
  command: string,
  args: readonly string[],
  settings: TransportSettings,
  listener: TransportListener,
  extra: Readonly<Record<string, string>>,
): Transport {
  const child = spawn(command, args, {
    cwd: settings.taskRoot,
    env: { ...settings.env, ...extra },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder();
    stream?.on('data', (bytes: Buffer) => listener.message(['output', decoder.write(bytes)]));
  }
  readMessages(child, listener);
  const input = child.stdio[IN];
  // Who writes to what has ended is told of it by the end itself.
  input?.on('error', () => {});
  let ended = false;
  const end = (code: number | null, signal: string | null): void => {
    if (ended) return;
    ended = true;
    listener.exit({ code, signal });
  };
  child.on('error', (error) => {
    listener.message(['no-entrypoint', `${command} cannot be started: ${error.message}`]);
    end(127, null);
  });
  child.on('close', end);
  // A child of the child may keep the pipes open.
  child.on('exit', (code, signal) => setTimeout(end, 250, code, signal).unref());
  return {
    send(invocation) {
      if (input instanceof Writable) input.write(`${JSON.stringify(invocation)}\n`);
    },
    memory: () => residentMemory(child),
    kill: () => void child.kill('SIGKILL'),
  };
}

function readMessages(child: ChildProcess, listener: TransportListener): void {
  const stream = child.stdio[OUT];
  if (!isReadable(stream)) return;
  const decoder = new StringDecoder();
  let rest = '';
  stream.on('error', () => {});
  stream.on('data', (bytes: Buffer) => {
    rest += decoder.write(bytes);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The bootstraps send nothing else.
      listener.message(JSON.parse(line) as FromInstance);
    }
  });
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'on' in stream && 'read' in stream;
}

/** The kernel's word, where it gives one. */
async function residentMemory(child: ChildProcess): Promise<Memory | undefined> {
  if (child.pid === undefined || child.exitCode !== null) return undefined;
  try {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(status);
    return found ? { total: Number(found[1]) * 1024, heap: 0 } : undefined;
  } catch {
    return undefined;
  }
}
