import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import closingLine from './test/support/closing-line.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests of the fakes themselves: `npm run test:fakes`. */
export const FAKES = 'test/unit/*-fake-*/**/*.test.ts';

export default defineConfig({
  resolve: {
    // The sources themselves, so that tests need no build.
    alias: [
      {
        find: /^polyfaas\/(function|spi|di|contract|http)$/,
        replacement: source('./src/$1/index.ts'),
      },
      { find: /^polyfaas\/(local|aws|azure|gcp)$/, replacement: source('./providers/$1/index.ts') },
      { find: /^polyfaas$/, replacement: source('./src/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', FAKES],
    isolate: false,
    pool: 'forks',
    // A third of a run is waiting: for processes that start, and for time that must pass.
    maxWorkers: Math.max(3, availableParallelism()),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', closingLine],
  },
});
