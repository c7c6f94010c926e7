import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detailsOf } from '../../src/package/index.ts';
import { call, FIXTURES, load, namesOf, project, temporaryFolder, textOf } from './project.ts';

const HANDLER = `export default { invoke: async (input) => ({ got: input }) };`;

describe('an entry file', () => {
  it('is bundled with what it imports, and runs', async () => {
    const shop = project({}, { root: join(FIXTURES, 'shop'), cacheFolder: temporaryFolder() });
    const artifact = await shop.package({ entry: './functions/orders.ts' });

    expect(artifact).toMatchObject({
      form: 'zip',
      entryFile: 'index.mjs',
      handles: ['invoke', 'http', 'queue'],
      signature: 'polyfaas',
      needsProcess: false,
    });
    expect(artifact.digest).toMatch(/^[0-9a-f]{40}$/);
    expect(await namesOf(artifact)).toEqual(['index.mjs']);
    expect(artifact.sizeBytes).toBe((await artifact.zip()).byteLength);
    await expect(call(artifact, { items: [{ price: 2, count: 3 }] })).resolves.toEqual({
      total: 6,
      currency: 'EUR',
      name: 'Corner',
    });
  });

  it('loses what nothing uses, keeps names, and is minified unless told not to', async () => {
    const shop = project({}, { root: join(FIXTURES, 'shop'), cacheFolder: temporaryFolder() });
    const small = await shop.package({ entry: './functions/orders.ts' });
    const plain = await shop.package({
      entry: './functions/orders.ts',
      package: { minify: false },
    });

    expect(await textOf(small, 'index.mjs')).not.toContain('shaken out of the tree');
    expect(plain.unpackedBytes).toBeGreaterThan(small.unpackedBytes);
    expect(plain.digest).not.toBe(small.digest);
    expect(await textOf(plain, 'index.mjs')).toContain('// lib/total.ts');
  });

  it('keeps its source map beside, never in the artifact', async () => {
    const shop = project({}, { root: join(FIXTURES, 'shop'), cacheFolder: temporaryFolder() });
    const artifact = await shop.package({ entry: './functions/orders.ts' });
    const path = detailsOf(artifact)?.sourceMapPath ?? '';

    expect(path).toContain(artifact.digest);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: 3 });
    expect(await textOf(artifact, 'index.mjs')).not.toContain('sourceMappingURL');
  });

  it('holds no path of this machine', async () => {
    const root = temporaryFolder();
    const { package: pack } = project(
      { 'a.ts': HANDLER, 'b.cjs': 'module.exports = __filename;' },
      { root },
    );
    for (const minify of [true, false]) {
      const artifact = await pack({ entry: 'a.ts', package: { minify } });
      const text = await textOf(artifact, 'index.mjs');
      expect(text).not.toContain(root);
      expect(text).not.toContain('../');
    }
  });

  it('uses this library as polyfaas/function, whatever node_modules hold', async () => {
    const { package: pack } = project({
      'a.ts': `import { defineFunction } from 'polyfaas/function';\nexport default defineFunction({ topic: async () => {} });`,
      'node_modules/polyfaas/package.json':
        '{ "name": "polyfaas", "exports": { "./function": "./bad.js" } }',
      'node_modules/polyfaas/bad.js': `throw new Error('a stranger');`,
    });
    expect((await pack({ entry: 'a.ts' })).handles).toEqual(['topic']);
  });

  it('adds the files of the profile, and exports any name', async () => {
    const { root, package: pack } = project({
      'a.ts': HANDLER,
      'shim.ts': `export const createEntry = (handler) => ({ default: 1, 'a-b': handler.handles });`,
    });
    const artifact = await pack(
      { entry: 'a.ts' },
      {
        entryFile: 'src/main.js',
        files: { 'package.json': '{"type":"module"}' },
        shim: { modulePath: join(root, 'shim.ts'), exports: ['default', 'a-b'] },
      },
    );
    expect(await namesOf(artifact)).toEqual(['package.json', 'src/main.js']);
    expect({ ...(await load(artifact)) }).toEqual({ default: 1, 'a-b': ['invoke'] });
  });

  it('calls a shim that exports nothing for its effects, and not while packaging', async () => {
    const { root, package: pack } = project({
      'a.ts': HANDLER,
      'shim.ts': `export const createEntry = (handler) => { globalThis.polyfaasTestShim = handler.handles; };`,
    });
    const artifact = await pack(
      { entry: 'a.ts' },
      { shim: { modulePath: join(root, 'shim.ts'), exports: [] } },
    );
    expect(Reflect.get(globalThis, 'polyfaasTestShim')).toBeUndefined();
    await load(artifact);
    expect(Reflect.get(globalThis, 'polyfaasTestShim')).toEqual(['invoke']);
    Reflect.deleteProperty(globalThis, 'polyfaasTestShim');
  });

  it('packages the fixtures of each module format', async () => {
    const { package: pack } = project({
      'lambda.cjs': `exports.handler = async (event) => ({ twice: event.n * 2 });`,
      'web.ts': `export default { fetch: async () => new Response('hi') };`,
    });
    const lambda = await pack({ entry: 'lambda.cjs' });
    expect(lambda).toMatchObject({ signature: 'aws-lambda' });
    expect(lambda.handles).toContain('invoke');
    expect(await pack({ entry: 'web.ts' })).toMatchObject({ signature: 'fetch' });

    const cjs = await pack({ entry: 'web.ts' }, { format: 'cjs', entryFile: 'index.cjs' });
    expect(cjs.entryFile).toBe('index.cjs');
    expect(await textOf(cjs, 'index.cjs')).not.toMatch(/^import /m);
  });

  it('takes a named export as the handler', async () => {
    const { package: pack } = project({
      'a.ts': `export const first = { queue: async () => {} };\nexport const second = { bus: async () => {} };`,
    });
    expect((await pack({ entry: 'a.ts', handler: 'second' })).handles).toEqual(['bus']);
    expect((await pack({ entry: 'a.ts', handler: 'first' })).handles).toEqual(['queue']);
  });
});

describe('what a module format lacks', () => {
  it('is given to CommonJS in an ESM bundle', async () => {
    const { package: pack } = project({
      'a.ts': `import where from './where.cjs';\nexport default { invoke: async () => where };`,
      'where.cjs': `const { sep } = require('path');\nmodule.exports = { sep, dirname: typeof __dirname, filename: typeof __filename };`,
    });
    const artifact = await pack({ entry: 'a.ts' });
    await expect(call(artifact, null)).resolves.toEqual({
      sep: '/',
      dirname: 'string',
      filename: 'string',
    });
  });

  it('is not given where nothing needs it', async () => {
    const { package: pack } = project({ 'a.ts': HANDLER });
    expect(await textOf(await pack({ entry: 'a.ts' }), 'index.mjs')).not.toContain('createRequire');
  });

  it('leaves a require of the user alone', async () => {
    const { package: pack } = project({
      'a.ts': `import { createRequire } from 'node:module';
        import old from './old.cjs';
        const require = createRequire(import.meta.url);
        export default { invoke: async () => ({ os: typeof require('node:os').cpus, old }) };`,
      'old.cjs': `module.exports = typeof require('fs').readFileSync;`,
    });
    await expect(call(await pack({ entry: 'a.ts' }), null)).resolves.toEqual({
      os: 'function',
      old: 'function',
    });
  });

  it('is given to import.meta in a CommonJS bundle', async () => {
    const { package: pack } = project({
      'a.ts': `const url = import.meta.url;\nconst folder = import.meta.dirname;\nexport default { invoke: async () => ({ file: url.startsWith('file://'), folder: typeof folder }) };`,
    });
    const artifact = await pack({ entry: 'a.ts' }, { format: 'cjs', entryFile: 'index.cjs' });
    const { default: module } = await load(artifact);
    const handler: unknown =
      typeof module === 'object' && module !== null && 'handler' in module
        ? module.handler
        : undefined;
    if (typeof handler !== 'function') throw new Error('no handler');
    await expect(handler(null)).resolves.toEqual({ file: true, folder: 'string' });
  });
});

describe('inline source', () => {
  it('is a module of the root', async () => {
    const { package: pack } = project({ 'lib/answer.ts': 'export const answer: number = 42;' });
    const artifact = await pack({
      source: `import { answer } from './lib/answer.ts';\nexport default { invoke: async (): Promise<number> => answer };`,
    });
    expect(artifact.handles).toEqual(['invoke']);
    await expect(call(artifact, null)).resolves.toBe(42);
  });

  it('may be CommonJS', async () => {
    const { package: pack } = project({});
    const artifact = await pack({ source: `exports.handler = async () => 'old';` });
    await expect(call(artifact, null)).resolves.toBe('old');
  });
});

describe('an image', () => {
  it('is named, not packaged', async () => {
    const { root, packager, package: pack } = project({});
    const artifact = await pack({ image: 'registry.example/shop/orders:7', handles: ['http'] });
    expect(artifact).toMatchObject({
      form: 'image',
      imageUri: 'registry.example/shop/orders:7',
      handles: ['http'],
      sizeBytes: 0,
    });
    expect((await pack({ image: 'registry.example/shop/orders:8' })).digest).not.toBe(
      artifact.digest,
    );
    await expect(packager.get(artifact.digest)).resolves.toBe(artifact);
    await expect(artifact.zip()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(pack({ image: 'not an image' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(existsSync(join(root, '.polyfaas'))).toBe(false);
  });
});
