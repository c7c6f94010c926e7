import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

const load = (name: string, text: string): ReturnType<typeof loadConfig> =>
  loadConfig({ cwd: temporaryFolder({ [name]: text }) });

describe('keys that are set twice', () => {
  it.each([
    [
      'polyfaas.config.json',
      '{"functions":{"a":{"entry":"a.ts"},\n "a":{"entry":"b.ts"}}}',
      'polyfaas.config.json:2:2: the key "a" is set twice. Keep one of them.',
    ],
    [
      'polyfaas.config.json',
      '{"functions":{"a":{"entry":"a.ts"},"\\u0061":{"entry":"b.ts"}}}',
      ':1:36: the key "a" is set twice.',
    ],
    ['polyfaas.config.json', '{"app":"x","stage":"dev","app":"y"}', 'the key "app" is set twice.'],
    ['polyfaas.config.json', '{"a":[{"b":1},{"b":1,"b":2}]}', ':1:22: the key "b" is set twice.'],
    ['polyfaas.config.yaml', 'functions:\n  a: {entry: a.ts}\n  a: {entry: b.ts}', ':3:3: '],
    ['polyfaas.config.yaml', 'functions: {a: {entry: a.ts}, "a": {entry: b.ts}}', ':1:31: '],
    ['polyfaas.config.yaml', 'app: x\nlist:\n  - - a: 1\n      a: 2\napp: y', ':4:7: '],
    ['polyfaas.config.yaml', 'app: x\n? app\n: y', ':2:3: '],
    ['polyfaas.config.yaml', '<<: {app: x}\n<<: {app: y}', ':2:1: '],
  ])('are refused with their place: %s with %j', async (name, text, message) => {
    const loading = load(name, text);
    await expect(loading).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(/: the key ".+" is set twice\. Keep one of them\.$/);
  });

  it('are not the same key at two places, nor in a text', async () => {
    const text =
      '{"app":"app","defaults":{"env":{"app":"{\\"app\\":1,\\"app\\":2}"}},"functions":{"a":{"entry":"./a.ts","tags":{"app":"app"}}}}';
    expect((await load('polyfaas.config.json', text)).config.app).toBe('app');
    expect((await load('polyfaas.config.yaml', text)).config.app).toBe('app');
  });

  it('are found in a file of many keys', async () => {
    const keys = Array.from({ length: 60_000 }, (_, count) => `k${count}: 1`);
    const file = [...keys, 'k0: 2'].join('\n');
    await expect(load('polyfaas.config.yaml', file)).rejects.toThrow(':60001:1: ');
  });
});

describe('two spellings of one field in .tsk', () => {
  it.each([
    [
      '[functions.a]\nentry = "./a.ts"\nmemory_mb = 512\nmemoryMb = 256',
      'polyfaas.tsk:4:1: "memory_mb" and "memoryMb" are one field, functions.a.memoryMb.',
    ],
    [
      'functions { a { memoryMb = 1, memory_mb = 2 } }',
      'polyfaas.tsk:1:31: "memoryMb" and "memory_mb" are one field, functions.a.memoryMb.',
    ],
    [
      '[functions.a]\nevents:\n  - type: queue\n    batch_size: 1\n    batchSize: 2',
      'polyfaas.tsk:5:5: "batch_size" and "batchSize" are one field, functions.a.events[0].batchSize.',
    ],
    [
      '[provider_options.aws]\n[providerOptions.aws]\nx = 1',
      'polyfaas.tsk:2:1: "provider_options" and "providerOptions" are one field, providerOptions.',
    ],
    [
      '[serverless_architecture.functions]\na = { handler = "a.ts", keep_versions = 1, keepVersions = 2 }',
      'polyfaas.tsk:2:44: "keep_versions" and "keepVersions" are one field, functions.a.keepVersions.',
    ],
  ])('are refused with place, path and both spellings: %j', async (text, message) => {
    await expect(load('polyfaas.tsk', text)).rejects.toThrow(`${message} Keep one of them.`);
  });
});
