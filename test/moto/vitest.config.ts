/** The tests against moto: not part of `npm test`, since they need Python and its packages. */
import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const merged = mergeConfig(base, {
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { testTimeout: 120_000, hookTimeout: 120_000 },
});

export default {
  ...merged,
  test: { ...merged.test, include: ['test/moto/**/*.moto.ts'] },
};
