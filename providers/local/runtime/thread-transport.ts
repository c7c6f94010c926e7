import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { threadEnv } from 'polyfaas/spi';
import { threadHeapMb } from './memory-cap.ts';
import { type FromInstance, Operation } from './protocol.ts';
import { type CreateTransport, mainModule } from './transport.ts';

/** An instance in a thread. */
export const createThread: CreateTransport = (settings, listener) => {
  // A port of its own: `parentPort` is left to the user's code, and nothing it does there reaches the pool.
  const { port1: port, port2: itsPort } = new MessageChannel();
  const worker = new Worker(mainModule, {
    workerData: { port: itsPort, compileCacheFolder: settings.compileCacheFolder },
    transferList: [itsPort],
    env: threadEnv(settings.env),
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: threadHeapMb(settings.memoryMb) },
    name: settings.start.identity.functionName,
  });
  let ended = false;
  port.on('message', (message: FromInstance) => listener.message(message));
  worker.on('error', (error: unknown) =>
    listener.error(error instanceof Error ? error : new Error(String(error))),
  );
  worker.on('exit', (code) => {
    ended = true;
    // What it said last may still be on the way.
    for (let last = receiveMessageOnPort(port); last; last = receiveMessageOnPort(port))
      listener.message(last.message);
    port.close();
    // The instance sends its own output as messages. These hold what went past that, and to listen to them would keep
    // this process alive for as long as the thread lives.
    for (const [level, stream] of [
      ['info', worker.stdout],
      ['error', worker.stderr],
    ] as const) {
      const rest: unknown = stream.read();
      if (rest instanceof Uint8Array) listener.output(level, rest);
    }
    listener.exit(code, null);
  });
  port.postMessage([Operation.start, settings.start]);
  return {
    post: (message) => port.postMessage(message),
    hold() {
      port.ref();
      // The port closes before the thread has ended, when the code exits: what waits for that end must not be lost.
      worker.ref();
    },
    release() {
      port.unref();
      // Before the thread runs, this has no effect.
      worker.unref();
    },
    readMemory: () =>
      ended
        ? 0
        : worker
            .getHeapStatistics()
            .then((heap) => heap.used_heap_size + heap.external_memory + heap.malloced_memory),
    kill: () => void worker.terminate(),
    abandon() {
      port.unref();
      worker.unref();
    },
  };
};
