import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../providers/local/store/index.ts';
import { startProcess } from './child-process.ts';
import type { TestProcess } from './child-process.ts';
import { temporaryFolders } from './temporary-folder.ts';

const CHILD = new URL('./owner-child.ts', import.meta.url);
const READ_ONLY = new URL('./read-only-child.ts', import.meta.url);
const SECOND = new URL('./second-open-child.ts', import.meta.url);

describe('the owner of a state folder', () => {
  const newFolder = temporaryFolders();
  const started: TestProcess[] = [];

  const start = (folder: string, script = CHILD, ...words: readonly string[]): TestProcess => {
    const process = startProcess(script, folder, ...words);
    started.push(process);
    return process;
  };

  const verdict = (one: TestProcess): Promise<string> =>
    Promise.race([one.line('owner'), one.line('refused')]);

  afterEach(async () => {
    await Promise.all(
      started.splice(0).map((one) => {
        one.child.kill('SIGKILL');
        return one.ended;
      }),
    );
  });

  it('is one per process: the second open is CONFLICT', () => {
    const folder = newFolder();
    const store = openStore({ folder, durability: 'process' });
    expect(() => openStore({ folder, durability: 'process' })).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: expect.stringContaining('already open in this process'),
      }),
    );
    store.close();
    const again = openStore({ folder, durability: 'process' });
    again.close();
    again.close();
  });

  it('is another process: CONFLICT names it', async () => {
    const folder = newFolder();
    const owner = start(folder);
    await owner.line('ready');
    owner.child.stdin?.write('go\n');
    expect(await verdict(owner)).toBe('owner');
    expect(() => openStore({ folder, durability: 'process' })).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: expect.stringContaining(`process ${owner.child.pid}`),
      }),
    );
  });

  it('that was killed is followed by exactly one of those who race for its place', async () => {
    const folder = newFolder();
    const first = start(folder);
    await first.line('ready');
    first.child.stdin?.write('go\n');
    await first.line('owner');
    first.child.kill('SIGKILL');
    await first.ended;
    // What a dead owner leaves: its note, with a process id that another process may have by now.
    const note: unknown = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8'));
    expect(note).toMatchObject({ pid: first.child.pid, token: expect.any(String) });
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ pid: process.pid }));

    const racers = [start(folder), start(folder), start(folder)];
    await Promise.all(racers.map((racer) => racer.line('ready')));
    for (const racer of racers) racer.child.stdin?.write('go\n');
    const verdicts = await Promise.all(racers.map(verdict));
    expect(verdicts.toSorted()).toEqual(['owner', 'refused CONFLICT', 'refused CONFLICT']);
  });

  it('leaves its data to the next', async () => {
    const folder = newFolder();
    const owner = start(folder);
    await owner.line('ready');
    owner.child.stdin?.write('go\n');
    await owner.line('owner');
    owner.child.kill('SIGKILL');
    await owner.ended;
    const store = openStore({ folder, durability: 'process' });
    expect(store.db.prepare('SELECT value FROM kept').all()).toEqual([
      expect.objectContaining({ value: 'before the crash' }),
    ]);
    store.close();
  });

  it.each(['again', 'thread'])(
    'stays it after a second open in the same process was refused (%s)',
    async (what) => {
      const folder = newFolder();
      const owner = start(folder, SECOND, what);
      await owner.line('done');
      expect(owner.lines).toEqual(['refused CONFLICT', 'done']);
      expect(() => openStore({ folder, durability: 'process' })).toThrow(
        expect.objectContaining({ code: 'CONFLICT' }),
      );
      owner.child.stdin?.write('write\n');
      expect(await owner.line('written')).toBe('written');
    },
  );

  it('is nobody any more once it closed a folder in which nothing can be changed', async () => {
    const owner = start(newFolder(), READ_ONLY);
    await owner.line('done');
    expect(owner.lines).toEqual(['closed', 'opened again', 'done']);
  });

  it('writes nothing any more once another process took the folder over', async () => {
    const folder = join(newFolder(), 'state');
    // Copying opens and closes every file, and with that the system takes back the locks of a process.
    const first = start(folder, SECOND, 'copy');
    await first.line('done');
    const second = openStore({ folder, durability: 'process' });
    first.child.stdin?.write('write\n');
    expect(await first.line('not written')).toBe('not written UNAVAILABLE');
    expect(second.db.prepare('SELECT count(*) AS rows FROM kept').get()).toEqual({ rows: 0 });
    first.child.kill('SIGTERM');
    await first.ended;
    // The note is of the one who has the folder, and stays.
    expect(() => openStore({ folder, durability: 'process' })).toThrow(
      expect.objectContaining({ message: expect.stringContaining('in this process') }),
    );
    second.close();
  });
});
