import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_RECORD, type FunctionRecord } from '../../../providers/gcp/record.ts';
import { decodeRecord, encodeRecord } from '../../../providers/gcp/record-text.ts';

const record: fc.Arbitrary<FunctionRecord> = fc.record({
  live: fc.option(fc.string()),
  versions: fc.constant([]),
  next: fc.option(fc.string()),
  bindings: fc.constant([]),
  pending: fc.array(fc.string(), { maxLength: 5 }),
  made: fc.array(
    fc.record({ kind: fc.constantFrom('topic' as const, 'grant' as const), id: fc.string() }),
    { maxLength: 5 },
  ),
  settings: fc.string(),
});

describe('the record as an annotation', () => {
  it('is the same when it is read back', () => {
    fc.assert(
      fc.property(record, (one) => {
        const text = encodeRecord(one);
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeRecord(text)).toEqual(one);
      }),
    );
  });

  it('is none when it is missing, or was changed by hand', () => {
    for (const text of [undefined, '', 'x', encodeRecord({ live: 'x' }), encodeRecord([])]) {
      expect(decodeRecord(text)).toBeUndefined();
    }
  });

  it('is refused when it would not fit', () => {
    const pending = Array.from({ length: 3000 }, (_, index) => `${Math.sin(index)}`);
    expect(encodeRecord({ ...EMPTY_RECORD, pending })).toBeUndefined();
  });
});
