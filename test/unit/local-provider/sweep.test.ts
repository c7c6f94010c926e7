import { renameSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isHeldOpen } from '../../../providers/local/held-open.ts';
import { CodeStore, type Disk } from '../../../providers/local/state/code-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { needing } from './artifact-use.ts';

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
    await Promise.all([1, 2, 3, 4].map(() => store.sweep(needing(inUse))));
    expect((await readdir(join(folder, 'artifacts'))).toSorted()).toEqual([...inUse]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** A disk that refuses so many times what Windows refuses while a process runs in a folder. */
function refusingDisk(refused: keyof Disk, times: number): Disk {
  let left = times;
  const refusing = (name: keyof Disk): void => {
    if (name !== refused || left === 0) return;
    left -= 1;
    throw Object.assign(new Error('held open'), { code: 'EBUSY' });
  };
  return {
    renameSync(...call) {
      refusing('renameSync');
      renameSync(...call);
    },
    async rm(...call) {
      refusing('rm');
      await rm(...call);
    },
  };
}

it.each(['renameSync', 'rm'] as const)(
  'leaves code that a process still runs in to a later sweep, where %s is refused',
  async (refused) => {
    const folder = await mkdtemp(join(tmpdir(), 'polyfaas-sweep-'));
    const [kept = '', busy = '', idle = ''] = ['00', '01', '02'].map((pair) => pair.repeat(20));
    for (const digest of [kept, busy, idle])
      await mkdir(join(folder, 'artifacts', digest), { recursive: true });
    try {
      const disk = refusingDisk(refused, 1);
      const store = new CodeStore(folder, new ManualClock(), 'process', disk);
      await store.sweep(needing(new Set([kept])));
      const left = await readdir(join(folder, 'artifacts'));
      expect(left).toHaveLength(2);
      expect(left).toContain(kept);
      await store.sweep(needing(new Set([kept])));
      expect(await readdir(join(folder, 'artifacts'))).toEqual([kept]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

it.each([
  ['EBUSY', 'win32', true],
  ['EBUSY', 'linux', true],
  ['EPERM', 'win32', true],
  ['EACCES', 'win32', true],
  ['ENOTEMPTY', 'win32', true],
  ['EPERM', 'linux', false],
  ['EACCES', 'darwin', false],
  ['ENOSPC', 'win32', false],
])('takes %s on %s for a file that somebody has open: %s', (code, platform, held) => {
  expect(isHeldOpen(Object.assign(new Error(code), { code }), platform)).toBe(held);
});
