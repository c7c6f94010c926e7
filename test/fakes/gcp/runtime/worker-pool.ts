import { WorkerPool } from '../../shared/runtime/worker-pool.ts';
import { WorkerProcess } from './worker-process.ts';

/** Processes that wait for a folder. */
export const workerPool = new WorkerPool(() => new WorkerProcess());
