import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOfLines } from '../../../src/function/pieces-of-lines.ts';

const TEXT = fc
  .array(fc.constantFrom('a', 'bc', '\n', '\r\n', 'some more'))
  .map((parts) => parts.join(''));

describe('pieces of lines', () => {
  it('are the text again', () => {
    fc.assert(
      fc.property(TEXT, fc.integer({ min: 1, max: 20 }), (text, most) => {
        expect(piecesOfLines(text, most).join('\n')).toBe(text);
      }),
    );
  });

  it('are no longer than they may be, but for a line that is', () => {
    fc.assert(
      fc.property(TEXT, fc.integer({ min: 1, max: 20 }), (text, most) => {
        for (const piece of piecesOfLines(text, most)) {
          if (piece.length > most) expect(piece.trimStart()).not.toContain('\n');
        }
      }),
    );
  });

  it('are not more than need be', () => {
    expect(piecesOfLines('a\nb\nc\nd', 3)).toEqual(['a\nb', 'c\nd']);
    expect(piecesOfLines('a\nb', 3)).toEqual(['a\nb']);
    expect(piecesOfLines('', 3)).toEqual(['']);
  });
});
