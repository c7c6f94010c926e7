import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JSON_LINES } from '../../shared/runtime/json-lines.ts';
import { WorkerProcess as SharedProcess } from '../../shared/runtime/worker-process.ts';
import type { FromWorker, ToWorker } from './messages.ts';

const WORKER = fileURLToPath(new URL('worker.cjs', import.meta.url));

/** What the vendor runs functions with. It is no module of the package's face, so that it is found beside its main one. */
const VENDOR_HANDLER = join(
  dirname(createRequire(import.meta.url).resolve('@vercel/node')),
  'bundling-handler.js',
);

/** One process of Node with the vendor's handler, which waits for a folder until it is started. */
export class WorkerProcess extends SharedProcess<ToWorker, FromWorker> {
  /** @param nodeOptions what the function sets as NODE_OPTIONS: only a new process can obey it */
  constructor(nodeOptions?: string) {
    super({
      arguments: [WORKER, VENDOR_HANDLER],
      env: nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions },
      wire: JSON_LINES,
    });
  }
}
