// The bare limit of a cold start: a thread that says that it is there.
import { parentPort } from 'node:worker_threads';

parentPort.postMessage('ready');
