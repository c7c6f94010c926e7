import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JSON_LINES } from '../../shared/runtime/json-lines.ts';
import { packOf } from '../../shared/runtime/pack-of.ts';
import { WorkerProcess as SharedProcess } from '../../shared/runtime/worker-process.ts';
import type { FromWorker, ToWorker } from './messages.ts';

const WORKER = fileURLToPath(new URL('worker.cjs', import.meta.url));

/** The functions framework of this repository: what every build links into its source. */
export const FRAMEWORK = dirname(
  createRequire(import.meta.url).resolve('@google-cloud/functions-framework'),
).replace(/[\\/]build[\\/]src$/, '');

/** Its modules. The one that imports others by itself comes last: it finds there what the pack has brought. */
const [MAIN = '', ...PARTS] = [
  'main',
  'index',
  'invoker',
  'server',
  'options',
  'logger',
  'loader',
].map((name) => join(FRAMEWORK, 'build', 'src', `${name}.js`));
let pack: string | undefined;

/** One process of Node with the functions framework, which waits for a folder until it is started. */
export class WorkerProcess extends SharedProcess<ToWorker, FromWorker> {
  /** @param nodeOptions what the function sets as NODE_OPTIONS: only a new process can obey it */
  constructor(nodeOptions?: string) {
    pack ??= packOf(PARTS);
    super({
      arguments: [WORKER, MAIN, pack, ...PARTS],
      env: nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions },
      wire: JSON_LINES,
    });
  }
}
