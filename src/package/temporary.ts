import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ArtifactFile } from '../spi/artifact.ts';

/** A folder of its own; beside the cache, so that installed modules are found from it. */
export function temporaryFolder(cacheFolder: string): string {
  const folder = join(cacheFolder, 'probe', randomUUID());
  try {
    mkdirSync(folder, { recursive: true });
    return folder;
  } catch {
    return mkdtempSync(join(tmpdir(), 'polyfaas-probe-'));
  }
}

/** Unpacks an artifact's files. */
export function writeFiles(folder: string, files: readonly ArtifactFile[]): void {
  const made = new Set<string>();
  for (const { path, bytes, mode } of files) {
    const at = join(folder, path);
    if (!made.has(dirname(at))) mkdirSync(dirname(at), { recursive: true });
    made.add(dirname(at));
    writeFileSync(at, bytes, { mode });
  }
}
