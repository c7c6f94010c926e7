import { describe, expect, it } from 'vitest';
import { finishText } from '../../../src/package/bundle-text.ts';

const map = (mappings: string): Buffer => Buffer.from(JSON.stringify({ mappings }));

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
    expect(finishText(text, map(''), settings).text.split('\n')).toEqual([
      '// node_modules/x/i.js',
      'var require_i = __commonJS({',
      '  "node_modules/x/i.js"(exports) {',
      '// a.ts',
      'const text = "// ../../node_modules/x/i.js";',
    ]);
  });

  it('gives require only where it is needed, and moves the source map with it', () => {
    const without = finishText('code', map('AAAA'), settings);
    expect(without).toEqual({ text: 'code', sourceMap: map('AAAA') });
    const given = finishText(`throw Error('Dynamic require of "' + x)`, map('AAAA'), settings);
    expect(given.text).toMatch(/^import\{createRequire as .*\n/);
    expect(given.sourceMap).toEqual(map(';AAAA'));
  });

  it('keeps a directive first', () => {
    const given = finishText('"use strict";a(__polyfaasUrl)', map(''), {
      ...settings,
      format: 'cjs',
    });
    expect(given.text).toMatch(/^"use strict";const __polyfaasUrl=/);
  });
});
