import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childTrace,
  formatTraceparent,
  parseTraceparent,
  readTraceContext,
  startTrace,
} from 'polyfaas/function';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('traceparent', () => {
  it('is read', () => {
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      sampled: true,
    });
    expect(parseTraceparent(` 00-${TRACE}-${SPAN}-00 `)?.sampled).toBe(false);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-03`)?.sampled).toBe(true);
  });

  it('of a later version is read as far as we know it', () => {
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-01-more`)?.traceId).toBe(TRACE);
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-01`)?.traceId).toBe(TRACE);
  });

  it.each([
    ['empty', ''],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['a trace id of zeroes', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeroes', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['more fields in version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['a later version that runs on', `01-${TRACE}-${SPAN}-01more`],
    ['two of them', `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
  ])('is refused: %s', (_name, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
    expect(readTraceContext(text, 'a=b')).toBeUndefined();
  });

  it('survives a round trip', () => {
    fc.assert(
      fc.property(fc.boolean(), (sampled) => {
        const { traceparent } = startTrace(sampled);
        const parsed = parseTraceparent(traceparent);
        expect(parsed?.sampled).toBe(sampled);
        expect(parsed && formatTraceparent(parsed)).toBe(traceparent);
      }),
    );
  });

  it('of a child keeps the trace and gets a new span', () => {
    const parent = { traceparent: `00-${TRACE}-${SPAN}-00`, tracestate: 'vendor=1' };
    const ids = new Set(Array.from({ length: 500 }, () => childTrace(parent).traceparent));
    expect(ids.size).toBe(500);
    for (const id of ids) {
      expect(parseTraceparent(id)).toMatchObject({ traceId: TRACE, sampled: false });
    }
    expect(childTrace(parent).tracestate).toBe('vendor=1');
  });

  it('begins anew without a sound parent', () => {
    expect(parseTraceparent(childTrace(undefined).traceparent)?.sampled).toBe(true);
    expect(parseTraceparent(childTrace({ traceparent: 'nonsense' }).traceparent)).toBeDefined();
  });

  it('keeps a tracestate that is no longer than it may be', () => {
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    expect(readTraceContext(traceparent, 'a=b')).toEqual({ traceparent, tracestate: 'a=b' });
    expect(readTraceContext(traceparent, 'a'.repeat(600))).toEqual({ traceparent });
    expect(readTraceContext(traceparent, null)).toEqual({ traceparent });
    expect(readTraceContext(null)).toBeUndefined();
  });
});
