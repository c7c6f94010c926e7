import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CodeStore } from '../../../providers/local/state/code-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

it('lets several sweeps run at once, as functions that are removed together need', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-sweep-'));
  try {
    const digests = Array.from({ length: 12 }, (_, index) =>
      index.toString(16).padStart(2, '0').repeat(20),
    );
    for (const digest of digests) {
      await mkdir(join(folder, 'artifacts', digest), { recursive: true });
      await writeFile(join(folder, 'artifacts', digest, 'index.mjs'), 'export {};');
    }
    const store = new CodeStore(folder, new ManualClock(), 'process');
    const inUse = new Set(digests.slice(0, 2));
    const versions = {
      artifactsInUse: () => inUse,
      mayNeedArtifact: (digest: string) => inUse.has(digest),
    };
    await Promise.all([1, 2, 3, 4].map(() => store.sweep(versions)));
    expect((await readdir(join(folder, 'artifacts'))).toSorted()).toEqual([...inUse]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
