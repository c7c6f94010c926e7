// The bare limit in a thread: an echo, with nothing around it.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', (message) => parentPort.postMessage(message));
