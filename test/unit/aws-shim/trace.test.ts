import { describe, expect, it } from 'vitest';
import { fromXRay, toXRay } from '../../../providers/aws/trace.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const HEADER = 'Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1';

describe('a trace context', () => {
  it('is spelled in both ways', () => {
    expect(toXRay(TRACEPARENT)).toBe(HEADER);
    expect(fromXRay(HEADER)).toEqual({ traceparent: TRACEPARENT });
  });

  it('that is not sampled stays so', () => {
    expect(toXRay(TRACEPARENT.replace(/01$/, '00'))).toBe(HEADER.replace(/1$/, '0'));
    expect(fromXRay('Self=1-a-b;Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Sampled=0')).toEqual({
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-a3ce929d0e0e4736-00',
    });
  });

  it.each([undefined, '', 'Root=1-short-x', 'Parent=00f067aa0ba902b7'])(
    'is nothing without a usable root: %s',
    (header) => {
      expect(fromXRay(header)).toBeUndefined();
    },
  );

  it('is nothing where the traceparent is none', () => {
    expect(toXRay('00-zz')).toBeUndefined();
  });
});
