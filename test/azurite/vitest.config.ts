/** Azure Storage's emulator and our fake of it: not part of `npm test`, since it installs the emulator. */
import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const merged = mergeConfig(base, { root: fileURLToPath(new URL('../..', import.meta.url)) });

export default {
  ...merged,
  test: { ...merged.test, include: ['test/azurite/*.azurite.ts'] },
};
