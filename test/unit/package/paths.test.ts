import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  editDistance,
  isInside,
  isPathImport,
  leavesRoot,
  requireFile,
} from '../../../src/package/paths.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });

describe('editDistance', () => {
  it('is a distance', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe('an import', () => {
  it.each([
    './a.ts',
    '../a.ts',
    '.',
    '..',
    '/a/b.ts',
    'C:\\a\\b.ts',
    'c:/a/b.ts',
    '\\\\host\\a.ts',
  ])('of %s is one of a file', (written) => expect(isPathImport(written)).toBe(true));

  it.each(['a', '@a/b', 'node:fs', '#own', '.a', 'a/c:/b'])('of %s is not', (written) =>
    expect(isPathImport(written)).toBe(false),
  );
});

describe('leavesRoot', () => {
  it.each([
    ['../a.ts', true],
    ['D:/a.ts', true],
    ['a/../b.ts', false],
    ['..a/b.ts', false],
    ['polyfaas-inline:source', false],
  ])('of %s is %s', (path, leaves) => {
    expect(leavesRoot(path)).toBe(leaves);
  });
});

describe('isInside', () => {
  it('holds for whatever is joined below, and for nothing that climbs out', () => {
    const root = join(sep, 'a', 'root');
    const name = fc.stringMatching(/^[a-z.]{1,6}$/).filter((text) => text !== '.' && text !== '..');
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), (names) => {
        expect(isInside(root, join(root, ...names))).toBe(true);
        expect(isInside(root, join(root, ...names, ...names.map(() => '..'), '..'))).toBe(false);
      }),
    );
    expect(isInside(root, join(sep, 'a', 'rootless'))).toBe(false);
    expect(isInside(root, join(root, '..name'))).toBe(true);
  });
});

describe('requireFile', () => {
  const root = mkdtempSync(join(tmpdir(), 'polyfaas-paths-'));
  writeFileSync(join(root, 'orders.ts'), '');
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    [
      'orders.create',
      'A file and its export are two fields: entry: "orders.ts", handler: "create"',
    ],
    ['order.ts', 'Nearest: "orders.ts"'],
    ['none.create', 'which does not exist under'],
    ['orders.', 'which does not exist under'],
  ])('says of %s what was probably meant', (path, message) => {
    expect(() => requireFile(root, path, 'entry', 'orders')).toThrow(message);
  });
});
