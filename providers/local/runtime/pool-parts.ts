import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PoolSettings } from '../ports.ts';
import type { InstanceParts } from './instance-parts.ts';
import { createProcess } from './process-transport.ts';
import { refusable } from './refused-start.ts';
import { createThread } from './thread-transport.ts';
import { isUnbuilt } from './transport.ts';

/** Long after the first calls: writing the cache must not delay them. */
const CACHE_FLUSH_MS = 1_000;

/** What the settings of a pool say of each of its instances. */
export function partsOf(
  settings: PoolSettings,
): Pick<InstanceParts, 'transport' | 'createTransport' | 'concurrency'> {
  return {
    transport: {
      identity: settings.identity,
      start: {
        entryUrl: pathToFileURL(join(settings.codeFolder, settings.entryFile)).href,
        cacheFlushMs: isUnbuilt ? 0 : CACHE_FLUSH_MS,
        isolation: settings.isolation,
      },
      compileCacheFolder: compileCacheFolder(settings.codeFolder),
      env: settings.env,
      codeFolder: settings.codeFolder,
      memoryMb: settings.memoryMb,
    },
    createTransport: refusable(settings.isolation === 'thread' ? createThread : createProcess),
    concurrency: settings.concurrency,
  };
}

/** Beside the code, so that it goes when the version goes. */
function compileCacheFolder(codeFolder: string): string {
  // The sources of this library are the same for all versions, and dear to load.
  if (isUnbuilt) return join(tmpdir(), 'polyfaas-sources-compile-cache');
  return join(dirname(codeFolder), `.${basename(codeFolder)}-compile-cache`);
}
