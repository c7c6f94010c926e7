// The bare limit in a thread: an echo, with nothing around it.
import { parentPort } from 'node:worker_threads';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort.on('message', (message) => parentPort.postMessage(message));
