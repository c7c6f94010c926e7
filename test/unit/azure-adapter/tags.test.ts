import fc from 'fast-check';
import type { Binding } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { EMPTY_RECORD, TAG, type FunctionRecord } from '../../../providers/azure/record.ts';
import {
  MAX_STATE_TAGS,
  decodeRecord,
  encodeRecord,
  foreignTags,
} from '../../../providers/azure/tags.ts';
import { decodeNote, encodeNote } from '../../../providers/azure/package/note.ts';

const binding = (id: string, queue: string): Binding => ({
  id,
  origin: 'spec',
  event: {
    type: 'queue',
    enabled: true,
    create: true,
    queue,
    batchSize: 1,
    batchWindowSeconds: 0,
    retry: { maxAttempts: 3, backoff: 'fixed', delaySeconds: 1, maxDelaySeconds: 9, jitter: false },
  },
});

const note = fc.record({
  version: fc.stringMatching(/^[0-9a-f]{10}$/),
  digest: fc.stringMatching(/^[0-9a-f]{40}$/),
  artifactDigest: fc.stringMatching(/^[0-9a-f]{40}$/),
  handles: fc.constant(['invoke', 'queue'] as const),
  hasShim: fc.boolean(),
  memoryMb: fc.constantFrom(512, 2048, 4096),
  timeoutSeconds: fc.integer({ min: 1, max: 900 }),
  env: fc.array(fc.stringMatching(/^[A-Z_]{1,30}$/), { maxLength: 20 }),
  createdAt: fc.option(fc.constant('2026-11-20T10:00:00.000Z')),
});

const record: fc.Arbitrary<FunctionRecord> = fc.record({
  live: fc.option(note),
  packageDigest: fc.option(fc.stringMatching(/^[0-9a-f]{40}$/)),
  next: fc.option(fc.string()),
  turn: fc.nat(),
  lastPackage: fc.option(fc.string()),
  settingsKey: fc.stringMatching(/^(?:[0-9a-f]{10})?$/),
  bindings: fc.array(
    fc.tuple(fc.string(), fc.string()).map(([a, b]) => binding(a, b)),
    {
      maxLength: 12,
    },
  ),
  pending: fc.array(fc.string(), { maxLength: 5 }),
  made: fc.array(fc.record({ kind: fc.constant('queue' as const), id: fc.string() }), {
    maxLength: 10,
  }),
  settings: fc.string({ maxLength: 400 }),
});

describe('a record in tags', () => {
  it('comes back as it went, within what Azure takes', () => {
    fc.assert(
      fc.property(record, (one) => {
        const tags = encodeRecord(one);
        expect(tags).toBeDefined();
        expect(Object.keys(tags ?? {}).length).toBeLessThanOrEqual(MAX_STATE_TAGS);
        for (const value of Object.values(tags ?? {}))
          expect(value.length).toBeLessThanOrEqual(256);
        expect(decodeRecord(tags ?? {})).toEqual(one);
      }),
    );
  });

  it('is not disturbed by parts of a longer one before', () => {
    const long = encodeRecord({
      ...EMPTY_RECORD,
      pending: Array.from({ length: 90 }, (_, index) => `${index * 7919}-${Math.sqrt(index)}`),
    });
    const short = encodeRecord(EMPTY_RECORD);
    expect(Object.keys(long ?? {}).length).toBeGreaterThan(Object.keys(short ?? {}).length);
    expect(decodeRecord({ ...long, ...short })).toEqual(EMPTY_RECORD);
  });

  it('is nothing when it was spoilt, lacks a part, or is too long', () => {
    const tags = encodeRecord({ ...EMPTY_RECORD, pending: ['x'.repeat(10)] }) ?? {};
    expect(decodeRecord({})).toBeUndefined();
    expect(decodeRecord({ ...tags, [`${TAG.state}0`]: 'x' })).toBeUndefined();
    expect(decodeRecord({ ...tags, [`${TAG.state}0`]: `01:${'A'.repeat(40)}` })).toBeUndefined();
    expect(
      decodeRecord({ ...tags, [`${TAG.state}0`]: `02${(tags[`${TAG.state}0`] ?? '').slice(2)}` }),
    ).toBeUndefined();
    const huge = Array.from({ length: 2000 }, (_, index) => `${Math.sin(index)}`);
    expect(encodeRecord({ ...EMPTY_RECORD, pending: huge })).toBeUndefined();
  });

  it('leaves the tags of others alone', () => {
    expect(foreignTags({ team: 'a', [TAG.app]: 'b', [`${TAG.state}0`]: 'c' })).toEqual({
      team: 'a',
    });
  });
});

describe('a note in the metadata of a blob', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(note, (one) => {
        const metadata = encodeNote(one);
        expect(Object.values(metadata).every((value) => /^[\w-]*$/.test(value))).toBe(true);
        expect(decodeNote(metadata)).toEqual(one);
      }),
    );
  });

  it('is left out when it is too long, and is nothing when it is not ours', () => {
    const env = Array.from({ length: 2000 }, (_, index) => `V${Math.sin(index)}`);
    const [one] = fc.sample(note, 1);
    expect(one && encodeNote({ ...one, env })).toEqual({});
    expect(decodeNote(undefined)).toBeUndefined();
    expect(decodeNote({ note: '!!' })).toBeUndefined();
    expect(decodeNote({})).toBeUndefined();
  });
});
