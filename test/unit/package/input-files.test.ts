import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { fileOfName, isFileName } from '../../../src/package/input-files.ts';
import { temporaryFolder } from '../../packaging/project.ts';

it.each([
  ['src/a.ts', true],
  ['my:x.ts', true],
  ['C:/x.ts', true],
  ['x.ts?q', true],
  ['polyfaas-entry.js', false],
  ['polyfaas-inline:source.ts', false],
  ['polyfaas-native:lib/x.node', false],
  ['<data:text/javascript,1>', false],
  ['(disabled):node_modules/p/i.js', false],
])('%s is a file of the graph: %s', (name, expected) => {
  expect(isFileName(name)).toBe(expected);
});

it('the file of a module is the one that it was read from', () => {
  const root = temporaryFolder();
  for (const path of ['x.ts', 'y.ts#z', 'cache/p.zip']) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  expect(fileOfName(root, 'x.ts')).toBe('x.ts');
  expect(fileOfName(root, 'x.ts?q#f')).toBe('x.ts');
  expect(fileOfName(root, 'y.ts#z')).toBe('y.ts#z');
  expect(fileOfName(root, 'cache/p.zip/node_modules/p/i.js')).toBe('cache/p.zip');
  expect(fileOfName(root, 'gone.ts?q')).toBe('gone.ts?q');
});
