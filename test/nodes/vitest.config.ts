/** What depends on the version of Node, and takes too long for every run of the tests: `npm run test:nodes`. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const config: ViteUserConfig = defineConfig({
  ...base,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { ...base.test, include: ['test/**/*.{test,nodes}.ts'] },
});

export default config;
