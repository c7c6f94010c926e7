import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileCallsOf } from '../local-store/file-calls.ts';
import { temporaryFolders } from '../local-store/temporary-folder.ts';

const CHILD = new URL('./power-child.ts', import.meta.url);

const newFolder = temporaryFolders();

async function callsOfPut(durability: string): Promise<readonly string[]> {
  const folder = newFolder();
  const calls = await fileCallsOf(CHILD, folder, [join(folder, 'state'), durability]);
  // What comes before the object is the opening of the state folder.
  return calls.slice(Math.max(0, calls.indexOf('rename') - 1));
}

describe.runIf(process.platform !== 'win32')('an object that was put', () => {
  it('is on the disk, with the folders that lead to it, before its row under "power"', async () => {
    // The file; then the folder that it is in, and the one above, where that may be new.
    expect(await callsOfPut('power')).toEqual(['fsync', 'rename', 'fsync', 'fsync']);
  });

  it('waits for no disk under "process"', async () => {
    expect(await callsOfPut('process')).toEqual(['rename']);
  });
});
