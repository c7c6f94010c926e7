/** Whether the fakes are like the clouds, and the contract notices what is wrong: a run of its own, for what changes rarely. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import base, { FAKES } from '../../vitest.config.ts';

const config: ViteUserConfig = defineConfig({
  ...base,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { ...base.test, include: FAKES, exclude: ['**/node_modules/**'] },
});

export default config;
