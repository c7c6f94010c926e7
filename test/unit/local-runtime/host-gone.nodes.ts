import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startProcess, type TestProcess } from '../local-store/child-process.ts';
import { until, useHarness } from './harness.ts';

const harness = useHarness();
const WATCH = new URL('./watch-child.ts', import.meta.url);
const HOST = new URL('./host-child.ts', import.meta.url);

/** Tells of itself and of a process that it starts, and never lets go of its loop. */
const BLOCK = `
  const { pid } = spawn('sleep', ['600'], { stdio: 'ignore' });
  writeFileSync('pids.tmp', process.pid + ' ' + pid);
  renameSync('pids.tmp', 'pids');
  for (;;);`;
const IMPORTS = `import { spawn } from 'node:child_process'; import { renameSync, writeFileSync } from 'node:fs';`;
const entry = (handler: string): string =>
  `export const { polyfaas } = createEntry(bindHandler({ default: defineFunction({ invoke: () => { ${handler} } }) }));`;

describe.skipIf(process.platform === 'win32')('an instance that never lets go of its loop', () => {
  const pids = new Set<number>();
  const hosts: TestProcess[] = [];

  afterEach(async () => {
    for (const { child } of hosts) child.kill('SIGKILL');
    await Promise.all(hosts.splice(0).map(({ ended }) => ended));
    for (const pid of pids) if (lives(pid)) process.kill(pid, 'SIGKILL');
    pids.clear();
  });

  it.each([
    ['is killed', entry(BLOCK), (host: TestProcess) => host.child.kill('SIGKILL')],
    ['is interrupted', entry(BLOCK), (host: TestProcess) => host.child.kill('SIGINT')],
    ['exits', entry(BLOCK), (host: TestProcess) => host.child.stdin?.write('now\n')],
    [
      'is killed while the instance starts',
      `{ ${BLOCK} }\n${entry('')}`,
      (host: TestProcess) => host.child.kill('SIGKILL'),
    ],
  ])('ends when its host %s, with all that it started', async (_name, source, end) => {
    const folder = harness.code(`${IMPORTS}\n${source}`);
    const host = startProcess(HOST, folder, 'process', 'wait');
    hosts.push(host);
    const file = join(folder, 'pids');
    await until(() => existsSync(file) || host.child.exitCode !== null);
    expect(host.errors).toEqual([]);
    for (const pid of readFileSync(file, 'utf8').split(' ')) pids.add(Number(pid));
    expect([...pids].map(lives)).toEqual([true, true]);
    end(host);
    await host.ended;
    await until(() => ![...pids].some(lives));
  });

  it('ends also where there is no shell, and only while it is watched', async () => {
    const host = startProcess(WATCH);
    hosts.push(host);
    const [watched = 0, unwatched = 0] = (await host.line('groups '))
      .split(' ')
      .slice(1)
      .map(Number);
    pids.add(watched);
    pids.add(unwatched);
    expect([watched, unwatched].map(lives)).toEqual([true, true]);
    host.child.kill('SIGKILL');
    await host.ended;
    await until(() => !lives(watched));
    expect(lives(unwatched)).toBe(true);
  });
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended stays until somebody asks what became of it, and nobody may.
    const file = `/proc/${pid}/stat`;
    return !existsSync(file) || !/\) [ZX] /.test(readFileSync(file, 'latin1'));
  } catch {
    return false;
  }
}
