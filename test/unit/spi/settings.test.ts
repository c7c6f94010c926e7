/** What is said of an adapter's own settings: by the SPI, and in the words of every adapter. */
import fc from 'fast-check';
import { checkSettings } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  functionSchema as awsFunction,
  platformSchema as aws,
} from '../../../providers/aws/options/schema.ts';
import {
  functionSchema as azureFunction,
  platformSchema as azure,
} from '../../../providers/azure/options/schema.ts';
import {
  functionSchema as gcpFunction,
  platformSchema as gcp,
} from '../../../providers/gcp/options/schema.ts';
import {
  functionSchema as vercelFunction,
  platformSchema as vercel,
} from '../../../providers/vercel/options/schema.ts';

const PATH = ['providerOptions', 'some'];

/** The lines of what is wrong, without the path to all of them. */
function linesOf(schema: z.ZodType<object>, given: unknown): readonly string[] {
  return checkSettings(schema, given, PATH).issues.map(({ path, message }) =>
    `${path}: ${message}`.replace(/^providerOptions\.some\.?/, ''),
  );
}

describe('what the SPI says of settings', () => {
  const schema = z.strictObject({
    count: z.int().min(1).max(10_000).optional(),
    atLeast: z.int().min(2).optional(),
    share: z.number().max(0.9).optional(),
    mode: z.enum(['fast', 'slow']).optional(),
    only: z.literal('beta').optional(),
    address: z.url().optional(),
    names: z.array(z.string().max(3)).min(1).max(2).optional(),
    pair: z.array(z.string()).min(2).optional(),
    label: z.string().min(3).optional(),
    nested: z.strictObject({ deep: z.boolean() }).optional(),
    named: z.partialRecord(z.enum(['one', 'two']), z.string()).optional(),
    own: z.string().regex(/^sub-/, 'an id that begins with "sub-"').optional(),
    even: z
      .int()
      .refine((value) => value % 2 === 0, 'must be even.')
      .optional(),
    either: z.union([z.boolean(), z.number()]).optional(),
    checked: z.custom<number>((value) => value === 1).optional(),
    token: z.string().min(8).optional(),
  });

  it.each<readonly [unknown, readonly string[]]>([
    [{ count: 0 }, ['count: 0 is not allowed. Give a whole number from 1 to 10,000.']],
    [{ count: 1.5 }, ['count: 1.5 is not allowed. Give a whole number from 1 to 10,000.']],
    [{ count: '7' }, ['count: "7" is not allowed. Give a whole number from 1 to 10,000.']],
    [{ atLeast: 1 }, ['atLeast: 1 is not allowed. Give a whole number, 2 or more.']],
    [{ share: 1 }, ['share: 1 is not allowed. Give a number, 0.9 or less.']],
    [
      { mode: 'fats' },
      ['mode: "fats" is not allowed. Give one of "fast", "slow". Did you mean "fast"?'],
    ],
    [{ only: 'alpha' }, ['only: "alpha" is not allowed. Give "beta", or leave it out.']],
    [
      { address: 'here' },
      ['address: "here" is not allowed. Give a URL, such as "https://example.com".'],
    ],
    [
      { names: ['cdef'] },
      ['names[0]: "cdef" is not allowed. Give a text of at most 3 characters.'],
    ],
    [{ names: [] }, ['names: an empty list is not allowed. Give a list that is not empty.']],
    [
      { names: ['a', 'b', 'cdef'] },
      ['names: a list is not allowed. Give a list of at most 2 entries.'],
    ],
    [{ pair: ['a'] }, ['pair: a list is not allowed. Give a list of 2 or more entries.']],
    [{ label: 'ab' }, ['label: "ab" is not allowed. Give a text of 3 or more characters.']],
    [{ nested: {} }, ['nested.deep: is missing. Give true or false.']],
    [
      { nested: { deep: true, deeper: 1 } },
      ['nested.deeper: unknown field. Did you mean "deep"? Rename or remove it.'],
    ],
    [
      { nested: { deep: true, x: 1 } },
      ['nested.x: unknown field. Remove it. Known fields of providerOptions.some.nested: deep.'],
    ],
    [
      { named: { too: 'x' } },
      ['named.too: unknown field. Did you mean "two"? Rename or remove it.'],
    ],
    [{ own: 'x' }, ['own: "x" is not allowed. Give an id that begins with "sub-".']],
    [{ either: 'x' }, ['either: "x" is not allowed. Give a value of another form.']],
    [{ checked: 2 }, ['checked: 2 is not allowed.']],
    [{ even: 3 }, ['even: 3 must be even.']],
    [
      { token: 'short' },
      ['token: the value (hidden) is not allowed. Give a text of 8 or more characters.'],
    ],
    [[], [': an empty list is not allowed. Give an object.']],
    [5, [': 5 is not allowed. Give an object.']],
    [undefined, []],
  ])('of %j', (given, lines) => {
    expect(linesOf(schema, given)).toStrictEqual(lines);
  });
});

const SCHEMAS = {
  aws,
  'aws, one function': awsFunction,
  azure,
  'azure, one function': azureFunction,
  gcp,
  'gcp, one function': gcpFunction,
  vercel,
  'vercel, one function': vercelFunction,
};

/** What is wrong with a value, and what is allowed or what to do; not the words of the validator. */
const SENTENCE =
  /^(?:.+ is not allowed\. Give .+|is missing\. Give .+|unknown field\. .+|.*\b(?:must|cannot|gives|names|has|is) .+)\.(?: Did you mean .+\?)?$/s;
const VALIDATOR = /Invalid|Too (?:small|big)|Unrecognized|expected|received/;

describe.each(Object.entries(SCHEMAS))('the settings of %s', (_name, settings) => {
  const schema: z.ZodType<object> = settings;
  const keys = Object.keys(settings.shape);

  it('are refused in sentences, whatever is given', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...keys, 'further'), value, (key, given) => {
        const { issues } = checkSettings(schema, { [key]: given }, PATH);
        for (const { message } of issues) {
          expect(message).toMatch(SENTENCE);
          expect(message).not.toMatch(VALIDATOR);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tell a misspelt name the one that was meant', () => {
    for (const key of keys.filter(({ length }) => length > 4)) {
      const misspelt = `${key.slice(0, 2)}${key.slice(3)}`;
      expect(linesOf(schema, { [misspelt]: null })).toStrictEqual([
        `${misspelt}: unknown field. Did you mean "${key}"? Rename or remove it.`,
      ]);
    }
  });
});

describe('secrets in settings of the wrong form', () => {
  it.each<readonly [string, z.ZodType<object>, unknown]>([
    ['aws', aws, { credentials: { accessKeyId: 7, secretAccessKey: ['hunter2'] } }],
    ['aws', aws, { credentials: 'hunter2' }],
    ['azure', azure, { credential: 'hunter2' }],
    ['azure', azure, { applicationInsights: { connectionString: 'hunter2' } }],
    ['azure', azure, { appSettings: { 'not a name': 'hunter2' } }],
    ['azure', azure, { appSettings: 'hunter2' }],
    ['gcp', gcp, { auth: 'hunter2' }],
    ['vercel', vercel, { token: 'hunter2 hunter2' }],
  ])('of %s are not shown', (_name, schema, given) => {
    const lines = linesOf(schema, given);
    expect(lines).not.toStrictEqual([]);
    expect(lines.join('\n')).not.toContain('hunter2');
  });
});
