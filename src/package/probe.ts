import { fork, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterLastMessage } from './last-message.ts';
import type { ProbeReply } from './probe-worker.ts';
import { threadEnv } from '../spi/thread-env.ts';

/** What came of loading a bundle. */
export type ProbeOutcome =
  | {
      readonly type: 'loaded';
      readonly signature: string;
      readonly handles: readonly string[];
      readonly durationMs: number;
    }
  | {
      readonly type: 'failed';
      readonly error: string;
      readonly stack: string;
      readonly printed: string;
    };

const PROBE_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './probe-worker.ts' : './probe-worker.js',
  import.meta.url,
);
const PRINTED_AT_MOST = 2_000;
const MEMORY_MB = 512;

/** A thread or process that waits for one bundle to load. Started early, it is ready when the bundle is. */
export interface Probe {
  load(entryPath: string, timeoutMs: number): Promise<ProbeOutcome>;
  end(): Promise<void>;
}

interface Isolate {
  send(entryPath: string): void;
  onReply(listener: (reply: ProbeReply) => void): void;
  onEnd(listener: (why: string, stack?: string) => void): void;
  readonly outputs: readonly (Readable | null)[];
  end(): Promise<void>;
}

/** Starts a probe: a thread, or a process for code that starts processes or loads native add-ons. */
export function startProbe(
  isolation: 'thread' | 'process',
  env: Readonly<Record<string, string>> = {},
): Probe {
  const isolate = isolation === 'thread' ? thread(env) : child(env);
  let printed = '';
  for (const output of isolate.outputs) {
    output?.on('data', (chunk: Buffer) => {
      if (printed.length < PRINTED_AT_MOST)
        printed += chunk.toString('utf8').slice(0, PRINTED_AT_MOST);
    });
  }
  // What ends before it is asked is reported when it is asked.
  let ended: string | undefined;
  isolate.onEnd((why) => {
    ended ??= why;
  });
  return {
    end: () => isolate.end(),
    load: (entryPath, timeoutMs) =>
      new Promise((resolve) => {
        let bound: { readonly signature: string; readonly handles: readonly string[] } | undefined;
        const timer = setTimeout(
          () => finish(failed(`did not finish loading within ${timeoutMs} ms`)),
          timeoutMs,
        );
        const failed = (error: string, stack = ''): ProbeOutcome => ({
          type: 'failed',
          error,
          stack,
          printed: printed.trim(),
        });
        const finish = (outcome: ProbeOutcome): void => {
          clearTimeout(timer);
          resolve(outcome);
        };
        isolate.onReply((reply) => {
          if (reply.type === 'bound') bound = reply;
          else if (reply.type === 'failed') finish(failed(reply.error, reply.stack));
          else if (bound) finish({ ...bound, type: 'loaded', durationMs: reply.durationMs });
          else finish(failed('loaded without binding a handler'));
        });
        isolate.onEnd((why, stack) => finish(failed(why, stack)));
        if (ended === undefined) isolate.send(entryPath);
        else finish(failed(ended));
      }),
  };
}

function thread(env: Readonly<Record<string, string>>): Isolate {
  const worker = new Worker(PROBE_FILE, {
    env: threadEnv(env),
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  });
  return {
    send: (path) => worker.postMessage(path),
    onReply: (listener) => worker.on('message', listener),
    onEnd: (listener) => {
      worker.on('error', (error) => listener(whyOf(error), stackOf(error)));
      worker.on('exit', (code) => listener(`ended the program while loading (exit code ${code})`));
    },
    outputs: [worker.stdout, worker.stderr],
    end: async () => {
      worker.unref();
      await worker.terminate();
    },
  };
}

function child(env: Readonly<Record<string, string>>): Isolate {
  const process: ChildProcess = fork(fileURLToPath(PROBE_FILE), [], {
    env: { ...env },
    execArgv: [`--max-old-space-size=${MEMORY_MB}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return {
    send: (path) => process.send(path, () => undefined),
    onReply: (listener) =>
      process.on('message', (reply: unknown) => {
        if (isReply(reply)) listener(reply);
      }),
    onEnd: (listener) => {
      process.on('error', (error) => listener(whyOf(error), stackOf(error)));
      process.on('exit', (code, signal) => {
        const how = signal ? `signal ${signal}` : `exit code ${code}`;
        afterLastMessage(process, () => listener(`ended the program while loading (${how})`));
      });
    },
    outputs: [process.stdout, process.stderr],
    end: async () => {
      // Without a process id it was never started, and no exit will come.
      if (process.pid === undefined) return;
      if (process.exitCode !== null || process.signalCode !== null) return;
      const gone = new Promise((resolve) => process.once('exit', resolve));
      process.kill('SIGKILL');
      await gone;
    },
  };
}

const whyOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? '') : '');

// Sent by our own probe file, through a channel that has no types.
const isReply = (reply: unknown): reply is ProbeReply =>
  typeof reply === 'object' && reply !== null && 'type' in reply;
