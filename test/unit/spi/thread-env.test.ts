import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { threadEnv } from 'polyfaas/spi';

it.each([
  ['win32', { A: '1' }, { A: '1', TEMP: tmpdir() }],
  ['win32', { TEMP: 'D:\\mine' }, { TEMP: 'D:\\mine' }],
  ['win32', { TMP: 'D:\\mine' }, { TMP: 'D:\\mine' }],
  ['linux', { A: '1' }, { A: '1' }],
])('a thread on %s that is given %o finds %o', (platform, env, found) => {
  expect(threadEnv(env, platform)).toEqual(found);
});
