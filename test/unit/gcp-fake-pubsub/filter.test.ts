import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterProblem } from '../../fakes/gcp/pubsub/filter/lexer.ts';
import { parseFilter } from '../../fakes/gcp/pubsub/filter/parse.ts';

const MESSAGE = { name: 'com', lang: 'en-GB', 'ce-type': 'orders.paid', 'iana.org/tag': 'x' };

describe('filters of Pub/Sub', () => {
  it.each([
    ['attributes.name = "com"', true],
    ['attributes.name="COM"', false],
    ['attributes.name != "com"', false],
    ['attributes.name != "org"', true],
    ['attributes.missing != "org"', true],
    ['attributes.missing = "org"', false],
    ['attributes:name', true],
    ['attributes:missing', false],
    ['NOT attributes:missing', true],
    ['-attributes:name', false],
    ['attributes:"iana.org/tag"', true],
    ['attributes."ce-type" = "orders.paid"', true],
    ['attributes.ce-type = "orders.paid"', true],
    ['hasPrefix(attributes.lang, "en")', true],
    ['hasPrefix(attributes.missing, "")', false],
    ['NOT hasPrefix(attributes."ce-type", "orders.")', false],
    ['attributes:name AND attributes:lang AND attributes.name = "com"', true],
    ['attributes:missing OR attributes:lang', true],
    ['attributes:missing OR (attributes:lang AND attributes.name = "com")', true],
    ['(attributes:missing OR attributes:lang) AND NOT (attributes:name)', false],
    ['attributes:name\n  AND\tattributes:lang', true],
  ])('%s', (filter, gets) => {
    expect(parseFilter(filter)(MESSAGE)).toBe(gets);
  });

  it('reads escapes in string literals', () => {
    const filter = parseFilter('attributes.a = "say \\"hi\\" \\\\ \\u00fc \\x41 \\101\\n"');
    expect(filter({ a: 'say "hi" \\ ü A A\n' })).toBe(true);
  });

  it.each([
    ['', /unexpected end/],
    ['attributes', /unexpected end/],
    ['attributes.name', /unexpected end/],
    ['attributes.name = com', /unexpected 'com' at position 18/],
    ['attributes.name == "com"', /unexpected '=' at position 17/],
    ['attributes.name < "com"', /unexpected character '<'/],
    ['data.name = "com"', /unexpected 'data'/],
    ['attributes:name and attributes:lang', /unexpected 'and'/],
    ['attributes:a AND attributes:b OR attributes:c', /without parentheses/],
    ['(attributes:a', /unexpected end/],
    ['attributes:a attributes:b', /unexpected 'attributes'/],
    ['attributes.a = "open', /unterminated string/],
    ['attributes.a = "\\q"', /unknown escape sequence/],
    ['hasPrefix(attributes:a, "x")', /unexpected ':'/],
    ['NOT NOT attributes:a', /unexpected 'NOT'/],
    ['attributes."a.b"."c" = "x"', /unexpected '\.'/],
  ])('refuses %s', (filter, why) => {
    expect(() => parseFilter(filter)).toThrow(FilterProblem);
    expect(() => parseFilter(filter)).toThrow(why);
  });

  it('compares any value as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (value, other) => {
        const literal = `"${value.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
        const filter = parseFilter(`attributes.a = ${literal}`);
        expect(filter({ a: value })).toBe(true);
        expect(filter({ a: other })).toBe(other === value);
        expect(parseFilter(`NOT attributes.a = ${literal}`)({ a: value })).toBe(false);
      }),
    );
  });
});
