/** Bundles a small handler for the local provider, as packaging would, and makes the settings to run it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { PoolListener, PoolSettings } from '../../providers/local/ports.ts';

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface LocalBundle {
  readonly folder: string;
  /** The module that exports `polyfaas`. */
  readonly entryFile: string;
  remove(): void;
}

/** @param handlers the object that `defineFunction` gets, as source text. */
export async function bundleHandlers(handlers: string): Promise<LocalBundle> {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-bench-'));
  const folder = join(root, 'code');
  await build({
    stdin: {
      contents: `
        import { createEntry } from ${JSON.stringify(source('providers/local/shim.ts'))};
        import { bindHandler, defineFunction } from 'polyfaas/function';
        export const { polyfaas } = createEntry(bindHandler({ default: defineFunction(${handlers}) }));`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    alias: { 'polyfaas/function': source('src/function/index.ts') },
    outfile: join(folder, 'index.mjs'),
    logLevel: 'error',
  });
  return {
    folder,
    entryFile: 'index.mjs',
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Settings of a pool that runs a bundle; one instance, one call at a time, unless told otherwise. */
export function poolSettings(
  bundle: LocalBundle,
  settings: Partial<PoolSettings> = {},
): PoolSettings {
  return {
    identity: {
      app: 'bench',
      stage: 'dev',
      functionName: 'echo',
      version: '1',
      memoryMb: 256,
      timeoutSeconds: 30,
      provider: 'local',
      region: 'local',
    },
    codeFolder: bundle.folder,
    entryFile: bundle.entryFile,
    env: {},
    memoryMb: 256,
    timeoutSeconds: 30,
    concurrency: 1,
    minInstances: 0,
    maxInstances: 1,
    isolation: 'thread',
    idleSeconds: 600,
    maxWaiting: 100_000,
    ...settings,
  };
}

/** Prints warnings, and nothing else. */
export const quietListener: PoolListener = {
  log: () => {},
  warn: (message) => console.warn(message),
};
