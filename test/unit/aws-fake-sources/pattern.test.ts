import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../fakes/aws/events/pattern.ts';

const EVENT = {
  source: 'orders',
  'detail-type': 'Order Paid',
  resources: ['arn:a', 'arn:b'],
  detail: {
    order: { state: 'paid', total: 101.5, note: null, tags: ['new', 'gift'], none: [] },
    items: [
      { kind: 'book', count: 1 },
      { kind: 'pen', count: 20 },
    ],
    ip: '10.0.0.7',
    deleted: false,
  },
};

function fits(pattern: unknown): boolean {
  return compilePattern(JSON.stringify(pattern))(EVENT);
}

describe('event patterns', () => {
  it.each([
    ['a value', { source: ['orders'] }, true],
    ['one of several values', { source: ['billing', 'orders'] }, true],
    ['another value', { source: ['billing'] }, false],
    ['fields are all needed', { source: ['orders'], 'detail-type': ['Other'] }, false],
    ['any item of an array', { resources: ['arn:b'] }, true],
    ['nested', { detail: { order: { state: ['paid'] } } }, true],
    ['a number', { detail: { order: { total: [101.5] } } }, true],
    ['a text is no number', { detail: { order: { total: ['101.5'] } } }, false],
    ['false', { detail: { deleted: [false] } }, true],
    ['null', { detail: { order: { note: [null] } } }, true],
    ['a missing field is not null', { detail: { order: { nothing: [null] } } }, false],
    ['prefix', { 'detail-type': [{ prefix: 'Order' }] }, true],
    ['prefix of another', { 'detail-type': [{ prefix: 'order' }] }, false],
    ['prefix, any case', { 'detail-type': [{ prefix: { 'equals-ignore-case': 'oRDER' } }] }, true],
    ['suffix', { 'detail-type': [{ suffix: 'Paid' }] }, true],
    ['suffix of another', { 'detail-type': [{ suffix: 'Sent' }] }, false],
    ['any case', { source: [{ 'equals-ignore-case': 'ORDERS' }] }, true],
    ['wildcard', { 'detail-type': [{ wildcard: 'Or*Pa*' }] }, true],
    ['wildcard that differs', { 'detail-type': [{ wildcard: 'Or*Sent' }] }, false],
    ['wildcard, escaped', { 'detail-type': [{ wildcard: 'Order\\*' }] }, false],
    ['numeric', { detail: { order: { total: [{ numeric: ['>', 100] }] } } }, true],
    ['numeric range', { detail: { order: { total: [{ numeric: ['>', 0, '<=', 101.5] }] } } }, true],
    ['outside', { detail: { order: { total: [{ numeric: ['>', 0, '<', 101.5] }] } } }, false],
    ['numeric equality', { detail: { order: { total: [{ numeric: ['=', 101.5] }] } } }, true],
    ['numeric of a text', { source: [{ numeric: ['>', 0] }] }, false],
    ['cidr', { detail: { ip: [{ cidr: '10.0.0.0/24' }] } }, true],
    ['another network', { detail: { ip: [{ cidr: '10.0.1.0/24' }] } }, false],
    ['exists', { detail: { order: { state: [{ exists: true }] } } }, true],
    ['exists, of a missing one', { detail: { order: { other: [{ exists: true }] } } }, false],
    ['is missing', { detail: { other: [{ exists: false }] } }, true],
    ['is missing with its parent', { detail: { other: { deep: [{ exists: false }] } } }, true],
    ['is missing, but is there', { source: [{ exists: false }] }, false],
    ['only leaves exist', { detail: { order: [{ exists: true }] } }, false],
    ['an empty array is missing', { detail: { order: { none: [{ exists: false }] } } }, true],
    ['anything but', { source: [{ 'anything-but': 'billing' }] }, true],
    ['anything but this', { source: [{ 'anything-but': ['billing', 'orders'] }] }, false],
    ['anything but, of null', { detail: { order: { note: [{ 'anything-but': 'x' }] } } }, true],
    ['anything but, missing', { detail: { other: [{ 'anything-but': 'x' }] } }, false],
    ['anything but a number', { detail: { order: { total: [{ 'anything-but': 5 }] } } }, true],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'ord' } }] }, false],
    ['anything but suffixes', { source: [{ 'anything-but': { suffix: ['x', 'y'] } }] }, true],
    [
      'anything but, any case',
      { source: [{ 'anything-but': { 'equals-ignore-case': 'ORDERS' } }] },
      false,
    ],
    ['anything but a wildcard', { source: [{ 'anything-but': { wildcard: 'o*s' } }] }, false],
    ['$or', { $or: [{ source: ['x'] }, { 'detail-type': [{ prefix: 'Order' }] }] }, true],
    ['$or without a fit', { $or: [{ source: ['x'] }, { source: ['y'] }] }, false],
    ['$or beside others', { source: ['x'], $or: [{ source: ['orders'] }, { id: ['y'] }] }, false],
    ['an object of an array', { detail: { items: { kind: ['pen'], count: [20] } } }, true],
    ['objects are not mixed', { detail: { items: { kind: ['pen'], count: [1] } } }, false],
  ])('%s', (_title, pattern, expected) => {
    expect(fits(pattern)).toBe(expected);
  });

  it.each([
    [{ source: 'orders' }, '"source" must be an object or an array'],
    [{ source: [] }, 'Empty arrays are not allowed'],
    [{ detail: {} }, 'Empty objects are not allowed'],
    [['a'], 'Filter is not an object'],
    [{ a: [{ EXISTS: true }] }, 'Unrecognized match type EXISTS'],
    [{ a: [{ exists: 'yes' }] }, 'exists match pattern must be either true or false.'],
    [{ a: [{ prefix: 1 }] }, 'prefix match pattern must be a string'],
    [{ a: [{ suffix: ['x'] }] }, 'suffix match pattern must be a string'],
    [{ a: [{ prefix: 'a', suffix: 'b' }] }, 'Only one key allowed in match expression'],
    [{ a: [{ wildcard: 'a**b' }] }, 'Consecutive wildcard characters at pos 1'],
    [{ a: [{ numeric: ['>', 0, '>', 0] }] }, 'Bad numeric range operator: >'],
    [{ a: [{ numeric: ['>', 0, '<'] }] }, 'Value of < must be numeric'],
    [{ a: [{ cidr: '10.0.0.1' }] }, "Malformed CIDR, one '/' required"],
    [{ a: [{ 'anything-but': { prefix: 123 } }] }, 'prefix/suffix match pattern must be a string'],
    [
      { a: [{ 'anything-but': [1, 'x'] }] },
      'Value of anything-but must be an array or single string/number value.',
    ],
  ])('%j is refused', (pattern, reason) => {
    expect(() => fits(pattern)).toThrow(`Event pattern is not valid. Reason: ${reason}`);
  });
});
