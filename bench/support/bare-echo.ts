/** The physical limits of a call: a round trip to a thread or a process that does nothing else. */
import { fork, type Serializable } from 'node:child_process';
import { Worker } from 'node:worker_threads';

/** An echo, its waiting callers answered in order. */
export interface BareEcho {
  call(payload: Serializable): Promise<unknown>;
  close(): Promise<void>;
}

const module = (name: string): URL => new URL(name, import.meta.url);

/** `postMessage` to a thread and back, one message per call. */
export function bareThread(): BareEcho {
  const worker = new Worker(module('./echo-worker.mjs'));
  const waiting = inOrder();
  worker.on('message', waiting.answer);
  return {
    call: (payload) => waiting.ask(() => worker.postMessage(payload)),
    close: async () => void (await worker.terminate()),
  };
}

/** `send` to a forked process and back. */
export function bareProcess(): BareEcho {
  const child = fork(module('./echo-process.mjs'), [], { serialization: 'advanced' });
  const waiting = inOrder();
  child.on('message', waiting.answer);
  return {
    call: (payload) =>
      waiting.ask(() => {
        child.send(payload);
      }),
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

/** From `new Worker` to its first message; the end of the thread is not part of it. */
export function bareColdStart(): { start(): Promise<void>; settle(): Promise<void> } {
  let last: Worker | undefined;
  return {
    start: () =>
      new Promise((resolve, reject) => {
        last = new Worker(module('./first-message-worker.mjs'));
        last.once('message', () => resolve());
        last.once('error', reject);
      }),
    settle: async () => void (await last?.terminate()),
  };
}

function inOrder(): {
  ask(send: () => void): Promise<unknown>;
  answer: (message: unknown) => void;
} {
  const resolvers: ((message: unknown) => void)[] = [];
  return {
    ask: (send) =>
      new Promise((resolve) => {
        resolvers.push(resolve);
        send();
      }),
    answer: (message) => resolvers.shift()?.(message),
  };
}
