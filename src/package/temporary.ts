import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ServerlessError } from '../errors/index.ts';
import type { ArtifactFile } from '../spi/artifact.ts';
import { messageOf } from './errors.ts';

/**
 * Unpacks files into a folder of its own: beside the cache, so that installed modules are found from it; or, where that
 * cannot be written or is full, in the system's folder for temporary files.
 *
 * @throws ServerlessError UNAVAILABLE when neither has room.
 */
export function unpackedFolder(cacheFolder: string, files: readonly ArtifactFile[]): string {
  const beside = (): string => {
    const folder = join(cacheFolder, 'probe', randomUUID());
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const inSystem = (): string => mkdtempSync(join(tmpdir(), 'polyfaas-probe-'));
  const whys: unknown[] = [];
  for (const make of [beside, inSystem]) {
    let folder: string | undefined;
    try {
      folder = make();
      writeFiles(folder, files);
      return folder;
    } catch (cause) {
      whys.push(cause);
      if (folder !== undefined) removeNow(folder);
    }
  }
  throw new ServerlessError({
    code: 'UNAVAILABLE',
    message: `The code cannot be unpacked to be loaded: ${whys.map(messageOf).join('; ')}. Make room in ${cacheFolder} or in ${tmpdir()}. Nothing was sent.`,
    cause: whys[0],
  });
}

/** Removes a folder, or leaves it to whoever clears up later. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

function removeNow(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // What made the writing fail can make this fail too.
  }
}

/** Unpacks an artifact's files. */
function writeFiles(folder: string, files: readonly ArtifactFile[]): void {
  const made = new Set<string>();
  for (const { path, bytes, mode } of files) {
    const at = join(folder, path);
    if (!made.has(dirname(at))) mkdirSync(dirname(at), { recursive: true });
    made.add(dirname(at));
    writeFileSync(at, bytes, { mode });
  }
}
