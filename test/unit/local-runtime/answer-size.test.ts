import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOverLimit, MOST_ANSWER_BYTES } from '../../../providers/local/runtime/answer-size.ts';
import { toJson } from '../../../src/function/json.ts';
import { useHarness } from './harness.ts';

const harness = useHarness();

describe('the size of an answer', () => {
  it.each([
    ['a text that just fits', 'x'.repeat(MOST_ANSWER_BYTES - 2), undefined],
    ['a byte more', 'x'.repeat(MOST_ANSWER_BYTES - 1), MOST_ANSWER_BYTES + 1],
    ['what JSON escapes', '\0'.repeat(MOST_ANSWER_BYTES / 4), (MOST_ANSWER_BYTES / 4) * 6 + 2],
    ['many small values', Array.from({ length: 4_000_000 }, () => 1), 8_000_001],
    ['long names', { ['é'.repeat(MOST_ANSWER_BYTES)]: 1 }, MOST_ANSWER_BYTES * 2 + 6],
    ['nothing', null, undefined],
  ])('is that of its JSON: %s', (_what, answer, bytes) => {
    expect(bytesOverLimit(answer)).toBe(bytes);
  });

  it('is that of its JSON, whatever is in it', () => {
    const limit = fc.nat({ max: 200 });
    fc.assert(
      fc.property(fc.jsonValue(), limit, (value, most) => {
        const answer = toJson(value);
        const bytes = Buffer.byteLength(JSON.stringify(answer));
        expect(bytesOverLimit(answer, most)).toBe(bytes > most ? bytes : undefined);
      }),
    );
  });

  it.each(['thread', 'process'] as const)(
    'is limited in a %s, which goes on',
    async (isolation) => {
      const pool = harness.pool(`invoke: (length) => 'x'.repeat(length)`, {
        settings: { isolation, maxInstances: 1 },
      });
      const failure = await pool.failure(MOST_ANSWER_BYTES);
      expect(failure).toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        retryable: false,
        message: expect.stringMatching(/answer of orders is 6,291,458 bytes.*at most 6,291,456/),
        details: { bytes: MOST_ANSWER_BYTES + 2, limit: MOST_ANSWER_BYTES, coldStart: true },
      });
      expect(await pool.invoke(2)).toMatchObject({ output: 'xx', coldStart: false });
    },
  );
});
