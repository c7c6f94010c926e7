import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BusPattern, JsonObject, JsonValue } from 'polyfaas/spi';
import {
  advancedFilters,
  type AdvancedFilter,
} from '../../../providers/azure/events/bus/advanced-filters.ts';
import { sqlFilter } from '../../../providers/azure/events/topic/sql-filter.ts';
import { matchPattern, type MatchedEvent } from 'polyfaas/function';

/** What Event Grid lets through, as its documentation tells. */
function passes(filter: AdvancedFilter, event: MatchedEvent): boolean {
  const value = lookUp(filter.key.split('.'), { ...event });
  const all = Array.isArray(value) ? value : [value];
  const texts = all.filter((one) => typeof one === 'string').map((one) => one.toLowerCase());
  const numbers = all.filter((one) => typeof one === 'number');
  const wanted = (filter.values ?? []).map((one) => String(one).toLowerCase());
  const bound = Number(filter.value);
  switch (filter.operatorType) {
    case 'StringIn':
      return texts.some((text) => wanted.includes(text));
    case 'StringBeginsWith':
      return texts.some((text) => wanted.some((one) => text.startsWith(one)));
    case 'StringEndsWith':
      return texts.some((text) => wanted.some((one) => text.endsWith(one)));
    case 'NumberIn':
      return numbers.some((one) => (filter.values ?? []).includes(one));
    case 'NumberGreaterThan':
      return numbers.some((one) => one > bound);
    case 'NumberGreaterThanOrEquals':
      return numbers.some((one) => one >= bound);
    case 'NumberLessThan':
      return numbers.some((one) => one < bound);
    case 'NumberLessThanOrEquals':
      return numbers.some((one) => one <= bound);
    case 'BoolEquals':
      break;
  }
  return all.includes(filter.value ?? null);
}

/** Keys lead through objects only. */
function lookUp(path: readonly string[], value: JsonValue | undefined): JsonValue | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const inner: JsonObject = isObject ? Object.fromEntries(Object.entries(value)) : {};
  return lookUp(rest, Object.hasOwn(inner, key) ? inner[key] : undefined);
}

const word = fc.constantFrom('us', 'US', 'eu', 'a.b', 'order', 'Order', 'x', '', 'pre', 'prefix');
const literal = fc.oneof(word, fc.integer({ min: -2, max: 3 }), fc.boolean(), fc.constant(null));
const comparison = fc.constantFrom('<', '<=', '=', '>=', '>');
const range = fc.tuple(comparison, fc.integer({ min: -2, max: 3 }));
const operator = fc.oneof(
  word.map((prefix) => ({ prefix })),
  word.map((suffix) => ({ suffix })),
  fc.boolean().map((exists) => ({ exists })),
  fc
    .array(fc.oneof(word, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 3 })
    .map((values) => ({ 'anything-but': values })),
  range.map((numeric) => ({ numeric: [...numeric] })),
  fc.tuple(range, range).map(([a, b]) => ({ numeric: [...a, ...b] })),
);
const alternatives = fc.array(fc.oneof(literal, operator), { minLength: 1, maxLength: 3 });
const sameKind = fc.oneof(
  alternatives,
  fc.array(word, { minLength: 1, maxLength: 3 }),
  operator.map((one) => [one]),
);
const key = fc.constantFrom('a', 'b', 'a.b', 'c d');
const wantedData = fc.dictionary(key, fc.oneof(sameKind, fc.dictionary(key, sameKind)));
const pattern: fc.Arbitrary<BusPattern> = fc.record(
  { source: sameKind, type: sameKind, data: wantedData },
  { requiredKeys: [] },
);
const leaf = fc.oneof(literal, fc.array(literal, { maxLength: 3 }));
const inside = fc.dictionary(
  key,
  fc.oneof(leaf, fc.dictionary(key, leaf), fc.array(fc.dictionary(key, leaf), { maxLength: 2 })),
);
const event: fc.Arbitrary<MatchedEvent> = fc.record({ source: word, type: word, data: inside });

describe('advanced filters', () => {
  it('let everything through that the pattern lets through', () => {
    let matched = 0;
    fc.assert(
      fc.property(pattern, event, (wanted, sent) => {
        if (!matchPattern(wanted, sent)) return;
        matched += 1;
        const { filters } = advancedFilters(wanted);
        for (const filter of filters)
          expect([filter, passes(filter, sent)]).toEqual([filter, true]);
      }),
      { numRuns: 5_000 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it('keep to the limits of an event subscription', () => {
    const long = fc.array(fc.string({ minLength: 1, maxLength: 600 }), {
      minLength: 1,
      maxLength: 40,
    });
    const many = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), long, { maxKeys: 40 });
    fc.assert(
      fc.property(long, many, (source, data) => {
        const { filters } = advancedFilters({ source, data });
        const values = filters.reduce((sum, one) => sum + (one.values?.length ?? 1), 0);
        expect(filters.length).toBeLessThanOrEqual(25);
        expect(values).toBeLessThanOrEqual(25);
        expect(
          filters.flatMap((one) => one.values ?? []).every((one) => String(one).length <= 512),
        ).toBe(true);
      }),
    );
  });

  it.each<[BusPattern, readonly AdvancedFilter[], boolean]>([
    [{}, [], true],
    [
      { source: ['orders', 'billing'], type: ['Paid'] },
      [
        { operatorType: 'StringIn', key: 'source', values: ['orders', 'billing'] },
        { operatorType: 'StringIn', key: 'type', values: ['Paid'] },
      ],
      true,
    ],
    [
      {
        type: [{ prefix: 'Order' }],
        data: { file: [{ suffix: '.png' }], deleted: [{ exists: false }] },
      },
      [
        { operatorType: 'StringBeginsWith', key: 'type', values: ['Order'] },
        { operatorType: 'StringEndsWith', key: 'data.file', values: ['.png'] },
      ],
      false,
    ],
    [
      { data: { total: [{ numeric: ['>', 100, '<=', 500] }], paid: [true], size: [1, 2] } },
      [
        { operatorType: 'NumberGreaterThan', key: 'data.total', value: 100 },
        { operatorType: 'NumberLessThanOrEquals', key: 'data.total', value: 500 },
        { operatorType: 'BoolEquals', key: 'data.paid', value: true },
        { operatorType: 'NumberIn', key: 'data.size', values: [1, 2] },
      ],
      true,
    ],
    [{ data: { region: [{ 'anything-but': ['us'] }] } }, [], false],
    [{ data: { order: { state: ['paid'] } } }, [], false],
    [{ data: { 'a.b': ['x'] } }, [], false],
    [{ type: ['A', { prefix: 'B' }] }, [], false],
  ])('of %j are %j', (wanted, filters, isWhole) => {
    expect(advancedFilters(wanted)).toEqual({ filters, isWhole });
  });
});

/** Reads a filter back, as the SQL of Service Bus does it. */
function readSql(sql: string): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  const condition = /user\.\[((?:[^\]]|\]\])*)\] IN \(((?:'(?:[^']|'')*',?)+)\)( AND |$)/gy;
  let end = 0;
  for (const [whole, name = '', list = ''] of sql.matchAll(condition)) {
    const texts = [...list.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = '']) =>
      text.replaceAll("''", "'"),
    );
    found[name.replaceAll(']]', ']')] = texts;
    end += whole.length;
  }
  if (end !== sql.length) throw new Error(`cannot be read: ${sql}`);
  return found;
}

describe('filters of topics', () => {
  const value = fc.string({
    unit: fc.constantFrom("'", ']', '[', ',', ')', ' ', 'a', '"', ';', '-'),
  });

  it('say what they were given, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(value, fc.array(value, { minLength: 1, maxLength: 3 }), {
          minKeys: 1,
          maxKeys: 3,
          noNullPrototype: true,
        }),
        (filter) => {
          expect(readSql(sqlFilter(filter))).toEqual(filter);
        },
      ),
    );
  });

  it.each([
    [undefined, '1=1'],
    [{}, '1=1'],
    [{ a: [] }, '1=0'],
    [
      { level: ['high'], tenant: ['blue', "o'neill"] },
      "user.[level] IN ('high') AND user.[tenant] IN ('blue','o''neill')",
    ],
  ])('of %j are %s', (filter, sql) => {
    expect(sqlFilter(filter)).toBe(sql);
  });
});
