import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, type LoadConfigOptions } from '../../../src/config/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

const functions = { orders: { entry: './orders.ts', memoryMb: 128 } };
const asJson = JSON.stringify({ app: 'shop', functions });

const refusal = (options: LoadConfigOptions): Promise<string> =>
  loadConfig(options).then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.message : 'not an error'),
  );

describe('loadConfig', () => {
  it.each([
    ['polyfaas.config.json', asJson],
    ['polyfaas.config.js', `export default ${asJson}`],
    ['polyfaas.config.mjs', `export default async () => (${asJson})`],
    ['polyfaas.config.ts', `const config: object = ${asJson}; export default config`],
    ['polyfaas.config.mts', `export default (_: unknown) => (${asJson})`],
    [
      'polyfaas.config.yaml',
      'app: shop\nfunctions:\n  orders: { entry: ./orders.ts, memoryMb: 128 }',
    ],
    [
      'polyfaas.config.yml',
      'app: shop\nfunctions: {orders: {entry: ./orders.ts, memoryMb: 128}}\n',
    ],
    [
      'polyfaas.config.tsk',
      'app = shop\n[functions.orders]\nentry = "./orders.ts"\nmemory_mb = 128',
    ],
    ['polyfaas.tsk', 'app: shop\nfunctions { orders { entry: ./orders.ts, memoryMb: 128 } }'],
  ])('finds and reads %s', async (name, text) => {
    const cwd = temporaryFolder({ name: '', [name]: text, 'package.json': '{"type":"module"}' });
    expect(await loadConfig({ cwd })).toEqual({
      config: { app: 'shop', stage: 'dev', root: cwd, functions },
      file: join(cwd, name),
      warnings: [],
    });
  });

  it('is empty where there is no file, says so, and does not look above', async () => {
    const above = temporaryFolder({ 'polyfaas.config.json': asJson });
    const cwd = join(above, 'below');
    mkdirSync(cwd);
    expect(await loadConfig({ cwd })).toEqual({
      config: { stage: 'dev', root: cwd },
      file: undefined,
      warnings: [
        {
          type: 'other',
          message: expect.stringMatching(
            /below holds no configuration file, so nothing is declared\. Looked for, .*: polyfaas\.config\.ts, .*give its folder as cwd, or name it as file\.$/,
          ),
        },
      ],
    });
  });

  it('takes the file that is named, with its folder as the root', async () => {
    const cwd = temporaryFolder({
      'deploy/shop.json': asJson,
      'polyfaas.tsk': '',
      'polyfaas.config.yml': '',
    });
    const { config, file } = await loadConfig({ cwd, file: 'deploy/shop.json' });
    expect(file).toBe(join(cwd, 'deploy/shop.json'));
    expect(config.root).toBe(join(cwd, 'deploy'));
  });

  it('resolves the root from the folder of the file', async () => {
    const cwd = temporaryFolder({ 'polyfaas.config.json': '{"root":"code"}' });
    expect((await loadConfig({ cwd })).config.root).toBe(join(cwd, 'code'));
  });

  it('refuses more than one file, a missing file and an unknown extension', async () => {
    const cwd = temporaryFolder({ 'polyfaas.config.json': '{}', 'polyfaas.tsk': '', 'a.toml': '' });
    expect(await refusal({ cwd })).toContain(
      'more than one configuration: polyfaas.config.json, polyfaas.tsk. Keep one',
    );
    expect(await refusal({ cwd, file: 'b.json' })).toContain('There is no configuration file');
    expect(await refusal({ cwd, file: 'a.toml' })).toContain('unknown extension');
    expect(await refusal({ cwd: join(cwd, 'nowhere') })).toContain('cannot be read');
  });

  it('names a file that is called like one, and is of a kind that is not read', async () => {
    const cwd = temporaryFolder({ 'polyfaas.config.cjs': 'module.exports = {}' });
    const { warnings } = await loadConfig({ cwd });
    expect(warnings[0]?.message).toContain('"polyfaas.config.cjs" is of a kind that is not read.');
  });

  it.each([
    ['prodution', '"prodution" is none of `environments`, so nothing is laid over'],
    ['prod', 'Did you mean "production"?'],
    ['production', undefined],
    ['dev', undefined],
    ['pr-17', undefined],
  ])('says so when the stage %s is nearly called as an environment', async (stage, message) => {
    const cwd = temporaryFolder({
      'polyfaas.config.json': '{"environments":{"production":{"provider":"aws"}}}',
    });
    const { config, warnings } = await loadConfig({ cwd, stage });
    expect(config.provider).toBe(stage === 'production' ? 'aws' : undefined);
    expect(warnings.map(({ field }) => field)).toEqual(message === undefined ? [] : ['stage']);
    if (message !== undefined) expect(warnings[0]?.message).toContain(message);
  });

  it('keeps `failover` where the stage has a single provider, and says so', async () => {
    const cwd = temporaryFolder({
      'polyfaas.config.json': JSON.stringify({
        failover: { maxFailures: 2 },
        environments: { prod: { targets: ['aws', 'gcp'] }, solo: { provider: 'aws' } },
      }),
    });
    for (const stage of ['solo', 'prod']) {
      const { config, warnings } = await loadConfig({ cwd, stage });
      expect(config.failover).toEqual({ maxFailures: 2 });
      expect(warnings).toEqual(
        stage === 'prod' ? [] : [expect.objectContaining({ type: 'ignored', field: 'failover' })],
      );
    }
  });

  it('gives code the stage and the environment', async () => {
    const cwd = temporaryFolder({
      'polyfaas.config.mjs':
        'export default ({ stage, env }) => ({ app: `shop-${stage}`, region: env.REGION })',
    });
    const { config } = await loadConfig({ cwd, stage: 'prod', env: { REGION: 'eu-central' } });
    expect(config).toEqual({ app: 'shop-prod', stage: 'prod', region: 'eu-central', root: cwd });
  });

  it('runs changed code again', async () => {
    const cwd = temporaryFolder({ 'polyfaas.config.mjs': "export default { app: 'one' }" });
    expect((await loadConfig({ cwd })).config.app).toBe('one');
    const file = join(cwd, 'polyfaas.config.mjs');
    writeFileSync(file, "export default { app: 'two' }");
    utimesSync(file, new Date(), new Date(Date.now() + 5_000));
    expect((await loadConfig({ cwd })).config.app).toBe('two');
  });

  it('runs TypeScript by Node itself', () => {
    const cwd = temporaryFolder({
      'polyfaas.config.ts': `import { app } from './app.ts';
        export default ({ stage }: { stage: string }) => ({ app: app + '-' + stage });`,
      'app.ts': "export const app: string = 'shop';",
    });
    const source = new URL('../../../src/config/index.ts', import.meta.url).href;
    const script = `const { loadConfig } = await import(${JSON.stringify(source)});
      const { config } = await loadConfig({ stage: 'prod' });
      process.stdout.write(JSON.stringify(config));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd,
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual({ app: 'shop-prod', stage: 'prod', root: cwd });
  });

  it.each([
    ['polyfaas.config.mjs', 'export const config = {}', 'has no default export'],
    ['polyfaas.config.mjs', 'export default undefined', 'has no default export'],
    ['polyfaas.config.mjs', 'export default {', 'it cannot be loaded'],
    ['polyfaas.config.mjs', "import './nowhere.mjs'; export default {}", 'it cannot be loaded'],
    [
      'polyfaas.config.mjs',
      "export default () => { throw new Error('no luck') }",
      'threw (Error: no luck)',
    ],
    ['polyfaas.config.mjs', 'export default 5', '5 is not allowed'],
    [
      'polyfaas.config.json',
      '{\n  "app": shop\n}',
      'polyfaas.config.json:2:10: this is not valid JSON: found a word.',
    ],
    [
      'polyfaas.config.json',
      '{"app":"shop"',
      ':1:14: this is not valid JSON: found the end of the file.',
    ],
    ['polyfaas.config.json', '{"a": [1, 2,]}', ':1:13: this is not valid JSON: found "]".'],
    ['polyfaas.config.json', '{"a": 1,}', ':1:9: this is not valid JSON: found "}".'],
    ['polyfaas.config.json', '{a: 1}', ':1:2: this is not valid JSON: found a word.'],
    ['polyfaas.config.json', '{"a": 1} // x', ':1:10: this is not valid JSON'],
    ['polyfaas.config.json', '', ':1:1: this is not valid JSON'],
    [
      'polyfaas.config.json',
      '[]',
      'an empty list is not allowed. Give the configuration (an object).',
    ],
    [
      'polyfaas.config.yaml',
      'app: a\napp: b',
      'polyfaas.config.yaml:2:1: the key "app" is set twice. Keep one of them.',
    ],
    [
      'polyfaas.config.yaml',
      'app: !env X',
      ':1:6: this is not valid YAML here: tag resolve failed.',
    ],
    ['polyfaas.config.yaml', 'app: a\n---\napp: b', 'multiple docs'],
    [
      'polyfaas.config.yaml',
      'defaults: &d { memoryMb: 64 }\n<<: *d',
      'YAML 1.2 has no merge keys.',
    ],
    ['polyfaas.config.yaml', 'app: [', 'this is not valid YAML here'],
    ['polyfaas.config.yaml', 'app: *x', 'an alias of this YAML has no anchor'],
    [
      'polyfaas.config.yaml',
      'a: { cron: * * * * * }',
      ':1:12: this is not valid YAML here: bad alias. A text that begins with "*" needs quotes: cron: "* * * * *".',
    ],
    ['polyfaas.config.yaml', 'cron: */5 * * * *', 'A text that begins with "*" needs quotes'],
    ['polyfaas.config.yaml', '- */5 * * * *', 'A text that begins with "*" needs quotes'],
    ['polyfaas.config.yaml', 'cron: */5', 'A text that begins with "*" needs quotes'],
    ['polyfaas.config.yaml', 'app: @shop', 'A text that begins with "@" needs quotes'],
    ['polyfaas.config.yaml', 'app:\n\tb: 1', 'tab as indent. YAML indents with spaces, not tabs'],
    [
      'polyfaas.config.json',
      '{\n// x\n}',
      ':2:1: this is not valid JSON: found other text. JSON has no comments: remove it, or write YAML or TypeScript.',
    ],
    ['polyfaas.config.json', '/* x */ {}', 'JSON has no comments'],
    ['polyfaas.config.json', '{}\n# x', 'JSON has no comments'],
    ['polyfaas.config.yaml', '? [a]\n: b', 'non string key'],
    ['polyfaas.tsk', 'app =', 'polyfaas.tsk:1:6: found the end of the file'],
    ['polyfaas.tsk', 'app = "\\xff"', 'unknown escape'],
  ])('says of %s with %j what is wrong', async (name, text, message) => {
    const cwd = temporaryFolder({ [name]: text });
    expect(await refusal({ cwd })).toContain(message);
  });

  it.each(['polyfaas.config.json', 'polyfaas.config.yaml', 'polyfaas.tsk'])(
    'reads %s as UTF-8 of at most 1 MB',
    async (name) => {
      const bad = temporaryFolder({ [name]: new Uint8Array([0x61, 0x3a, 0xff, 0xfe]) });
      expect(await refusal({ cwd: bad })).toContain('is not UTF-8 text');
      const large = temporaryFolder({ [name]: ' '.repeat(1_048_577) });
      expect(await refusal({ cwd: large })).toContain('at most 1048576 (1 MB) are read');
    },
  );

  it('is not blown up by aliases, nor by nesting', async () => {
    const level = (count: number): string =>
      `l${count}: &l${count} [${Array.from({ length: 9 }, () => `*l${count - 1}`).join(', ')}]`;
    const laughs = ['l0: &l0 [x]', ...Array.from({ length: 9 }, (_, count) => level(count + 1))];
    const aliases = temporaryFolder({ 'polyfaas.config.yaml': laughs.join('\n') });
    expect(await refusal({ cwd: aliases })).toContain('aliases of this YAML grow too large');
    for (const name of ['polyfaas.config.yaml', 'polyfaas.config.json']) {
      const deep = temporaryFolder({ [name]: '{"a":'.repeat(50_000) });
      expect(await refusal({ cwd: deep })).toMatch(/nested too deep|not valid/);
    }
    const whole = `{"functions":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`;
    const cwd = temporaryFolder({ 'polyfaas.config.json': whole });
    expect(await refusal({ cwd })).toContain('is nested deeper than 64 levels');
  });

  it.each([
    [
      'polyfaas.config.json',
      '{"__proto__":{"app":"x"},"functions":{"constructor":{"prototype":{}}}}',
    ],
    ['polyfaas.config.yaml', '__proto__: {app: x}\nfunctions: {constructor: {prototype: {}}}'],
    ['polyfaas.tsk', '__proto__ { app = x }'],
  ])('lets no key of %s reach a prototype', async (name, text) => {
    const cwd = temporaryFolder({ [name]: text });
    expect(await refusal({ cwd })).toContain('could change the prototype of objects');
    expect(Reflect.get({}, 'app')).toBeUndefined();
  });

  it('never quotes secrets of a broken file', async () => {
    for (const [name, text] of [
      ['polyfaas.config.json', '{"password": hunter2hunter2, "a": "hunter2hunter2" x}'],
      ['polyfaas.config.yaml', 'password: "hunter2hunter2" x'],
      ['polyfaas.tsk', 'password = "hunter2hunter2" x'],
    ] as const) {
      expect(await refusal({ cwd: temporaryFolder({ [name]: text }) })).not.toContain('hunter2');
    }
  });

  it('lists all problems of what it read, and names the file', async () => {
    const cwd = temporaryFolder({
      'polyfaas.config.json': '{"app":"A","functions":{"x":{"memoryMb":1}}}',
    });
    const message = await refusal({ cwd });
    expect(message).toMatch(/has 3 problems:[\s\S]*app[\s\S]*memoryMb[\s\S]*functions\.x/);
    expect(message).toContain(`The configuration in ${join(cwd, 'polyfaas.config.json')} has`);
  });
});

describe('environments', () => {
  const text = JSON.stringify({
    app: 'shop',
    stage: 'dev',
    region: 'eu-central',
    functions: { orders: { entry: './orders.ts', memoryMb: 128, env: { A: '1', B: '2' } } },
    environments: {
      prod: {
        region: { aws: 'eu-west-1' },
        functions: { orders: { memoryMb: 1024, env: { B: '3' } } },
      },
      half: { functions: { fresh: { entry: './fresh.ts' } } },
    },
  });

  it('are laid over the rest', async () => {
    const cwd = temporaryFolder({ 'polyfaas.config.json': text });
    expect((await loadConfig({ cwd, stage: 'prod' })).config).toEqual({
      app: 'shop',
      stage: 'prod',
      region: { aws: 'eu-west-1' },
      root: cwd,
      functions: { orders: { entry: './orders.ts', memoryMb: 1024, env: { A: '1', B: '3' } } },
    });
    expect((await loadConfig({ cwd })).config.functions?.['orders']?.memoryMb).toBe(128);
    expect(Object.keys((await loadConfig({ cwd, stage: 'half' })).config.functions ?? {})).toEqual([
      'orders',
      'fresh',
    ]);
  });

  it('refuse a stage that is no name', async () => {
    const cwd = temporaryFolder({ 'polyfaas.config.json': text });
    expect(await refusal({ cwd, stage: '../prod' })).toContain(
      'stage: "../prod" is not a stage name',
    );
  });
});

describe('@file.read', () => {
  const read = (path: string): string => `[functions.orders]\nsource = @file.read("${path}")`;

  it('reads below the folder of the configuration', async () => {
    const cwd = temporaryFolder({
      'polyfaas.tsk': read('code/orders.js'),
      'code/orders.js': 'export {}',
    });
    expect((await loadConfig({ cwd })).config.functions).toEqual({
      orders: { source: 'export {}' },
    });
  });

  it('follows links only where they stay inside', async () => {
    const outside = temporaryFolder({ 'secret.txt': 'hunter2' });
    const cwd = temporaryFolder({ 'polyfaas.tsk': read('link.txt'), 'a.txt': 'inside' });
    symlinkSync(join(cwd, 'a.txt'), join(cwd, 'link.txt'));
    expect((await loadConfig({ cwd })).config.functions).toEqual({ orders: { source: 'inside' } });
    const bad = temporaryFolder({
      'polyfaas.tsk': read('link.txt'),
      'other.tsk': read('folder/secret.txt'),
    });
    symlinkSync(join(outside, 'secret.txt'), join(bad, 'link.txt'));
    symlinkSync(outside, join(bad, 'folder'));
    expect(await refusal({ cwd: bad })).toMatch(
      /polyfaas\.tsk:2:10: .*leads out of the configuration's folder/,
    );
    expect(await refusal({ cwd: bad, file: 'other.tsk' })).toContain('leads out of');
  });

  it.each([
    ['../secret.txt', 'leads out of'],
    ['..', 'leads out of'],
    ['.', 'leads out of'],
    ['a/../../secret.txt', 'leads out of'],
    ['/etc/passwd', 'is absolute'],
    ['nowhere.txt', 'is not there'],
    ['folder', 'is no plain file'],
    ['large.txt', 'at most 1048576'],
    ['binary.txt', 'is not UTF-8'],
  ])('refuses %s', async (path, message) => {
    const above = temporaryFolder({
      'secret.txt': 'hunter2',
      'at/polyfaas.tsk': read(path),
      'at/large.txt': 'x'.repeat(1_048_577),
      'at/binary.txt': new Uint8Array([0xff]),
      'at/folder/a.txt': '',
    });
    const answer = await refusal({ cwd: join(above, 'at') });
    expect(answer).toContain(message);
    expect(answer).not.toContain('hunter2');
  });
});
