import { createCustom, createPython } from './process-transport.ts';
import type { CreateTransport } from './transport.ts';

/** A runtime that cannot be run here: nothing starts. */
const createNothing: CreateTransport = (_settings, listener) => {
  setImmediate(() => {
    listener.message([
      'no-entrypoint',
      "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
    ]);
    listener.exit({ code: 1, signal: null });
  });
  return { send: () => {}, memory: () => Promise.resolve(undefined), kill: () => {} };
};

/** What runs code of a runtime. An image without a runtime is a Node function that a test registered. */
export function transportFor(runtime: string, node: CreateTransport): CreateTransport {
  if (runtime === '' || runtime.startsWith('nodejs')) return node;
  if (runtime.startsWith('provided')) return createCustom;
  return runtime.startsWith('python3') ? createPython : createNothing;
}
