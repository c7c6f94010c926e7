import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { OWN_FOLDER } from '../../../src/package/entry-module.ts';
import { inputNamer } from '../../../src/package/input-names.ts';
import { packageOf } from '../../../src/package/native.ts';

describe('inputNamer', () => {
  const nameOf = inputNamer('/a/app', '/b/shims/aws.mjs', (folder) =>
    folder.startsWith('/a/shared')
      ? { path: '/a/shared/package.json', name: '@acme/shared', facts: '' }
      : undefined,
  );

  it.each([
    ['functions/orders.ts', 'functions/orders.ts'],
    ['orders.ts', 'orders.ts'],
    ['node_modules/zod/index.js', 'node_modules/zod/index.js'],
    ['../../node_modules/zod/index.js', 'node_modules/zod/index.js'],
    ['../node_modules/a/node_modules/b/i.js', 'node_modules/a/node_modules/b/i.js'],
    ['../shared/lib/x.ts', 'package:@acme/shared/lib/x.ts'],
    ['../shared/x.ts', 'package:@acme/shared/x.ts'],
    ['../../b/shims/aws.mjs', 'shim:aws.mjs'],
    ['../../b/shims/parts/p.mjs', 'shim:parts/p.mjs'],
    ['../elsewhere/x.ts', '../elsewhere/x.ts'],
  ])('names %s as %s', (path, name) => {
    expect(nameOf(path)).toBe(name);
  });

  it('names the files of this library alike in sources and build, wherever it is', () => {
    const here = inputNamer(OWN_FOLDER.replace(/\/$/, ''), '/b/shim.mjs', () => undefined);
    expect(here('src/function/bind.ts')).toBe('polyfaas:src/function/bind');
    expect(here('src/function/bind.js')).toBe('polyfaas:src/function/bind');
    expect(here('examples/a.ts')).toBe('examples/a.ts');
    expect(fileURLToPath(new URL('../../../', import.meta.url))).toBe(OWN_FOLDER);
  });
});

describe('packageOf', () => {
  it.each([
    ['node_modules/a/b.js', 'a'],
    ['../node_modules/@s/p/lib/b.js', '@s/p'],
    ['node_modules/a/node_modules/c/d.js', 'c'],
    ['lib/a.ts', undefined],
  ])('of %s is %s', (path, expected) => {
    expect(packageOf(path)).toBe(expected);
  });
});
