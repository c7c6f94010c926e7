/**
 * Starts the user's code and serves its calls. Imports as little as it can: what it loads, every cold start waits for.
 */
import { flushCompileCache } from 'node:module';
import type { LocalEntry, LocalRuntime } from '../shim.ts';
import { type FromInstance, Operation, type StartSettings } from './protocol.ts';
import { RunningRequests } from './running-requests.ts';
import { toSerializedError } from './start-error.ts';
import { CallRunner } from './worker-calls.ts';
import { guardHostProcess } from './worker-guards.ts';
import { takeLink } from './worker-link.ts';
import { tellMemory, usedBytes } from './worker-memory.ts';
import { captureOutput } from './worker-output.ts';

const BYTES_PER_MB = 1_048_576;

const link = takeLink();
const requests = new RunningRequests();
let runner: CallRunner | undefined;
let rehearsed: (() => void) | undefined;
let memoryBytes = Number.POSITIVE_INFINITY;

link.receive((message) => {
  if (message[0] === Operation.start) void start(message[1]);
  else if (message[0] === Operation.rehearsed) rehearsed?.();
  else if (runner) runner.receive(message);
  // The user's code is being loaded.
  else if (message[0] === Operation.readMemory)
    void tellMemory((told) => link.post(told), memoryBytes);
});

async function start(settings: StartSettings): Promise<void> {
  const post = (message: FromInstance): void => link.post(message);
  memoryBytes = settings.identity.memoryMb * BYTES_PER_MB;
  // The process itself, before there is any code of the user in it: see process-transport.ts.
  if (settings.isolation === 'process') post([Operation.memory, process.memoryUsage.rss()]);
  const output = captureOutput(post, () => requests.only);
  process.on('exit', () => output.flush());
  if (settings.isolation === 'thread') guardHostProcess();
  else
    process.on('uncaughtExceptionMonitor', (error: unknown) =>
      post([Operation.fatal, toSerializedError(error)]),
    );
  try {
    const loaded: EntryModule = await import(settings.entryUrl);
    const entry = isEntry(loaded.polyfaas)
      ? loaded.polyfaas
      : (await import('./prebuilt-entry.ts')).prebuiltEntry(loaded);
    const { identity } = settings;
    const runtime = entry.start(identity, {
      write: (level, message, fields, meta) => output.log(level, message, fields, meta.requestId),
    });
    const runnerOf = (served: LocalRuntime): CallRunner =>
      new CallRunner({
        runtime: served,
        serializeError: entry.serializeError,
        post,
        output,
        requests,
        timeoutMs: identity.timeoutSeconds * 1000,
        memoryBytes,
      });
    if (settings.ahead) {
      runner = runnerOf(entry.rehearse(identity));
      await new Promise<void>((resolve) => {
        rehearsed = resolve;
        post([Operation.rehearse, entry.handles]);
      });
    }
    runner = runnerOf(runtime);
    output.flush();
    const flushLater = (): void =>
      void setTimeout(flushCompileCache, settings.cacheFlushMs).unref();
    // A waiting call should not wait for it either; where none waits, the first one should find nothing left to do.
    if (settings.ahead) flushLater();
    // Before it is taken for one that started well.
    if (usedBytes() > memoryBytes) await tellMemory(post, memoryBytes);
    post([Operation.ready, runtime.instanceId]);
    if (!settings.ahead) flushLater();
  } catch (error) {
    output.flush();
    post([Operation.startFailed, toSerializedError(error)]);
  }
}

/** What packaging writes exports its entry; of a zip that another build made, anything may. */
type EntryModule = Readonly<Record<string, unknown>> & {
  readonly polyfaas?: LocalEntry | undefined;
};

function isEntry(exported: LocalEntry | undefined): exported is LocalEntry {
  return typeof exported?.start === 'function' && typeof exported.rehearse === 'function';
}
