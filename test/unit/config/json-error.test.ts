import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonErrorOffset } from '../../../src/config/json-error.ts';

describe('jsonErrorOffset', () => {
  it('finds nothing wrong with JSON before its end', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
        const printed = JSON.stringify(JSON.parse(text), null, indent);
        expect(jsonErrorOffset(printed)).toBe(printed.length);
      }),
    );
  });

  it('stops at a character that breaks it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonErrorOffset(`[${text} ?`)).toBe(text.length + 2);
      }),
    );
  });
});
