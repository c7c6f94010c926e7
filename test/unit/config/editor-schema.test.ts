import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { anyFunction } from '../spec/arbitraries.ts';
import { problems } from '../spec/problems.ts';
import { temporaryFolder } from './temporary-folder.ts';

const schema: object = JSON.parse(
  readFileSync(new URL('../../../etc/config.schema.json', import.meta.url), 'utf8'),
);
// Strict: a word that no editor knows would be one that checks nothing.
const accepts = new Ajv({ strictSchema: true }).compile(schema);

const refusalsOf = (config: unknown): readonly unknown[] => {
  accepts(config);
  return accepts.errors ?? [];
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the schema for editors', () => {
  it('accepts whatever is valid', () => {
    fc.assert(
      fc.property(anyFunction, (spec) => {
        const config = plain({
          $schema: 'node_modules/polyfaas/etc/config.schema.json',
          app: 'shop',
          region: { aws: 'eu-west-1' },
          functions: { orders: spec },
          environments: { production: { functions: { orders: { memoryMb: 512 } } } },
          providerOptions: { aws: { anything: 1 } },
        });
        expect(refusalsOf(config)).toEqual([]);
      }),
    );
  });

  const orders = { entry: './orders.ts' };
  it.each([
    ['an unknown field', { function: {} }],
    ['an unknown field of a function', { functions: { orders: { ...orders, memory: 1 } } }],
    ['a value out of its range', { functions: { orders: { ...orders, memoryMb: 63 } } }],
    ['a text for a number', { functions: { orders: { ...orders, timeoutSeconds: '30' } } }],
    ['no code', { functions: { orders: { memoryMb: 128 } } }],
    ['code at two places', { functions: { orders: { ...orders, source: 'export {}' } } }],
    ['no queue', { functions: { orders: { ...orders, events: [{ type: 'queue' }] } } }],
    ['no such event', { functions: { orders: { ...orders, events: [{ type: 'timer' }] } } }],
    [
      'an unknown method',
      { functions: { orders: { ...orders, events: [{ type: 'http', method: 'get' }] } } },
    ],
    ['a number in the environment', { functions: { orders: { ...orders, env: { PORT: 1 } } } }],
    ['a nested overlay', { environments: { production: { environments: {} } } }],
    ['one target', { targets: ['aws'] }],
  ])('refuses what loadConfig refuses: %s', (_what, config) => {
    expect(problems(config)).not.toEqual({});
    expect(accepts(config)).toBe(false);
  });

  it('leaves rules of names and times to loadConfig', () => {
    const config = {
      functions: { orders: { ...orders, events: [{ type: 'schedule', cron: '61 * * * *' }] } },
    };
    expect(problems(config)).not.toEqual({});
    expect(accepts(config)).toBe(true);
  });
});

describe('$schema', () => {
  const files = (text: string, name: string) => ({ cwd: temporaryFolder({ [name]: text }) });

  it.each([
    ['polyfaas.config.json', '{"$schema":"./config.schema.json","app":"shop"}'],
    ['polyfaas.config.yaml', '$schema: ./config.schema.json\napp: shop\n'],
  ])('is for editors, in %s', async (name, text) => {
    const { config } = await loadConfig(files(text, name));
    expect(config).toMatchObject({ app: 'shop' });
    expect(config).not.toHaveProperty('$schema');
  });

  it.each([
    ['polyfaas.config.json', '{"$schema":7}'],
    ['polyfaas.config.json', '{"functions":{"$schema":"./config.schema.json"}}'],
    ['polyfaas.config.mjs', 'export default { $schema: "./config.schema.json" }'],
  ])('is an unknown field elsewhere: %s with %s', async (name, text) => {
    await expect(loadConfig(files(text, name))).rejects.toThrow('$schema');
  });
});
