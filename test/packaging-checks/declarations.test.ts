import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lineDiff } from '../../scripts/declarations/line-diff.ts';
import { readStatements } from '../../scripts/declarations/statements.ts';
import { DeclarationReader } from '../../scripts/declarations/surface.ts';

describe('statements of a declaration file', () => {
  test('are cut where they end, without comments', () => {
    const text = `
      /** Text with ; and } in it. */
      export interface A { readonly b: { c: ';' }; }
      export type D = 'a;b' | { e: string; }; // and more
      export declare const f: unique symbol;
      declare function g(a: string): void;
      export declare abstract class H { #private; method(): void; }
      export {};
    `;
    const found = readStatements(text);
    expect(
      found.map((one) => (one.kind === 'declare' ? `${one.name} ${one.exported}` : one.kind)),
    ).toEqual(['A true', 'D true', 'f true', 'g false', 'H true', 'export']);
  });

  test('imports and exports are read with both names', () => {
    expect(readStatements(`import type { A as B, type C } from './a.js';`)).toEqual([
      {
        kind: 'import',
        from: './a.js',
        names: [
          { outside: 'A', inside: 'B' },
          { outside: 'C', inside: 'C' },
        ],
      },
    ]);
    expect(readStatements(`export { a as b, type C } from './a.js';`)).toEqual([
      {
        kind: 'export',
        from: './a.js',
        names: [
          { outside: 'b', inside: 'a' },
          { outside: 'C', inside: 'C' },
        ],
      },
    ]);
    expect(readStatements(`export * as all from './a.js';`)).toEqual([
      { kind: 'exportAll', from: './a.js', as: 'all' },
    ]);
  });
});

describe('the surface of an entry point', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'polyfaas-surface-'));
    mkdirSync(join(folder, 'inner'));
    const files = {
      'index.d.ts': `import { Client } from 'vendor';\nexport { Third } from 'vendor-three';\nexport * from './inner/a.ts';\nexport declare function make(): Made;\ninterface Made { hidden: import("./inner/b.ts").Deep; }\ninterface Unused { client: Client; }`,
      'inner/a.d.ts': `import type { Socket as S } from 'node:net';\nexport interface A { s: S; }\ninterface Private { x: 1; }`,
      'inner/b.d.ts': `export interface Deep { other: import("vendor-two").Two; }`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds what is exported, what that leads to, and the foreign types on the way', () => {
    const reader = new DeclarationReader(folder, new Map([['x', 'index.d.ts']]));
    const { exports, reached, external } = reader.surface('x');
    expect([...exports.keys()]).toEqual(['A', 'Third', 'make']);
    expect(reached.map(({ name }) => name)).toEqual(['Made', 'Deep']);
    expect(Object.fromEntries([...external].map(([name, names]) => [name, [...names]]))).toEqual({
      'vendor-three': ['Third'],
      'node:net': ['Socket'],
      'vendor-two': ['Two'],
    });
  });
});

test('a difference shows the lines that went and came', () => {
  expect(lineDiff('a\nb\nc', 'a\nx\nc\nd')).toBe('- b\n+ x\n+ d');
  expect(lineDiff('a', 'a')).toBe('');
});
