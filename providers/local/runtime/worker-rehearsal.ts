/**
 * Runs calls through everything but the user's handler, in an instance that is started ahead of its first call: V8
 * compiles a function when it first runs, and the first call should not wait for that.
 */
import { MessageChannel } from 'node:worker_threads';
import type { RuntimeIdentity } from 'polyfaas/spi';
import type { LocalHttpRequest } from '../ports.ts';
import type { LocalEntry } from '../shim.ts';
import { type FromInstance, Operation, type ToInstance } from './protocol.ts';
import { CallRunner } from './worker-calls.ts';

const TIMES = 20;
const SLOT = 0;

const SAMPLE = {
  id: 7,
  name: 'sample',
  tags: ['a', 'b'],
  nested: { price: 9.99, none: null, yes: true },
};
const REQUEST: LocalHttpRequest = {
  method: 'POST',
  url: 'http://localhost/',
  headers: ['content-type', 'application/json'],
  body: new Uint8Array([123, 125]),
  http: { route: '/', params: {} },
};

export async function rehearse(entry: LocalEntry, identity: RuntimeIdentity): Promise<void> {
  // A line of its own, so that sending and receiving are rehearsed too.
  const { port1: inside, port2: outside } = new MessageChannel();
  const runner = new CallRunner({
    runtime: entry.rehearse(identity),
    serializeError: entry.serializeError,
    post: (message: FromInstance) => inside.postMessage(message),
    output: { log: () => {}, flush: () => {} },
    requests: new Map(),
    timeoutMs: identity.timeoutSeconds * 1000,
    memoryBytes: Number.POSITIVE_INFINITY,
  });
  inside.on('message', (message: ToInstance) => runner.receive(message));
  for (let time = 0; time < TIMES; time += 1) {
    for (const kind of ['invoke', 'http'] as const) {
      // What the function does not handle would only load what it never needs.
      if (!entry.handles.includes(kind)) continue;
      const answered = new Promise((resolve) => outside.once('message', resolve));
      const event = kind === 'http' ? REQUEST : SAMPLE;
      outside.postMessage([Operation.call, SLOT, kind, event, 'rehearsal', 1, undefined]);
      await answered;
    }
  }
  outside.close();
}
