import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChange } from '../../../providers/gcp/shim/firestore/change.ts';
import { encodeDocumentEvent } from '../../fakes/gcp/eventarc/document-event.ts';

const NAME = 'projects/p/databases/(default)/documents/users/größe';
const at = { createdMs: 1_700_000_000_123, updatedMs: 1_700_000_000_456 };

/** What Firestore holds and JSON too. -0 is 0 there. */
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((value) => value + 0),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
  ),
}));
const fields = fc.dictionary(fc.string(), plain.value, { maxKeys: 6 });

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('decodeChange', () => {
  it('reads what the library for protocol buffers wrote', () => {
    fc.assert(
      fc.property(fc.option(fields), fc.option(fields), (after, before) => {
        const state = (given: object | null) =>
          given === null ? undefined : { name: NAME, fields: { ...given }, ...at };
        const change = decodeChange(encodeDocumentEvent(state(after), state(before)));
        const expected = (given: object | null): unknown =>
          given === null ? undefined : { path: 'users/größe', fields: json(given) };
        expect(json(change.after ?? null)).toEqual(expected(after) ?? null);
        expect(json(change.before ?? null)).toEqual(expected(before) ?? null);
      }),
    );
  });

  it('makes texts of what JSON has no form for', () => {
    const change = decodeChange(
      encodeDocumentEvent(
        {
          name: NAME,
          ...at,
          fields: {
            at: new Date('2026-01-02T03:04:05.678Z'),
            bytes: new Uint8Array([1, 2, 255]),
            nan: NaN,
            far: Infinity,
            large: 9_007_199_254_740_993n,
            least: -9_223_372_036_854_775_808n,
            ['__proto__']: 'kept',
          },
        },
        undefined,
      ),
    );
    expect(change.before).toBeUndefined();
    expect(change.after?.fields).toEqual(
      Object.defineProperty(
        {
          at: '2026-01-02T03:04:05.678Z',
          bytes: 'AQL/',
          nan: 'NaN',
          far: 'Infinity',
          large: '9007199254740993',
          least: '-9223372036854775808',
        },
        '__proto__',
        { value: 'kept', enumerable: true },
      ),
    );
  });

  it('refuses bytes that are cut, or no message', () => {
    const bytes = encodeDocumentEvent({ name: NAME, ...at, fields: { a: 'b' } }, undefined);
    expect(() => decodeChange(bytes.subarray(0, -1))).toThrow(RangeError);
    expect(() => decodeChange(Buffer.from([0xff, 0xff]))).toThrow(RangeError);
    expect(() => decodeChange(Buffer.from('{"a":1}'))).toThrow(RangeError);
    expect(decodeChange(new Uint8Array())).toEqual({ before: undefined, after: undefined });
  });
});
