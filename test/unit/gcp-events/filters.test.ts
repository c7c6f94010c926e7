import fc from 'fast-check';
import { matchPattern, type JsonValue } from 'polyfaas/function';
import type { BusPattern } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { busFilter } from '../../../providers/gcp/events/bus/filter.ts';
import { fitsWhole, topicFilter } from '../../../providers/gcp/events/topic/filter.ts';
import { busEvent } from '../../../providers/gcp/shim/normal/bus.ts';
import { parseFilter } from '../../fakes/gcp/pubsub/filter/parse.ts';

type Attributes = Readonly<Record<string, string>>;

/** As Pub/Sub reads it. */
function passes(filter: string, attributes: Attributes): boolean {
  return filter === '' || parseFilter(filter)(attributes);
}

function fits(filter: Attributes | Readonly<Record<string, readonly string[]>>, has: Attributes) {
  return Object.entries(filter).every(([key, values]) => values.includes(has[key] ?? '\u0000'));
}

const KEY = fc.oneof(
  fc.constantFrom(
    'tenant',
    'level',
    'a-b',
    'AND',
    'hasPrefix',
    'größe',
    'a.b',
    'x"y',
    'back\\slash',
  ),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const VALUE = fc.oneof(
  fc.constantFrom('', 'blue', 'red', '"', '\\', '\n', '\u0007', "it's", '𝄞', 'a"b\\c'),
  fc.string({ maxLength: 40 }),
);

describe('filters of topics', () => {
  it('are written as Pub/Sub reads them', () => {
    expect(topicFilter({})).toBe('');
    expect(topicFilter({ level: ['high'], tenant: ['blue', 'green'] })).toBe(
      'attributes.level = "high" AND (attributes.tenant = "blue" OR attributes.tenant = "green")',
    );
    expect(topicFilter({ 'a.b': ['x"y'] })).toBe('attributes."a.b" = "x\\"y"');
  });

  it('let through what is wanted, and nothing else where they are whole', () => {
    fc.assert(
      fc.property(
        fc.dictionary(KEY, fc.uniqueArray(VALUE, { minLength: 1, maxLength: 4 }), { maxKeys: 4 }),
        fc.dictionary(KEY, VALUE, { maxKeys: 5 }),
        fc.context(),
        (filter, others, context) => {
          const text = topicFilter(filter);
          context.log(text);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256);
          const wanted = Object.fromEntries(
            Object.entries(filter).map(([key, values]) => [key, values.at(-1) ?? '']),
          );
          expect(passes(text, { ...others, ...wanted })).toBe(true);
          if (fits(filter, others)) expect(passes(text, others)).toBe(true);
          else if (fitsWhole(filter)) expect(passes(text, others)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leave out what does not fit, and say so', () => {
    const values = Array.from({ length: 20 }, (_, index) => `value-number-${index}`);
    expect(topicFilter({ a: ['1'], b: values, c: ['2'] })).toBe(
      'attributes.a = "1" AND attributes.c = "2"',
    );
    expect(fitsWhole({ a: ['1'], b: values })).toBe(false);
    expect(fitsWhole({ a: ['1'] })).toBe(true);
  });
});

const TEXT = fc.oneof(fc.constantFrom('', 'Order', 'OrderPaid', 'shop', 'a"b'), VALUE);
const MATCHER: fc.Arbitrary<JsonValue> = fc.oneof(
  TEXT,
  TEXT.map((prefix) => ({ prefix })),
  TEXT.map((suffix) => ({ suffix })),
  TEXT.map((one) => ({ 'anything-but': [one] })),
  fc.boolean().map((exists) => ({ exists })),
  fc.constantFrom<JsonValue>(null, 7, true, { numeric: ['>', 1] }),
);
const MATCHERS = fc.array(MATCHER, { minLength: 1, maxLength: 4 });
const PATTERN: fc.Arbitrary<BusPattern> = fc.record(
  { source: MATCHERS, type: MATCHERS },
  { requiredKeys: [] },
);

describe('filters of buses', () => {
  it('are written as Pub/Sub reads them', () => {
    expect(busFilter({}, 'shop')).toBe('');
    expect(busFilter({ source: ['orders', 'billing'], type: ['Paid'] }, 'shop')).toBe(
      '(attributes."ce-type" = "Paid" OR NOT attributes:"ce-type") AND (attributes."ce-source" = "orders" OR attributes."ce-source" = "billing" OR NOT attributes:"ce-source")',
    );
    expect(busFilter({ type: [{ prefix: 'Order' }] }, 'shop')).toBe(
      '(hasPrefix(attributes."ce-type", "Order") OR NOT attributes:"ce-type")',
    );
    // What has no words there is looked at by the code inside.
    expect(busFilter({ type: ['Paid', { suffix: 'x' }], source: ['a'] }, 'shop')).toBe(
      '(attributes."ce-source" = "a" OR NOT attributes:"ce-source")',
    );
    // A message without a source has that of the bus.
    expect(busFilter({ source: ['shop'] }, 'shop')).toBe(
      '(attributes."ce-source" = "shop" OR attributes."ce-source" = "" OR NOT attributes:"ce-source")',
    );
  });

  it('let through events in structured mode, whose source and type no filter sees', () => {
    const attributes = { 'content-type': 'application/cloudevents+json' };
    expect(passes(busFilter({ type: ['Paid'], source: ['a'] }, 'shop'), attributes)).toBe(true);
  });

  it('let through whatever the pattern matches', () => {
    fc.assert(
      fc.property(
        PATTERN,
        fc.record({ 'ce-source': TEXT, 'ce-type': TEXT }, { requiredKeys: [] }),
        fc.context(),
        (pattern, sent, context) => {
          const attributes: Attributes = Object.fromEntries(Object.entries(sent));
          const filter = busFilter(pattern, 'shop');
          context.log(filter);
          expect(Buffer.byteLength(filter)).toBeLessThanOrEqual(256);
          const event = busEvent(
            {
              id: '1',
              bytes: Buffer.alloc(0),
              data: null,
              attributes,
              allAttributes: attributes,
              group: undefined,
              sentAt: '2026-11-21T00:00:00Z',
              attempt: 1,
              isCounted: true,
              trace: undefined,
            },
            'shop',
          );
          if (matchPattern(pattern, event)) expect(passes(filter, attributes)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
