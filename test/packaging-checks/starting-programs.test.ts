import { expect, test } from 'vitest';

const MODULE = new URL('../../scripts/tasks/process.mjs', import.meta.url).href;
const { startOf }: { startOf: (command: string, words: string[], platform: string) => object } =
  await import(MODULE);

test.each([
  [process.execPath, 'win32', { command: process.execPath, words: ['a b'], shell: false }],
  ['tool', 'win32', { command: 'tool "a b"', words: [], shell: true }],
  ['tool', 'linux', { command: 'tool', words: ['a b'], shell: false }],
])('%s is started on %s as the system takes it', (command, platform, start) => {
  expect(startOf(command, ['a b'], platform)).toEqual(start);
});
