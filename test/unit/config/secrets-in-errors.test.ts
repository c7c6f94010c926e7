import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('errors of a broken file', () => {
  it.each([
    ['polyfaas.tsk', '[functions.a.env]\nDB = correct hunter2x'],
    ['polyfaas.tsk', '[functions.a]\nenv:\n  DB: foo hunter2x'],
    ['polyfaas.tsk', '[functions.a]\nenv {\n DB_PASSWORD =\n foo hunter2x }'],
    ['polyfaas.tsk', '[functions.a]\nenv { DB = [foo hunter2x] }'],
    ['polyfaas.tsk', '[functions.a]\nenv { DB = foo (hunter2x) }'],
    ['polyfaas.tsk', '[functions.a.env]\nDB_URL\n  = hunter2x y'],
    ['polyfaas.tsk', '[functions.a.env]\nDB = @env("A" hunter2x)'],
    ['polyfaas.tsk', '[functions.a.env]\nDB = @env(@env("NAME"))'],
    ['polyfaas.tsk', '[functions.a.env]\nDB = @env(@env("OTHER"), 5)'],
    ['polyfaas.tsk', '[functions.a.env]\nDB = @file.read(@env("NAME"))'],
    ['polyfaas.tsk', '[functions.a.env]\nDB = hunter2x#'],
    ['polyfaas.tsk', '[functions.a.env]\nDB = a 99182734'],
    ['polyfaas.config.json', '{"functions":{"a":{"env":{"DB":hunter2x}}}}'],
    ['polyfaas.config.json', '{"functions":{"a":{"env":{"DB":"pre"hunter2x"}}}}'],
    ['polyfaas.config.json', '{"functions":{"a":{"env":{"DB_PASSWORD":\n hunter2x}}}}'],
    ['polyfaas.config.json', '{"env":{"DB":\'hunter2x y\'}}'],
    ['polyfaas.config.json', '{"env":{"DB":099182734}}'],
    ['polyfaas.config.json', '{"env":{"DB":$hunter2x}}'],
    ['polyfaas.config.yaml', 'env:\n  DB: "pre"hunter2x'],
    ['polyfaas.config.yaml', 'env:\n  DB: hunter2x\n  DB: hunter2x'],
    ['polyfaas.config.yaml', 'env: {DB: [hunter2x}'],
  ])('show no part of a value: %s with %j', async (name, text) => {
    const cwd = temporaryFolder({ [name]: text });
    const env = { NAME: 'hunter2x', OTHER: 'hunter2y', hunter2y: 'hunter2z' };
    const error: unknown = await loadConfig({ cwd, env }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const { message } = error instanceof Error ? error : new Error('no error');
    expect(message).toMatch(/:\d+:\d+: /);
    expect(message).not.toMatch(/hunter2|99182734|\$/);
  });

  it.each([
    ['{"a": shop}', 'found a word.'],
    ['{"a": 1 2}', 'found a number.'],
    ['{"a": 1 "b"}', 'found a text in quotes.'],
    ['{"a": 1]', 'found "]".'],
    ['{"a": ?}', 'found other text.'],
  ])('say what kind of thing was found: %j', async (text, message) => {
    const cwd = temporaryFolder({ 'polyfaas.config.json': text });
    await expect(loadConfig({ cwd })).rejects.toThrow(message);
  });
});
