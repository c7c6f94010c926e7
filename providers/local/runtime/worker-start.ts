/**
 * Starts the user's code and serves its calls. Imports as little as it can: what it loads, every cold start waits for.
 */
import { flushCompileCache } from 'node:module';
import type { LocalEntry } from '../shim.ts';
import { type FromInstance, Operation, type StartSettings } from './protocol.ts';
import { toSerializedError } from './start-error.ts';
import { CallRunner } from './worker-calls.ts';
import { guardHostProcess } from './worker-guards.ts';
import { takeLink } from './worker-link.ts';
import { captureOutput } from './worker-output.ts';

const BYTES_PER_MB = 1_048_576;

const link = takeLink();
const requests = new Map<number, string>();
let runner: CallRunner | undefined;

link.receive((message) => {
  if (message[0] === Operation.start) void start(message[1]);
  else runner?.receive(message);
});

async function start(settings: StartSettings): Promise<void> {
  const post = (message: FromInstance): void => link.post(message);
  const output = captureOutput(post, () => {
    if (requests.size !== 1) return undefined;
    const [only] = requests.values();
    return only;
  });
  process.on('exit', () => output.flush());
  if (settings.isolation === 'thread') guardHostProcess();
  else
    process.on('uncaughtExceptionMonitor', (error: unknown) =>
      post([Operation.fatal, toSerializedError(error)]),
    );
  try {
    const loaded: { readonly polyfaas?: LocalEntry } = await import(settings.entryUrl);
    const entry = loaded.polyfaas;
    if (typeof entry?.start !== 'function')
      throw new TypeError(
        `${settings.entryUrl} does not export polyfaas. Deploy the function again, so that it is packaged for the local provider.`,
      );
    const { identity } = settings;
    const runtime = entry.start(identity, {
      write: (level, message, fields, meta) => output.log(level, message, fields, meta.requestId),
    });
    runner = new CallRunner({
      runtime,
      serializeError: entry.serializeError,
      post,
      output,
      requests,
      timeoutMs: identity.timeoutSeconds * 1000,
      memoryBytes: identity.memoryMb * BYTES_PER_MB,
    });
    if (settings.ahead) await (await import('./worker-rehearsal.ts')).rehearse(entry, identity);
    output.flush();
    post([Operation.ready, runtime.instanceId]);
    setTimeout(flushCompileCache, settings.cacheFlushMs).unref();
  } catch (error) {
    output.flush();
    post([Operation.startFailed, toSerializedError(error)]);
  }
}
