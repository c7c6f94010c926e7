import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** As a caller without types calls. */
const load = (...values: readonly unknown[]): Promise<unknown> =>
  Promise.resolve(Reflect.apply(loadConfig, undefined, values));

describe('the arguments of loadConfig', () => {
  it.each([
    [null, 'options: null is not an object.'],
    [
      'polyfaas.config.ts',
      `options: "polyfaas.config.ts" is not an object. Write loadConfig({ file: "polyfaas.config.ts" }).`,
    ],
    [['a'], 'options: a list is not an object.'],
    [{ file: 5 }, 'file: 5 is not a string.'],
    [{ file: null }, 'file: null is not a string.'],
    [{ cwd: 5 }, 'cwd: 5 is not a string.'],
    [{ stage: ['prod'] }, 'stage: a list is not a string.'],
    [{ env: 'A=1' }, 'env: the value (hidden) is not an object of strings.'],
    [{ env: { A: 5 } }, 'env: the value (hidden) of "A" is not a string.'],
    [{ stge: 'prod' }, 'stge: unknown field. Did you mean "stage"? Rename or remove it.'],
    [{ verbose: true }, 'Known fields of the options of loadConfig: cwd, file, stage, env.'],
    [{ env: null }, 'env: the value (hidden) is not an object of strings.'],
  ])('are checked: %j', async (options, message) => {
    const loading = load(options);
    await expect(loading).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(loading).rejects.toThrow(message);
  });

  it('may be left out, each of them', async () => {
    const cwd = temporaryFolder({ 'polyfaas.config.json': '{"app":"shop"}' });
    for (const rest of [{}, { file: undefined, stage: undefined, env: undefined }]) {
      expect(await load({ cwd, ...rest })).toMatchObject({ config: { app: 'shop' } });
    }
  });
});

describe('a default export that is a promise', () => {
  it('is waited for', async () => {
    const cwd = temporaryFolder({
      'polyfaas.config.mjs': "export default (async () => ({ app: 'shop' }))()",
    });
    expect((await loadConfig({ cwd })).config.app).toBe('shop');
  });

  it.each([
    ["export default (async () => { throw new Error('boom') })()", '(Error: boom)'],
    [
      "const late = (async () => { await null; throw new Error('boom') })();\nexport default late",
      '(Error: boom)',
    ],
    ["export default { then() { throw new Error('boom') } }", '(Error: boom)'],
    ['export default async () => { throw undefined }', '(no error was given)'],
  ])('is an error of the file when it is rejected: %j', async (text, message) => {
    const cwd = temporaryFolder({ 'polyfaas.config.mjs': text });
    const loading = loadConfig({ cwd });
    await expect(loading).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(loading).rejects.toThrow(`${join(cwd, 'polyfaas.config.mjs')}:`);
    await expect(loading).rejects.toThrow(': its default export');
    await expect(loading).rejects.toThrow(message);
  });
});
