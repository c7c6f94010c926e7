import {
  chmodSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPackager } from '../../src/package/index.ts';
import { inFreshProcess } from './fresh-process.ts';
import { FIXTURES, profile, project, temporaryFolder, write } from './project.ts';
import { rawZip } from './raw-zip.ts';

const HANDLER = (text: string): string =>
  `import { word } from './word.ts';\nexport default { invoke: async () => word + '${text}' };`;
const files = { 'a.ts': HANDLER('one'), 'word.ts': `export const word = 'w';` };

const bundlerParts = (loaded: readonly string[]): string[] =>
  loaded.filter(
    (path) =>
      // A manifest is read for its version; that runs nothing.
      !path.endsWith('/package.json') &&
      /esbuild|yazl|yauzl|nft|\/package\/(?:build|bundle|probe|zip)\.ts/.test(path),
  );

describe('an unchanged function', () => {
  it('is answered without a bundler, a zipper or a worker', async () => {
    const root = temporaryFolder();
    cpSync(join(FIXTURES, 'shop'), root, { recursive: true });
    const cold = await inFreshProcess(root);
    const warm = await inFreshProcess(root);

    expect(bundlerParts(cold.loaded)).not.toEqual([]);
    expect(bundlerParts(warm.loaded)).toEqual([]);
    expect(warm.digest).toBe(cold.digest);
    expect(warm.zip).toBe(cold.zip);
  });

  it('has the same digest from the cache and afresh', async () => {
    const { root, package: pack } = project(files);
    const fresh = await pack({ entry: 'a.ts' });
    const cached = await pack({ entry: 'a.ts' });
    rmSync(join(root, '.polyfaas'), { recursive: true });
    const again = await pack({ entry: 'a.ts' });

    const { zip, files: read, sourceMap } = cached;
    expect(cached).toEqual({ ...fresh, zip, files: read, sourceMap });
    expect(again.digest).toBe(fresh.digest);
    expect(Buffer.from(await again.zip()).equals(Buffer.from(await cached.zip()))).toBe(true);
  });

  it('is recognised by contents where only times changed', async () => {
    const shop = project(files);
    const before = await shop.package({ entry: 'a.ts' });
    utimesSync(join(shop.root, 'word.ts'), new Date(2001, 1, 1), new Date(2001, 1, 1));
    const entries = join(shop.root, '.polyfaas/cache/entries');
    const [name = ''] = readdirSync(entries);
    const written = statSync(join(entries, name)).ino;
    expect((await shop.package({ entry: 'a.ts' })).digest).toBe(before.digest);
    // The entry was not written again, so nothing was bundled.
    expect(statSync(join(entries, name)).ino).toBe(written);
  });
});

describe('files from the future', () => {
  it('are packaged once, and cached', async () => {
    const shop = project(files);
    const future = new Date(Date.now() + 86_400_000);
    for (const name of Object.keys(files)) utimesSync(join(shop.root, name), future, future);
    const before = await shop.package({ entry: 'a.ts' });
    const entries = join(shop.root, '.polyfaas/cache/entries');
    const [name = ''] = readdirSync(entries);
    const written = statSync(join(entries, name)).ino;
    expect((await shop.package({ entry: 'a.ts' })).digest).toBe(before.digest);
    expect(statSync(join(entries, name)).ino).toBe(written);
  });
});

describe('a change', () => {
  it('of an imported file, even of the same size and time, gives another digest', async () => {
    const shop = project(files);
    const before = await shop.package({ entry: 'a.ts' });
    const { atime, mtime } = statSync(join(shop.root, 'word.ts'));
    shop.write({ 'word.ts': `export const word = 'x';` });
    utimesSync(join(shop.root, 'word.ts'), atime, mtime);
    const after = await shop.package({ entry: 'a.ts' });

    expect(after.digest).not.toBe(before.digest);
    shop.write({ 'word.ts': `export const word = 'w';` });
    expect((await shop.package({ entry: 'a.ts' })).digest).toBe(before.digest);
  });

  it('of a setting gives another digest', async () => {
    const { package: pack } = project(files);
    const digests = await Promise.all([
      pack({ entry: 'a.ts' }),
      pack({ entry: 'a.ts', package: { minify: false } }),
      pack({ entry: 'a.ts' }, { target: 'node24' }),
      pack({ entry: 'a.ts' }, { files: { 'x.txt': 'x' } }),
      pack({ entry: 'a.ts', handles: ['http'] }),
    ]);
    expect(new Set(digests.map(({ digest }) => digest)).size).toBe(digests.length);
  });

  it('of compiler settings is seen', async () => {
    const shop = project({
      'a.ts': `class A { x = 1 }\nexport default { invoke: async () => Object.keys(new A()) };`,
      'tsconfig.json': '{ "extends": "./base.json" }',
      'base.json': '{ "compilerOptions": { "useDefineForClassFields": true } }',
    });
    const before = await shop.package({ entry: 'a.ts' });
    shop.write({ 'base.json': '{ "compilerOptions": { "useDefineForClassFields": false } }' });
    expect((await shop.package({ entry: 'a.ts' })).digest).not.toBe(before.digest);
  });

  it('that puts a nearer file in the place of an import is seen', async () => {
    const shop = project({
      'a.ts': `import { word } from './word';\nexport default { invoke: async () => word };`,
      'word.js': `export const word = 'from js';`,
    });
    const before = await shop.package({ entry: 'a.ts' });
    shop.write({ 'word.ts': `export const word = 'from ts';` });
    expect((await shop.package({ entry: 'a.ts' })).digest).not.toBe(before.digest);
  });

  it('of files that are included is seen, a new one too', async () => {
    const shop = project({ ...files, 'data/one.txt': '1' });
    const spec = { entry: 'a.ts', package: { include: ['data/*.txt'] } };
    const one = await shop.package(spec);
    shop.write({ 'data/two.txt': '2' });
    const two = await shop.package(spec);
    chmodSync(join(shop.root, 'data/two.txt'), 0o755);
    const three = await shop.package(spec);
    expect(new Set([one.digest, two.digest, three.digest]).size).toBe(3);
    expect((await three.files()).map(({ path, mode }) => [path, mode])).toEqual([
      ['data/one.txt', 0o644],
      ['data/two.txt', 0o755],
      ['index.mjs', 0o644],
    ]);
  });
});

describe('a cache that is damaged', () => {
  it('is ignored and written again', async () => {
    const { root, package: pack } = project(files);
    const before = await pack({ entry: 'a.ts' });
    const whole = Buffer.from(await before.zip());
    for (const folder of ['entries', 'artifacts']) {
      const path = join(root, '.polyfaas/cache', folder);
      for (const name of readdirSync(path)) {
        const original = readFileSync(join(path, name));
        for (const damage of [
          '',
          'rubbish',
          original.subarray(0, original.length / 2),
          flipped(original),
        ]) {
          writeFileSync(join(path, name), damage);
          const after = await pack({ entry: 'a.ts' });
          expect(after.digest).toBe(before.digest);
          expect(whole.equals(Buffer.from(await after.zip()))).toBe(true);
        }
      }
    }
    const fresh = createPackager({ root });
    expect(whole.equals(Buffer.from(await (await fresh.get(before.digest)).zip()))).toBe(true);
  });

  it('or cannot be written, costs speed alone', async () => {
    const { root, package: pack } = project({
      ...files,
      '.polyfaas': 'a file where the folder would be',
    });
    const one = await pack({ entry: 'a.ts' });
    const two = await pack({ entry: 'a.ts' });
    expect(two.digest).toBe(one.digest);
    expect((await two.zip()).byteLength).toBe(two.sizeBytes);
    expect(readFileSync(join(root, '.polyfaas'), 'utf8')).toContain('a file where');
  });

  it('is not made by packaging at the same time, in one process or in several', async () => {
    const { root, package: pack } = project(files);
    const answers = await Promise.all([
      pack({ entry: 'a.ts' }),
      pack({ entry: 'a.ts' }),
      inFreshProcess(root),
      inFreshProcess(root),
    ]);
    expect(new Set(answers.map(({ digest }) => digest)).size).toBe(1);
    const names = readdirSync(join(root, '.polyfaas/cache/artifacts'));
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect((await pack({ entry: 'a.ts' })).digest).toBe(answers[0].digest);
  });
});

describe('the digest', () => {
  it('and the bytes are the same in another folder and in another time zone', async () => {
    const shallow = join(temporaryFolder(), 'x');
    const deep = join(temporaryFolder(), 'some', 'much', 'deeper', 'folder');
    for (const root of [shallow, deep]) {
      cpSync(join(FIXTURES, 'shop'), root, { recursive: true });
      write(root, {
        'node_modules/dep/package.json':
          '{ "name": "dep", "version": "1.0.0", "main": "index.js" }',
        'node_modules/dep/index.js': 'exports.dep = __filename.length > 0;',
        'functions/more.ts': `import { dep } from 'dep';\nexport default { invoke: async () => dep };`,
      });
    }
    const one = await inFreshProcess(shallow, { TZ: 'Asia/Tokyo' });
    const two = await inFreshProcess(deep, { TZ: 'America/Los_Angeles' });
    expect(two.digest).toBe(one.digest);
    expect(two.zip).toBe(one.zip);

    for (const minify of [true, false]) {
      const [a, b] = await Promise.all(
        [shallow, deep].map(async (root) => {
          const artifact = await createPackager({ root }).package({
            name: 'more',
            spec: { entry: 'functions/more.ts', package: { minify } },
            profile: profile(),
          });
          return {
            digest: artifact.digest,
            zip: Buffer.from(await artifact.zip()).toString('hex'),
          };
        }),
      );
      expect(a).toEqual(b);
    }
  });

  it('is the same when packages are installed above the root', async () => {
    const answers = [];
    for (const depth of ['app', 'apps/first/app']) {
      const top = temporaryFolder();
      write(top, {
        'node_modules/dep/package.json': '{ "name": "dep", "main": "index.js" }',
        'node_modules/dep/index.js': 'exports.dep = 1;',
        [`${depth}/a.ts`]: `import { dep } from 'dep';\nexport default { invoke: async () => dep };`,
      });
      const packager = createPackager({ root: join(top, depth) });
      for (const minify of [true, false]) {
        const artifact = await packager.package({
          name: 'a',
          spec: { entry: 'a.ts', package: { minify } },
          profile: profile(),
        });
        answers.push({
          minify,
          digest: artifact.digest,
          zip: Buffer.from(await artifact.zip()).toString('hex'),
        });
      }
    }
    expect(answers.slice(2)).toEqual(answers.slice(0, 2));
  });
});

describe('an artifact reader', () => {
  it('finds what this process or an earlier one packaged, and nothing else', async () => {
    const { root, packager, package: pack } = project(files);
    const artifact = await pack({ entry: 'a.ts' });
    await expect(packager.get(artifact.digest)).resolves.toBe(artifact);

    const later = await createPackager({ root }).get(artifact.digest);
    expect(later).toMatchObject({ digest: artifact.digest, handles: ['invoke'] });
    expect(Buffer.from(await later.zip()).equals(Buffer.from(await artifact.zip()))).toBe(true);

    for (const digest of ['0'.repeat(40), '../../etc/passwd', '']) {
      await expect(packager.get(digest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('an artifact', () => {
  it.each([
    ['stored', {}],
    ['stored nowhere', { '.polyfaas': 'a file where the folder would be' }],
  ])('that is %s is found when 70 others were made after it', async (_where, more) => {
    const root = temporaryFolder();
    const names = Array.from({ length: 71 }, (_, index) => `f${index}.zip`);
    const shop = project({ ...files, ...more }, { root });
    const artifact = await shop.package({ entry: 'a.ts' });
    const image = await shop.package({ image: 'registry/shop:1' });
    for (const [index, name] of names.entries()) {
      shop.write({ [name]: rawZip([{ name: 'index.mjs', contents: `${index}` }]) });
      await shop.package({ artifact: name });
    }
    await expect(shop.packager.get(image.digest)).resolves.toBe(image);
    const found = await shop.packager.get(artifact.digest);
    expect(Buffer.from(await found.zip()).equals(Buffer.from(await artifact.zip()))).toBe(true);
  });
});

const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  const middle = Math.floor(copy.length / 2);
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
};
