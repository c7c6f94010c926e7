import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The set-up of the tests, for files that `npm test` leaves out: they have a run of their own. */
export function runOf(test: NonNullable<ViteUserConfig['test']>): ViteUserConfig {
  return { ...base, root, test: { ...base.test, ...test } };
}
