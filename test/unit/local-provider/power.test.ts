import { describe, expect, it } from 'vitest';
import { fileCallsOf } from '../local-store/file-calls.ts';
import { temporaryFolders } from '../local-store/temporary-folder.ts';

const CHILD = new URL('./power-child.ts', import.meta.url);

const newFolder = temporaryFolders();

function callsUnder(durability: string): Promise<readonly string[]> {
  const folder = newFolder();
  return fileCallsOf(CHILD, folder, [folder, durability]);
}

const times = (count: number, name: string): string[] => Array.from({ length: count }, () => name);

describe.runIf(process.platform !== 'win32')('code and secrets', () => {
  it('are on the disk, with the folders that lead to them, under "power"', async () => {
    expect(await callsUnder('power')).toEqual([
      // Two files and their list; the folder with the two within it, and the two above.
      ...times(3, 'fsync'),
      'rename',
      ...times(5, 'fsync'),
      // The folder is there: that rename fails, and each file is renamed on its own.
      ...times(3, 'fsync'),
      ...times(4, 'rename'),
      ...times(5, 'fsync'),
      // The file of the secrets, and its folder.
      'fsync',
      'rename',
      'fsync',
    ]);
  });

  it('wait for no disk under "process"', async () => {
    expect(await callsUnder('process')).toEqual(times(6, 'rename'));
  });
});
