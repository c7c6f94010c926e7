import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactFile } from '../spi/artifact.ts';
import { startProbe } from './probe.ts';
import { removeFolder, unpackedFolder } from './temporary.ts';

const LOAD_TIMEOUT_MS = 30_000;

/** Loads code in fresh processes and takes the median of their times; `null` when it does not load. */
export async function medianLoadMs(
  entryFile: string,
  contents: readonly ArtifactFile[],
  loads: number,
  parent: string = join(tmpdir(), 'polyfaas'),
  env: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const times: number[] = [];
  const folder = unpackedFolder(parent, contents);
  try {
    for (let load = 0; load < loads; load += 1) {
      const probe = startProbe('process', env);
      try {
        const outcome = await probe.load(join(folder, entryFile), LOAD_TIMEOUT_MS);
        if (outcome.type === 'failed') return null;
        times.push(outcome.durationMs);
      } finally {
        await probe.end();
      }
    }
  } finally {
    await removeFolder(folder);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? null;
}
