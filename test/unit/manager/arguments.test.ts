import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../../providers/local/capabilities.ts';
import {
  checkInteger,
  checkName,
  checkPayload,
  checkRequestId,
  checkTraceparent,
  PORTABLE_PAYLOAD_BYTES,
} from '../../../src/manager/arguments.ts';

const limited = (bytes: number): typeof CAPABILITIES => ({
  ...CAPABILITIES,
  limits: { ...CAPABILITIES.limits, syncPayloadBytes: bytes, asyncPayloadBytes: bytes },
});

describe('checkPayload', () => {
  it('refuses exactly what is over the limit in bytes of JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 400 }), (value, limit) => {
        const bytes = Buffer.byteLength(JSON.stringify(value) ?? 'null');
        const check = (): unknown =>
          checkPayload(value, 'sync', limited(limit), 'orders', () => {});
        if (bytes <= limit) expect(check).not.toThrow();
        else expect(check).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
      }),
    );
  });

  it('names the path of what JSON would lose', () => {
    const lossy = { lines: [{ price: 10n }] };
    expect(() => checkPayload(lossy, 'sync', CAPABILITIES, 'orders', () => {})).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('lines[0].price'),
      }),
    );
  });

  it('ends a sentence before it begins the next', () => {
    expect(() => checkPayload({ a: new Map() }, 'sync', CAPABILITIES, 'orders', () => {})).toThrow(
      /^input\.a is a Map, .*; send Object\.fromEntries\(map\)\. Convert it to plain JSON first\.$/,
    );
  });
});

describe('what not every platform takes', () => {
  const toldOf = (bytes: number, mode: 'sync' | 'async', limit = 100_000_000): unknown[] => {
    const told: unknown[] = [];
    checkPayload('x'.repeat(bytes - 2), mode, limited(limit), 'orders', (size, portable) =>
      told.push([size, portable]),
    );
    return told;
  };

  it.each([
    ['sync', PORTABLE_PAYLOAD_BYTES.sync],
    ['async', PORTABLE_PAYLOAD_BYTES.async],
  ] as const)('is told for %s, from one byte over the floor', (mode, floor) => {
    expect(toldOf(floor, mode)).toEqual([]);
    expect(toldOf(floor + 1, mode)).toEqual([[floor + 1, floor]]);
  });

  it('is not told where the platform refuses it anyway', () => {
    const told: unknown[] = [];
    expect(() =>
      checkPayload('x'.repeat(60_000), 'async', limited(50_000), 'orders', () => told.push(1)),
    ).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
    expect(told).toEqual([]);
  });
});

describe('other arguments', () => {
  it.each(['', '9lives', 'a b', 'ä', 'x'.repeat(41), '../etc'])('refuse the name %j', (name) => {
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it.each(['', 'a b', 'x'.repeat(129), 'x\n'])('refuse the request id %j', (id) => {
    expect(() => checkRequestId(id)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it.each(['', '00-0-0-0', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`])(
    'refuse the traceparent %j',
    (traceparent) => {
      expect(() => checkTraceparent(traceparent)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    },
  );

  it.each([0, -1, 1.5, Number.NaN, 1001])('refuse %d instances', (instances) => {
    expect(() => checkInteger('instances', instances, 1, 1000)).toThrow(/instances: .* 1 to 1000/);
  });

  it.each([
    [` 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01 `, '01'],
    [`01-${'a'.repeat(32)}-${'b'.repeat(16)}-03-later`, '01'],
    [`cc-${'a'.repeat(32)}-${'b'.repeat(16)}-00`, '00'],
  ])('bring the traceparent %j into its normal form', (traceparent, flags) => {
    expect(checkTraceparent(traceparent)).toEqual({
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags}`,
    });
  });

  it('accept what is right', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    expect([
      checkName('orders_v2'),
      checkRequestId('a-B_9'),
      checkTraceparent(traceparent),
      checkInteger('instances', 3, 1, 1000),
    ]).toEqual(['orders_v2', 'a-B_9', { traceparent }, 3]);
  });
});
