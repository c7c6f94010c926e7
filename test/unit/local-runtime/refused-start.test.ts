import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { refusable } from '../../../providers/local/runtime/refused-start.ts';
import type {
  TransportListener,
  TransportSettings,
} from '../../../providers/local/runtime/transport.ts';
import { poolSettings } from './pool-settings.ts';

const { identity } = poolSettings('/none');
const SETTINGS: TransportSettings = {
  start: {
    identity: { ...identity, instanceId: 'i' },
    entryUrl: 'file:///none/index.mjs',
    ahead: false,
    cacheFlushMs: 0,
    isolation: 'thread',
  },
  compileCacheFolder: '/none',
  env: {},
  codeFolder: '/none',
  memoryMb: 128,
};

it.each([
  ['ERR_ACCESS_DENIED', /permission model.*--allow-worker.*--allow-child-process/],
  ['EAGAIN', /\(EAGAIN\).*more processes and threads/],
])('says what to do about an instance that is refused with %s', async (code, advice) => {
  const reasons: string[] = [];
  const listener: TransportListener = {
    message: () => {},
    output: () => {},
    error: () => {},
    exit: () => {},
    refused: (reason) => reasons.push(reason),
  };
  const create = refusable(() => {
    throw Object.assign(new Error('S3cr3t'), { code });
  });
  const transport = create(SETTINGS, listener);
  expect(reasons).toEqual([]);
  await turn();
  expect(reasons).toEqual([expect.stringMatching(advice)]);
  expect(reasons.join()).not.toContain('S3cr3t');
  expect(transport.readMemory()).toBe(0);
});
