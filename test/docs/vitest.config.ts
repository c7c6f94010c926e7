/** The documentation, run as a reader runs it: half a minute, and a part of `npm run check`. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const config: ViteUserConfig = defineConfig({
  ...base,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { ...base.test, include: ['test/docs/*.docs.ts'] },
});

export default config;
