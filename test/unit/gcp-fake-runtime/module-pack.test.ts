import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const RUNTIME = fileURLToPath(new URL('../../fakes/shared/runtime/', import.meta.url));
const run = promisify(execFile);

/** A vendor's package, with all that makes a module more than its code. */
const VENDOR = {
  'index.js': `
    const { name } = require('./data.json');
    const fail = require('./fail');
    const { isMain } = require('./late.js');
    exports.tell = async () => ({
      name,
      stack: fail().stack.split('\\n').slice(0, 2),
      resolved: require.resolve('./fail'),
      cached: require.cache[__filename] === module,
      again: require('./fail.js') === fail,
      paths: module.paths,
      imported: await require('./late.js').load(),
      folder: __dirname,
      isMain,
    });`,
  'fail.js': `module.exports = () => new Error('in the first line');`,
  'late.js': `
    /** @returns {import('node:path')} */
    exports.load = async () => (await import('./es.mjs')).default;
    exports.isMain = require.main === module;`,
  'es.mjs': `export default import.meta.url;`,
  'data.json': `{ "name": "vendor" }`,
};

const USER = `
  const { readPack } = require(process.argv[1]);
  const [, , pack, entry] = process.argv;
  const before = new Set(Object.keys(require.cache));
  const loader = readPack(pack);
  loader.load(entry);
  const same = require(entry);
  same.tell().then((told) => console.log(JSON.stringify({ ...told, packed: loader.scripts.size })));`;

describe('packed modules', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  const told = async (pack: string): Promise<Record<string, unknown>> => {
    const loader = join(RUNTIME, 'module-pack.cjs');
    const { stdout, stderr } = await run(process.execPath, [
      '-e',
      USER,
      loader,
      pack,
      file('index.js'),
    ]);
    expect(stderr).toBe('');
    const parsed: Record<string, unknown> = JSON.parse(stdout);
    return parsed;
  };

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'module-pack-')));
    for (const [name, text] of Object.entries(VENDOR)) await writeFile(file(name), text);
    await run(process.execPath, [
      join(RUNTIME, 'pack-modules.cjs'),
      file('of.pack'),
      file('index.js'),
    ]);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are what they are without a pack', async () => {
    const { packed: none, ...plain } = await told(file('missing.pack'));
    const { packed, ...same } = await told(file('of.pack'));
    expect([none, packed]).toEqual([0, 2]);
    expect(same).toEqual(plain);
    expect(plain).toMatchObject({ name: 'vendor', cached: true, again: true });
  });

  it('are found as ever when the pack is none', async () => {
    await writeFile(file('of.pack'), (await readFile(file('of.pack'))).subarray(0, 50));
    expect(await told(file('of.pack'))).toMatchObject({ name: 'vendor', packed: 0 });
  });
});
