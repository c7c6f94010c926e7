import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HANDLER_KINDS } from '../../../src/function/events.ts';
import type { VersionNote } from '../../../providers/aws/model.ts';
import { NOTE_LENGTH, decodeNote, encodeNote } from '../../../providers/aws/note.ts';

const hex = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const version = fc.integer({ min: 1, max: 999_999 }).map(String);

const note: fc.Arbitrary<VersionNote> = fc.record({
  version: fc.option(version),
  digest: hex,
  artifactDigest: hex,
  codeSha256: fc.option(
    fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('base64')),
  ),
  handles: fc.subarray([...HANDLER_KINDS]),
  hasShim: fc.boolean(),
  memoryMb: fc.integer({ min: 128, max: 10_240 }),
  timeoutSeconds: fc.integer({ min: 1, max: 900 }),
  createdAt: fc.option(
    fc.integer({ min: 0, max: 4_000_000_000 }).map((at) => new Date(at * 1000).toISOString()),
  ),
  canary: fc.option(fc.record({ version, digest: hex })),
  newest: fc.option(version),
  configDigest: fc.option(hex.map((digest) => digest.slice(0, 12))),
});

describe('the description of a version', () => {
  it('comes back as it was, and fits', () => {
    fc.assert(
      fc.property(note, (one) => {
        const text = encodeNote(one);
        expect(text.length).toBeLessThanOrEqual(NOTE_LENGTH);
        expect(decodeNote(text)).toEqual(one);
      }),
    );
  });

  it.each([undefined, '', 'my alias', 'polyfaas/1 ', 'polyfaas/2 d:x a:y'])(
    'is not read from "%s"',
    (text) => {
      expect(decodeNote(text)).toBeUndefined();
    },
  );
});
