import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Instance } from '../../toy/instance.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

it.each([
  ['throw "no disk"', 'Error: no disk'],
  ['throw new TypeError("no disk")', 'TypeError: no disk'],
])('an instance of the toy cloud whose code does %s tells it', async (text, message) => {
  const entry = join(temporaryFolder(), 'entry.mjs');
  writeFileSync(entry, text);
  const identity = {
    provider: 'toy',
    app: 'a',
    stage: 's',
    functionName: 'f',
    version: '1',
    region: '',
    memoryMb: 128,
    timeoutSeconds: 3,
  };
  await expect(Instance.start(entry, {}, identity)).rejects.toMatchObject({
    code: 'FUNCTION_FAILED',
    message,
  });
});
