import { execFile } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { builtPackage } from './support/built-package.ts';

/** Everything that `import 'polyfaas'` loads. A line more makes every user's start slower: think before adding one. */
const expected: readonly string[] = [
  'dist/src/config/env.js',
  'dist/src/config/load-config.js',
  'dist/src/errors/codes.js',
  'dist/src/errors/serverless-error.js',
  'dist/src/index.js',
  'dist/src/manager/create.js',
  'dist/src/spec/names.js',
  'dist/src/spec/secret.js',
];

/** Imports an empty file first, so that what Node's own loader needs is not counted. */
const probe = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
await import('./empty.mjs');
const urls = [];
registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
const before = new Set(process.moduleLoadList);
await import('polyfaas');
const builtins = process.moduleLoadList.filter((name) => !before.has(name));
process.stdout.write(JSON.stringify({ urls, builtins }));
`;

test('importing polyfaas loads these modules and no other', async () => {
  const { folder, consumer } = await builtPackage();
  writeFileSync(join(consumer, 'empty.mjs'), '');
  writeFileSync(join(consumer, 'probe.mjs'), probe);
  const { stdout } = await promisify(execFile)(process.execPath, [join(consumer, 'probe.mjs')]);
  const { urls, builtins }: { urls: readonly string[]; builtins: readonly string[] } =
    JSON.parse(stdout);
  const base = `${pathToFileURL(realpathSync(folder)).href}/`;
  expect(urls.map((url) => url.replace(base, '')).sort()).toEqual(expected);
  // Modules of Node itself, beside those that any program has loaded.
  expect(builtins.filter((name) => !name.includes('internal'))).toEqual([]);
});
