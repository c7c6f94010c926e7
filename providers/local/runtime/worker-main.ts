/**
 * The first module of every instance, in a thread or in a process: turns the compile cache on, so that it serves all
 * that comes after.
 */
import { enableCompileCache } from 'node:module';
import { isMainThread, workerData } from 'node:worker_threads';

const folder: unknown = isMainThread ? process.argv.pop() : workerData.compileCacheFolder;
if (typeof folder === 'string') enableCompileCache(folder);
await import('./worker-start.ts');
