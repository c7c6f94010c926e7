import { expect, it } from 'vitest';
import { fileMode } from '../../../src/package/file-mode.ts';

const ELF = '\u007FELF\u0002\u0001';

it.each([
  ['bin/run.sh', 0o755, '#!/bin/sh\n', 'linux', 0o755],
  ['bin/run.sh', 0o644, '#!/bin/sh\n', 'linux', 0o644],
  ['words.txt', 0o700, 'words', 'linux', 0o755],
  ['bin/run.sh', 0o666, '#!/bin/sh\n', 'win32', 0o755],
  ['bin/tool', 0o666, ELF, 'win32', 0o755],
  ['lib/fast.node', 0o666, ELF, 'win32', 0o644],
  ['lib/libc.so', 0o666, ELF, 'win32', 0o644],
  ['lib/libc.so.6.1', 0o666, ELF, 'win32', 0o644],
  ['words.txt', 0o666, 'words', 'win32', 0o644],
  ['empty', 0o666, '', 'win32', 0o644],
])('%s with %o that begins with %j has, packaged on %s, %o', (path, mode, text, platform, has) => {
  expect(fileMode(path, mode, Buffer.from(text, 'latin1'), platform)).toBe(has);
});
