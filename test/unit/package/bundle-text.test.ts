import { describe, expect, it } from 'vitest';
import { finishText } from '../../../src/package/bundle-text.ts';

const map = (mappings: string): Buffer => Buffer.from(JSON.stringify({ mappings }));

/** What comes of a text, as a text. */
const finished = (
  text: string,
  sourceMap: Buffer,
  given: Parameters<typeof finishText>[2],
): { readonly text: string; readonly sourceMap: Uint8Array } => {
  const { code, sourceMap: moved } = finishText(Buffer.from(text), sourceMap, given);
  return { text: Buffer.from(code).toString('utf8'), sourceMap: moved };
};

const settings = {
  format: 'esm',
  minified: false,
  inputs: ['../../node_modules/x/i.js', 'a.ts'],
  nameOf: (path: string): string => path.replace('../../', ''),
} as const;

describe('finishText', () => {
  it('names files outside of the root as they are named everywhere', () => {
    const text = [
      '// ../../node_modules/x/i.js',
      'var require_i = __commonJS({',
      '  "../../node_modules/x/i.js"(exports) {',
      '// a.ts',
      'const text = "// ../../node_modules/x/i.js";',
    ].join('\n');
    expect(finished(text, map(''), settings).text.split('\n')).toEqual([
      '// node_modules/x/i.js',
      'var require_i = __commonJS({',
      '  "node_modules/x/i.js"(exports) {',
      '// a.ts',
      'const text = "// ../../node_modules/x/i.js";',
    ]);
  });

  it('gives require only where it is needed, and moves the source map with it', () => {
    const without = finished('code', map('AAAA'), settings);
    expect(without).toEqual({ text: 'code', sourceMap: map('AAAA') });
    const given = finished(`throw Error('Dynamic require of "' + x)`, map('AAAA'), settings);
    expect(given.text).toMatch(/^import\{createRequire as .*\n/);
    expect(given.sourceMap).toEqual(map(';AAAA'));
  });

  it('keeps a directive first', () => {
    const given = finished('"use strict";a(__polyfaasUrl)', map(''), {
      ...settings,
      format: 'cjs',
    });
    expect(given.text).toMatch(/^"use strict";const __polyfaasUrl=/);
  });

  it('leaves the bytes of a bundle alone that needs nothing', () => {
    const code = Buffer.from('code("ä")');
    const given = finishText(code, map(''), { ...settings, minified: true });
    expect(Buffer.from(given.code)).toEqual(code);
  });
});
