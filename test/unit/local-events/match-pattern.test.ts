import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPattern, matchPattern } from '../../../providers/local/events/index.ts';
import type { JsonObject, JsonValue } from '../../../src/spi/index.ts';
import { compilePattern } from '../../fakes/aws/events/pattern.ts';

type Pattern = Parameters<typeof checkPattern>[0];

const event = {
  source: 'shop.orders',
  type: 'Paid',
  data: {
    total: 120,
    currency: 'EUR',
    vip: true,
    coupon: null,
    tags: ['gift', 'express'],
    empty: [],
    address: { country: 'DE', lines: ['a', 'b'] },
    items: [
      { sku: 'A-1', count: 1 },
      { sku: 'B-2', count: 5 },
    ],
  },
} satisfies { source: string; type: string; data: JsonObject };

const data = (fields: JsonObject): Pattern => ({ data: fields });

describe('matchPattern', () => {
  it.each<[string, Pattern, boolean]>([
    ['nothing asked', {}, true],
    ['source', { source: ['shop.orders'] }, true],
    ['another source', { source: ['shop'] }, false],
    ['one of several', { type: ['Sent', 'Paid'] }, true],
    ['both of two fields', { source: ['shop.orders'], type: ['Sent'] }, false],
    ['prefix', { source: [{ prefix: 'shop.' }] }, true],
    ['another prefix', { source: [{ prefix: 'orders' }] }, false],
    ['suffix', { source: [{ suffix: '.orders' }] }, true],
    ['prefix of a number', data({ total: [{ prefix: '1' }] }), false],
    ['a number', data({ total: [120] }), true],
    ['a number as text', data({ total: ['120'] }), false],
    ['true', data({ vip: [true] }), true],
    ['null', data({ coupon: [null] }), true],
    ['null for what is absent', data({ nothing: [null] }), false],
    ['any element of a list', data({ tags: ['express'] }), true],
    ['no element of a list', data({ tags: ['slow'] }), false],
    ['an empty list', data({ empty: ['x'] }), false],
    ['nested', data({ address: { country: ['DE'] } }), true],
    ['nested, wrong', data({ address: { country: ['AT'] } }), false],
    ['nested in nothing', data({ nothing: { country: ['DE'] } }), false],
    ['nested in a text', data({ currency: { length: [3] } }), false],
    ['in a list of objects', data({ items: { sku: ['B-2'] } }), true],
    ['in one and the same element', data({ items: { sku: ['A-1'], count: [5] } }), false],
    ['exists', data({ coupon: [{ exists: true }] }), true],
    ['exists, absent', data({ nothing: [{ exists: true }] }), false],
    ['exists not', data({ nothing: [{ exists: false }] }), true],
    ['exists not, present', data({ total: [{ exists: false }] }), false],
    ['exists not, deep', data({ nothing: { at: { all: [{ exists: false }] } } }), true],
    ['exists, an empty list', data({ empty: [{ exists: true }] }), false],
    ['exists not, an empty list', data({ empty: [{ exists: false }] }), true],
    ['exists, an object', data({ address: [{ exists: true }] }), false],
    ['exists not, an object', data({ address: [{ exists: false }] }), true],
    ['exists, objects in a list', data({ items: [{ exists: true }] }), false],
    ['anything-but, an object', data({ address: [{ 'anything-but': ['x'] }] }), false],
    ['anything-but, an empty list', data({ empty: [{ 'anything-but': ['x'] }] }), false],
    ['exists not, in an empty list', data({ empty: { sku: [{ exists: false }] } }), true],
    ['inherited names are absent', data({ constructor: [{ exists: true }] }), false],
    ['anything-but', data({ currency: [{ 'anything-but': ['USD', 'GBP'] }] }), true],
    ['anything-but, hit', data({ currency: [{ 'anything-but': 'EUR' }] }), false],
    ['anything-but, absent', data({ nothing: [{ 'anything-but': 'EUR' }] }), false],
    ['anything-but a prefix', data({ currency: [{ 'anything-but': { prefix: 'E' } }] }), false],
    ['anything-but, one of a list', data({ tags: [{ 'anything-but': 'gift' }] }), true],
    ['numeric', data({ total: [{ numeric: ['>', 100] }] }), true],
    ['numeric, on the bound', data({ total: [{ numeric: ['>', 120] }] }), false],
    ['numeric range', data({ total: [{ numeric: ['>=', 120, '<', 121] }] }), true],
    ['numeric, outside', data({ total: [{ numeric: ['>', 0, '<=', 5] }] }), false],
    ['numeric =', data({ total: [{ numeric: ['=', 120] }] }), true],
    ['numeric of a text', data({ currency: [{ numeric: ['>', 0] }] }), false],
    ['numeric of an element', data({ items: { count: [{ numeric: ['>', 4] }] } }), true],
    ['literal or operator', data({ total: [5, { numeric: ['>', 100] }] }), true],
    ['an unknown operator', data({ total: [{ wildcard: '*' }] }), false],
  ])('%s', (_name, pattern, expected) => {
    expect(matchPattern(pattern, event)).toBe(expected);
  });

  it('takes data that is no object', () => {
    expect(matchPattern(data({ a: ['x'] }), { ...event, data: 'text' })).toBe(false);
    expect(matchPattern(data({ a: [{ exists: false }] }), { ...event, data: null })).toBe(true);
    expect(matchPattern({ type: ['Paid'] }, { ...event, data: null })).toBe(true);
  });

  const literal = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));

  it('matches every event by the pattern of its own values', () => {
    const fields: fc.Arbitrary<Record<string, JsonValue>> = fc.dictionary(fc.string(), literal);
    fc.assert(
      fc.property(fields, (values) => {
        const pattern = data(
          Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value]])),
        );
        expect(checkPattern(pattern)).toEqual([]);
        expect(matchPattern(pattern, { ...event, data: values })).toBe(true);
      }),
    );
  });

  it('says the opposite for a literal and for anything-but that literal', () => {
    fc.assert(
      fc.property(literal, literal, (wanted, actual) => {
        const on = { ...event, data: { field: actual } };
        const straight = matchPattern(data({ field: [wanted] }), on);
        const opposite = matchPattern(data({ field: [{ 'anything-but': [wanted] }] }), on);
        expect(opposite).toBe(!straight);
      }),
    );
  });

  it('says what EventBridge says', () => {
    const key = fc.constantFrom('a', 'b');
    const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<JsonValue>('x', 'xy', '', 1, 2, true, null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 2 }),
      ),
    })).value;
    const test = fc.constantFrom<JsonValue>(
      'x',
      1,
      null,
      { exists: true },
      { exists: false },
      { prefix: 'x' },
      { suffix: 'y' },
      { 'anything-but': ['x'] },
      { numeric: ['>', 1] },
    );
    const tests = fc.array(test, { minLength: 1, maxLength: 2 });
    const deeper = fc.dictionary(key, tests, { minKeys: 1 });
    const wanted = fc.dictionary(key, fc.oneof(tests, deeper), { minKeys: 1 });
    let matched = 0;
    fc.assert(
      fc.property(wanted, fc.dictionary(key, value), (pattern, sent) => {
        const fits = matchPattern(data(pattern), { ...event, data: sent });
        if (fits) matched += 1;
        expect(fits).toBe(compilePattern(JSON.stringify(pattern))(sent));
      }),
      { numRuns: 3_000 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it('agrees with arithmetic', () => {
    const operator = fc.constantFrom('<', '<=', '=', '>=', '>');
    const number = fc.integer({ min: -5, max: 5 });
    const holds = { '<': (a: number, b: number) => a < b } as const;
    fc.assert(
      fc.property(operator, number, number, (comparison, bound, actual) => {
        const expected =
          (comparison.includes('<') && holds['<'](actual, bound)) ||
          (comparison.includes('>') && holds['<'](bound, actual)) ||
          (comparison.includes('=') && actual === bound);
        const pattern = data({ field: [{ numeric: [comparison, bound] }] });
        expect(matchPattern(pattern, { ...event, data: { field: actual } })).toBe(expected);
      }),
    );
  });

  it('never throws, whatever the pattern', () => {
    const json: fc.Arbitrary<JsonObject> = fc
      .json()
      .map((text): JsonObject => ({ anything: JSON.parse(text) }));
    fc.assert(
      fc.property(json, json, (wanted, actual) => {
        expect(typeof matchPattern(data(wanted), { ...event, data: actual })).toBe('boolean');
        expect(Array.isArray(checkPattern(data(wanted)))).toBe(true);
      }),
    );
  });
});

describe('checkPattern', () => {
  it.each<[string, string, string]>([
    ['{"detail-type":["x"]}', 'pattern.detail-type', 'is not known'],
    ['{"source":"x"}', 'pattern.source', 'must be a list'],
    ['{"source":[]}', 'pattern.source', 'must be a list of at least one value'],
    ['{"data":["x"]}', 'pattern.data', 'must be an object'],
    ['{"data":{"a":"x"}}', 'pattern.data.a', 'must be a list of values, or fields'],
    ['{"data":{"a":{"b":[["x"]]}}}', 'pattern.data.a.b[0]', 'not a list'],
    ['{"data":{"a":["x",{"wildcard":"*"}]}}', 'pattern.data.a[1]', 'unknown operator "wildcard"'],
    ['{"data":{"a":[{"toString":"*"}]}}', 'pattern.data.a[0]', 'unknown operator "toString"'],
    ['{"data":{"a":[{}]}}', 'pattern.data.a[0]', 'exactly one operator'],
    ['{"data":{"a":[{"prefix":"x","suffix":"y"}]}}', 'pattern.data.a[0]', 'exactly one operator'],
    ['{"data":{"a":[{"prefix":1}]}}', 'pattern.data.a[0]', 'takes a string'],
    ['{"data":{"a":[{"exists":"yes"}]}}', 'pattern.data.a[0]', 'takes true or false'],
    ['{"data":{"a":[{"numeric":[">"]}]}}', 'pattern.data.a[0]', 'once or twice'],
    ['{"data":{"a":[{"numeric":["~",1]}]}}', 'pattern.data.a[0]', 'once or twice'],
    ['{"data":{"a":[{"numeric":[">","1"]}]}}', 'pattern.data.a[0]', 'once or twice'],
    ['{"data":{"a":[{"anything-but":[]}]}}', 'pattern.data.a[0]', 'takes a value'],
    ['{"data":{"a":[{"anything-but":{"numeric":[]}}]}}', 'pattern.data.a[0]', 'takes a value'],
  ])('%s', (text, path, message) => {
    const pattern: Pattern = JSON.parse(text);
    expect(checkPattern(pattern)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });
});
