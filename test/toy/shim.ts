/** Runs inside an instance of the toy cloud: a worker thread that is told calls and answers them. */
import { parentPort, workerData } from 'node:worker_threads';
import { serializeError, type BoundHandler } from 'polyfaas/function';

/** Called once, by the bundle. */
export function createEntry(handler: BoundHandler): object {
  const runtime = handler.start(workerData.identity, {
    write: (level, message) => void process.stdout.write(`${level} ${message}\n`),
  });
  const cancel = new AbortController();
  parentPort?.on('message', ({ call, meta }) => {
    if (!call) {
      cancel.abort(new Error('cancelled'));
      return;
    }
    const cold = runtime.cold;
    const { instanceId } = runtime;
    runtime.call(call, meta, cancel.signal).then(
      (output) => parentPort?.postMessage({ output: output ?? null, cold, instanceId }),
      (thrown: unknown) => parentPort?.postMessage({ error: serializeError(thrown), cold }),
    );
  });
  parentPort?.postMessage({ ready: true });
  return {};
}
