import type { WorkerPool } from '../../shared/runtime/worker-pool.ts';
import { WorkerProcess } from './worker-process.ts';

/** Settings with arguments of Node need a process that is started with them (docs: "languageWorkers__node__arguments"). */
export function workerFor(
  pool: WorkerPool<WorkerProcess>,
  env: Readonly<Record<string, string>>,
): WorkerProcess {
  const text = env['languageWorkers__node__arguments'] ?? env['languageWorkers:node:arguments'];
  const { NODE_OPTIONS } = env;
  if (text === undefined && NODE_OPTIONS === undefined) return pool.take();
  return new WorkerProcess({
    arguments: text?.split(/\s+/).filter((part) => part !== '') ?? [],
    env: NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS },
  });
}
