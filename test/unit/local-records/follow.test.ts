import { describe, expect, it } from 'vitest';
import { startProcess } from '../local-store/child-process.ts';
import { temporaryFolders } from '../local-store/temporary-folder.ts';

const CHILD = new URL('./follow-child.ts', import.meta.url);
const newFolder = temporaryFolders();

describe('a process that only follows a log', () => {
  // That it ends at all shows that nothing holds it afterwards.
  it.each(['break', 'abort', 'close'])('runs until %s, and no longer', async (end) => {
    const { ended, lines, errors } = startProcess(CHILD, newFolder(), end);
    expect({ code: await ended, lines, errors }).toEqual({
      code: 0,
      lines: ['following', 'line tick', 'done'],
      errors: [],
    });
  });
});
