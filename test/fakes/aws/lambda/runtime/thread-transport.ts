import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { BOOTSTRAP, type BootstrapSettings, CLIENT_PATH, CLIENT_URL } from './client-path.ts';
import {
  type CreateTransport,
  type Exit,
  type FromInstance,
  HEAP_FULL,
  type Transport,
} from './transport.ts';

const MB = 1024 * 1024;
const HEAP_RESERVE_MB = 4096;

/** An instance in a thread: starts in a third of the time that a process takes. */
export const createThread: CreateTransport = (settings, listener): Transport => {
  const { port1: port, port2: itsPort } = new MessageChannel();
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // Node reads this variable for a thread too, and refuses what only a process may have.
  const { NODE_OPTIONS: nodeOptions, ...env } = settings.env;
  const bootstrap: BootstrapSettings = {
    id: settings.id,
    client: CLIENT_PATH,
    clientUrl: CLIENT_URL,
    limitBytes: settings.memoryMb * MB,
    taskRoot: settings.taskRoot,
    ...(nodeOptions !== undefined && { nodeOptions }),
  };
  const worker = new Worker(BOOTSTRAP, {
    workerData: { fakeLambda: { settings: bootstrap, port: itsPort, signal: cell.buffer } },
    transferList: [itsPort],
    env,
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    // Far above what it may use: a thread that reaches this limit of Node's often takes the whole process with it, so
    // it is ended before, by looking.
    resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb + HEAP_RESERVE_MB },
    name: settings.name,
  });
  let signal: string | null = null;
  let ended = false;
  const hear = (message: unknown): void => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- The bootstrap sends nothing else.
    listener.message(message as FromInstance);
  };
  port.on('message', hear);
  worker.on('error', (error: unknown) => {
    if (isHeapFull(error)) signal = HEAP_FULL;
    // What Node would have printed of an error that nobody caught.
    else hear(['output', `${describe(error)}\n\nNode.js ${process.version}\n`]);
  });
  worker.on('exit', (code) => {
    ended = true;
    for (let last = receiveMessageOnPort(port); last; last = receiveMessageOnPort(port))
      hear(last.message);
    port.close();
    const exit: Exit = signal === null ? { code, signal } : { code: null, signal };
    listener.exit(exit);
  });
  return {
    send(invocation) {
      port.postMessage(invocation);
      Atomics.store(cell, 0, 1);
      Atomics.notify(cell, 0);
    },
    async memory() {
      if (ended) return undefined;
      try {
        const stats = await worker.getHeapStatistics();
        const heap = stats.used_heap_size;
        return { heap, total: heap + stats.external_memory + stats.malloced_memory };
      } catch {
        return undefined;
      }
    },
    kill: () => void worker.terminate(),
  };
};

function isHeapFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `Uncaught ${String(error)}`;
}
