import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { threadEnv as ofInstance } from '../../../providers/local/runtime/thread-env.ts';
import { threadEnv as ofProbe } from '../../../src/package/thread-env.ts';

it.each([
  ['win32', { A: '1' }, { A: '1', TEMP: tmpdir() }],
  ['win32', { TEMP: 'D:\\mine' }, { TEMP: 'D:\\mine' }],
  ['win32', { TMP: 'D:\\mine' }, { TMP: 'D:\\mine' }],
  ['linux', { A: '1' }, { A: '1' }],
])('a thread on %s that is given %o finds %o', (platform, env, found) => {
  expect(ofInstance(env, platform)).toEqual(found);
  expect(ofProbe(env, platform)).toEqual(found);
});
