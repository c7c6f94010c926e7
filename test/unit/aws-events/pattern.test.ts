import { describe, expect, it } from 'vitest';
import { eventPattern } from '../../../providers/aws/events/bus/pattern.ts';

describe('patterns of bus events', () => {
  it.each([
    [{}, { source: [{ prefix: '' }] }],
    [{ data: {} }, { source: [{ prefix: '' }] }],
    [{ data: { a: { b: {} } } }, { source: [{ prefix: '' }] }],
    [
      { source: ['orders'], type: [{ prefix: 'Order' }] },
      { source: ['orders'], 'detail-type': [{ prefix: 'Order' }] },
    ],
    [
      { data: { order: { state: ['paid'], empty: {} } } },
      { detail: { order: { state: ['paid'] } } },
    ],
  ])('%j becomes %j', (pattern, expected) => {
    expect(JSON.parse(eventPattern(pattern))).toEqual(expected);
  });
});
