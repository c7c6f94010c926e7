import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import closingLine from './test/support/closing-line.ts';
import { instancesInOneFile } from './test/support/instances-in-one-file.ts';
import { LongestFirst } from './test/support/longest-first.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests of what the other tests rely on, the fakes and the contract itself: `npm run test:fakes`. */
export const FAKES = ['test/unit/*-fake-*/**/*.test.ts', 'test/toy/**/*.test.ts'];

/** What is one cloud's own, beyond the contract that all of them keep: `npm run test:clouds`. */
export const CLOUDS = [
  'test/{aws,azure,gcp,vercel}/**/*.test.ts',
  'test/unit/{aws,azure,gcp,vercel}-*/**/*.test.ts',
];

export default defineConfig({
  plugins: [instancesInOneFile()],
  resolve: {
    // The sources themselves, so that tests need no build.
    alias: [
      {
        find: /^polyfaas\/(function|spi|di|contract|http)$/,
        replacement: source('./src/$1/index.ts'),
      },
      {
        find: /^polyfaas\/(local|aws|azure|gcp|vercel)$/,
        replacement: source('./providers/$1/index.ts'),
      },
      { find: /^polyfaas$/, replacement: source('./src/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...FAKES, ...CLOUDS],
    isolate: false,
    pool: 'forks',
    globalSetup: source('./test/support/shared-packages.ts'),
    sequence: { sequencer: LongestFirst },
    // A contract waits for processes for half of its time: two files more at a time than there are cores.
    maxWorkers: availableParallelism() + 2,
    // The cores are busy with tests: threads that collect garbage beside them would take their time from others.
    // Full collections of a heap that begins small take a sixth of a contract's time.
    execArgv: ['--single-threaded-gc', '--initial-heap-size=1024'],
    // For what would hang: a busy machine needs many times what a quiet one does.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', closingLine],
  },
});
