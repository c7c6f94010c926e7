import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, sorted, type DigestParts } from '../../../src/package/digest.ts';

const input = fc.record({
  name: fc.string({ minLength: 1 }),
  mode: fc.constantFrom(0o644, 0o755),
  hash: fc.string(),
});
const parts: fc.Arbitrary<DigestParts> = fc.record({
  form: fc.constantFrom('code', 'prebuilt', 'image'),
  settings: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.constant(null))),
  tools: fc.dictionary(fc.string(), fc.string()),
  inputs: fc.uniqueArray(input, { selector: ({ name }) => name, minLength: 1, maxLength: 8 }),
});

describe('a digest', () => {
  it('is 40 hex characters and does not depend on any order', () => {
    fc.assert(
      fc.property(parts, (value) => {
        const digest = digestOf(value);
        expect(digest).toMatch(/^[0-9a-f]{40}$/);
        expect(digestOf({ ...value, inputs: [...value.inputs].reverse() })).toBe(digest);
        expect(
          digestOf({ ...value, tools: Object.fromEntries(Object.entries(value.tools).reverse()) }),
        ).toBe(digest);
      }),
    );
  });

  it('changes with every part', () => {
    fc.assert(
      fc.property(parts, (value) => {
        const [first = { name: '', hash: '' }, ...rest] = value.inputs;
        const others: DigestParts[] = [
          { ...value, inputs: rest },
          { ...value, inputs: [{ ...first, name: `${first.name}x` }, ...rest] },
          { ...value, inputs: [{ ...first, hash: `${first.hash}x` }, ...rest] },
          { ...value, inputs: [{ ...first, mode: first.mode === 0o755 ? 0o644 : 0o755 }, ...rest] },
          { ...value, settings: [value.settings] },
          { ...value, tools: { ...value.tools, another: '1' } },
          { ...value, form: value.form === 'code' ? 'image' : 'code' },
        ];
        const digests = [value, ...others].map(digestOf);
        expect(new Set(digests).size).toBe(digests.length);
      }),
    );
  });

  it('is not moved by where one name ends and the next begins', () => {
    const base = { form: 'code', settings: null, tools: {} } as const;
    const one = digestOf({ ...base, inputs: [{ name: 'a"],["b', hash: 'c' }] });
    const two = digestOf({
      ...base,
      inputs: [
        { name: 'a', hash: '' },
        { name: 'b', hash: 'c' },
      ],
    });
    expect(one).not.toBe(two);
  });

  it('stays what it is for stored artifacts', () => {
    // A change here makes every function look changed: raise the format on purpose, or not at all.
    expect(
      digestOf({
        form: 'code',
        settings: { b: 1, a: [true, null] },
        tools: { esbuild: '0.28.2' },
        inputs: [{ name: 'a.ts', hash: 'h' }],
      }),
    ).toMatchInlineSnapshot(`"0405b6d48858f20e986d7681ad1088be974fcfd5"`);
  });
});

describe('sorted', () => {
  it('orders keys at every depth and keeps lists', () => {
    expect(JSON.stringify(sorted({ b: [{ d: 1, c: 2 }], a: null }))).toBe(
      '{"a":null,"b":[{"c":2,"d":1}]}',
    );
  });
});
