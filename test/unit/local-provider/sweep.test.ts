import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isHeldOpen } from '../../../providers/local/held-open.ts';
import { CodeStore } from '../../../providers/local/state/code-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Versions that need these artifacts. */
const needing = (digests: ReadonlySet<string>): Parameters<CodeStore['sweep']>[0] => ({
  artifactsInUse: () => digests,
  mayNeedArtifact: (digest) => digests.has(digest),
});

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

it('leaves code that a process still runs in to a later sweep, where the system lets nobody move it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-sweep-'));
  const [kept = '', busy = '', idle = ''] = ['00', '01', '02'].map((pair) => pair.repeat(20));
  for (const digest of [kept, busy, idle])
    await mkdir(join(folder, 'artifacts', digest), { recursive: true });
  const code = 'process.stdout.write("up"); process.stdin.resume();';
  const runner = spawn(process.execPath, ['-e', code], { cwd: join(folder, 'artifacts', busy) });
  try {
    await once(runner.stdout, 'data');
    const store = new CodeStore(folder, new ManualClock(), 'process');
    await store.sweep(needing(new Set([kept])));
    const left = await readdir(join(folder, 'artifacts'));
    expect(left).toContain(kept);
    expect(left).not.toContain(idle);
    runner.stdin.end();
    await once(runner, 'close');
    await store.sweep(needing(new Set([kept])));
    expect(await readdir(join(folder, 'artifacts'))).toEqual([kept]);
  } finally {
    runner.kill();
    await rm(folder, { recursive: true, force: true });
  }
});

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
