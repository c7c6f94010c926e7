/**
 * What goes wrong: at every call in turn, on the way to the clouds and to the disk, in packages that do not start, and when
 * the power goes. Minutes for each, so it is a run of its own.
 */
import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const merged = mergeConfig(base, {
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { testTimeout: 300_000 },
});

export default {
  ...merged,
  test: { ...merged.test, include: ['test/**/*.faults.ts'] },
};
