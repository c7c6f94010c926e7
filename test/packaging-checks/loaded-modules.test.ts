import { execFile } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { writeZip } from '../../src/package/zip.ts';
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

/** What every instance of a local function is made of, before its own code: each cold start pays for it. */
const instance: readonly string[] = [
  'dist/providers/local/capabilities.js',
  'dist/providers/local/runtime/answer-size.js',
  'dist/providers/local/runtime/http-wire.js',
  'dist/providers/local/runtime/outbox.js',
  'dist/providers/local/runtime/output-lines.js',
  'dist/providers/local/runtime/plain-copy.js',
  'dist/providers/local/runtime/protocol.js',
  'dist/providers/local/runtime/running-requests.js',
  'dist/providers/local/runtime/start-error.js',
  'dist/providers/local/runtime/worker-calls.js',
  'dist/providers/local/runtime/worker-guards.js',
  'dist/providers/local/runtime/worker-link.js',
  'dist/providers/local/runtime/worker-memory.js',
  'dist/providers/local/runtime/worker-output.js',
  'dist/providers/local/runtime/worker-start.js',
  'dist/providers/local/runtime/worker-stream.js',
  'src/function/json-encoder.ts',
  'src/function/json.ts',
  'src/function/pieces-of-lines.ts',
  'src/function/take-over-console.ts',
];

test('an instance of the local provider is these modules and no other', async () => {
  const { folder } = await builtPackage();
  const file = join(folder, 'dist/providers/local/runtime/worker-start.js');
  // The bundler names each module that something of is left.
  const names = readFileSync(file, 'utf8').matchAll(/^\/\/ ((?:dist|src)\/\S+)$/gm);
  expect([...new Set(Array.from(names, ([, name = '']) => name))].toSorted()).toEqual(instance);
});

test('what few instances need is found by those that do: a zip of another build runs', async () => {
  const { consumer } = await builtPackage();
  const bytes = Buffer.from('export const handler = async ({ id }) => id;');
  const zip = await writeZip([{ path: 'index.mjs', mode: 0o644, bytes }]);
  writeFileSync(join(consumer, 'a.zip'), zip);
  const program = `
    import { createServerlessManager } from 'polyfaas';
    const functions = { a: { artifact: './a.zip', handles: ['invoke'] } };
    const manager = await createServerlessManager({ app: 'shop', root: import.meta.dirname, functions });
    await manager.deploy('a');
    process.stdout.write(String((await manager.invoke('a', { id: 7 })).output));
    await manager.close();
  `;
  writeFileSync(join(consumer, 'prebuilt.mjs'), program);
  const words = ['--disable-warning=ExperimentalWarning', join(consumer, 'prebuilt.mjs')];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  expect(stdout).toBe('7');
});
