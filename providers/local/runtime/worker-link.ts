/** The instance's end of the line to its pool: a port in a thread, the IPC channel in a process. */
import { isMainThread, MessagePort, workerData } from 'node:worker_threads';
import type { FromInstance, ToInstance } from './protocol.ts';

interface InstanceLink {
  post(message: FromInstance): void;
  /** Begins to receive. Messages that came before wait. */
  receive(listener: (message: ToInstance) => void): void;
}

/** Takes the link, so that the user's code does not find it. */
export function takeLink(): InstanceLink {
  return isMainThread ? processLink() : threadLink();
}

function threadLink(): InstanceLink {
  const data: { port?: unknown; compileCacheFolder?: unknown } = workerData;
  const { port } = data;
  delete data.port;
  delete data.compileCacheFolder;
  if (!(port instanceof MessagePort)) throw new Error('A pool starts this module; it got no port.');
  return {
    post: (message) => port.postMessage(message),
    receive: (listener) => void port.on('message', listener),
  };
}

function processLink(): InstanceLink {
  const send = process.send?.bind(process);
  if (!send) throw new Error('A pool starts this module; it got no channel.');
  delete process.send;
  // The pool is gone, however it went: so is the instance.
  process.on('disconnect', () => process.exit(0));
  return {
    post: (message) => void send(message),
    receive: (listener) => void process.on('message', listener),
  };
}
