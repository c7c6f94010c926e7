import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createServerlessManager,
  type PolyfaasConfig,
  type ProviderParts,
  type ServerlessManager,
} from 'polyfaas';
import { ToyCloud } from '../../toy/cloud.ts';
import { createToyProvider } from '../../toy/provider.ts';
import { description, echoAdapter, folderWith, spoiledAdapter } from './adapter-package.ts';

const open = (root: string, config: PolyfaasConfig): Promise<ServerlessManager> =>
  createServerlessManager({ app: 'shop', root, ...config }, { telemetry: false });

const listed = (packageName: string): PolyfaasConfig => ({
  provider: 'acme',
  adapters: { acme: packageName },
  region: { acme: 'moon-1', local: 'here' },
});

describe('a third-party adapter', () => {
  it.each([
    ['with a plain entry', '@acme/polyfaas-cloud', { main: './index.js' }],
    ['for any loader', 'polyfaas-acme', { exports: { '.': { default: './index.js' } } }],
    ['for import alone', 'polyfaas-acme', { exports: { '.': { import: './index.js' } } }],
    ['for import, in short form', 'polyfaas-acme', { exports: { import: './index.js' } }],
    [
      'for import, under conditions',
      'polyfaas-acme',
      { exports: { '.': { browser: './none.js', node: { import: './index.js' } } } },
    ],
  ])('%s is found by its name beside the configuration', async (_form, name, entries) => {
    const files = { 'package.json': description({ name, ...entries }), 'index.js': echoAdapter };
    const root = folderWith({ [name]: files });
    await using manager = await open(root, listed(name));
    expect(manager.provider).toBe('acme');
    const { output } = await manager.invoke('hello', { id: 7 });
    expect(output).toEqual({ app: 'shop', region: 'moon-1', options: null, input: { id: 7 } });
  });

  it('needs no package where the caller makes it: its name is known by that, in each stage', async () => {
    const acme = { shards: 2 };
    const options: object = { acme };
    const config: PolyfaasConfig = {
      app: 'shop',
      stage: 'prod',
      region: { acme: 'moon-1' },
      providerOptions: options,
      functions: { hello: { source: 'export default () => 1', providerOptions: options } },
      environments: { prod: { provider: 'acme' } },
    };
    let given: Pick<ProviderParts, 'region' | 'providerOptions'> | undefined;
    await using manager = await createServerlessManager(config, {
      telemetry: false,
      provider(parts) {
        given = parts;
        return createToyProvider(new ToyCloud(parts.root, parts.clock), async (_changes, act) =>
          act(),
        );
      },
    });
    expect(manager.functions).toEqual(['hello']);
    expect(given).toMatchObject({ region: 'moon-1', providerOptions: { acme } });
    await expect(createServerlessManager(config, { telemetry: false })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('"acme" is no known provider'),
    });
  });

  it('does not take the place of the provider that is always there', async () => {
    const config = { provider: 'local', adapters: { local: 'my-local' } };
    await expect(open(folderWith(), config)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('adapters.local'),
    });
  });

  it.each([
    './adapter.js',
    '../adapter.js',
    '/opt/adapter.js',
    'C:\\adapter.js',
    'file:///opt/adapter.js',
    'https://example.com/adapter.js',
    'data:text/javascript,1',
    'node:fs',
    'acme/../../adapter.js',
    '',
  ])('%j is refused: only names of packages are taken, and nothing is run', async (name) => {
    const root = folderWith();
    writeFileSync(join(root, 'adapter.js'), 'globalThis.wasRun = true;');
    await expect(open(root, listed(name))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/adapters\.acme/),
    });
    expect(globalThis).not.toHaveProperty('wasRun');
  });

  it('that is not installed is named, with the command that installs it', async () => {
    const opening = open(folderWith(), listed('polyfaas-acme'));
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(opening).rejects.toThrow('npm install polyfaas-acme');
  });

  it('that fails while it is loaded says so, and keeps its own error as the cause', async () => {
    const files = {
      'package.json': description({ name: 'polyfaas-acme', main: './index.js' }),
      'index.js': "throw new RangeError('broken inside');",
    };
    const opening = open(folderWith({ 'polyfaas-acme': files }), listed('polyfaas-acme'));
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      cause: expect.objectContaining({ message: 'broken inside' }),
    });
    await expect(opening).rejects.not.toThrow('npm install');
  });

  it.each([
    ['exports no providerModule', 'export const provider = {};'],
    ['exports one that is none', 'export const providerModule = {};'],
  ])('that %s is refused, and told what to export', async (_name, text) => {
    const files = {
      'package.json': description({ name: 'polyfaas-acme', main: './index.js' }),
      'index.js': text,
    };
    const opening = open(folderWith({ 'polyfaas-acme': files }), listed('polyfaas-acme'));
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('providerModule'),
    });
  });

  it('that binds no provider is refused, and told what to bind', async () => {
    const files = {
      'package.json': description({ name: 'polyfaas-acme', main: './index.js' }),
      'index.js': `
        import { ContainerModule } from 'inversify';
        export const providerModule = new ContainerModule(() => {});`,
    };
    const opening = open(folderWith({ 'polyfaas-acme': files }), listed('polyfaas-acme'));
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('TOKENS.Provider'),
    });
  });
});

describe('what a third-party adapter gives', () => {
  const folderWithSpoiled = (spoil: string): string =>
    folderWith({
      'polyfaas-acme': {
        'package.json': description({ name: 'polyfaas-acme', main: './index.js' }),
        'index.js': spoiledAdapter(spoil),
      },
    });

  it.each([
    ['provider.specVersion = 2', 'specVersion: it is 2, and has to be 1'],
    ['delete provider.specVersion', 'specVersion: it is undefined'],
    ['delete provider.id', 'id: it has to be a text'],
    ['provider.id = ""', 'id: it has to be a text'],
    ['provider.id = "Acme Cloud"', 'id: "Acme Cloud" is no provider id. Use lower case letters'],
    [
      'provider.capabilities.features = { ...rows, "event.bus": { support: "none" } }',
      'there is no `why`, with the nearest thing that works, for the "none" of "event.bus".',
    ],
    [
      'provider.capabilities.features = { ...rows, "event.bus": { support: "emulated", via: " " } }',
      'there is no `via`, with what it is by, for "event.bus".',
    ],
    [
      'provider.capabilities.features = { ...rows, "event.bus": { support: "native", via: "it", limits: { max: NaN } } }',
      'the `limits` have to be numbers and texts, for "event.bus".',
    ],
    ['delete provider.capabilities', 'capabilities.features: there is no support for "deploy.'],
    ['delete provider.capabilities.features', 'capabilities.features'],
    [
      'provider.capabilities.features = { ...features, "event.bus": "native" }',
      'there is no support for "deploy.rollback"',
    ],
    ['delete provider.capabilities.limits', 'capabilities.limits: it has to be an object'],
    [
      'provider.capabilities.limits = { ...limits, envBytes: "4 KB", zipBytes: NaN, concurrency: 0 }',
      'capabilities.limits: there is no number above 0 for "envBytes", "zipBytes", "concurrency".',
    ],
    [
      'provider.capabilities.limits = { ...limits, memoryMb: 512, timeoutSeconds: { min: 60, max: 1 } }',
      'there is no range { min, max } of numbers, the lower one first, for "memoryMb", "timeoutSeconds".',
    ],
    [
      'provider.capabilities.limits.memoryMb = { min: 1, max: 9, steps: 3 }',
      'capabilities.limits: the `steps` have to be a list of numbers, for "memoryMb".',
    ],
    ['delete provider.capabilities.deploySwitch', 'it has to be "atomic" or "restart"'],
    [
      'provider.capabilities.names = {}',
      'capabilities.names.function: it has to be a rule with a `maxLength`',
    ],
    ['delete provider.packaging', 'packaging: it has to be an object'],
    ['provider.packaging.format = "umd"', 'packaging.format: it has to be "esm" or "cjs"'],
    ['delete provider.packaging.target', 'packaging.target: it has to be a text'],
    ['provider.packaging.entryFile = ""', 'packaging.entryFile: it has to be the name of a file'],
    ['delete provider.packaging.shim', 'packaging.shim: it has to be an object'],
    [
      'provider.packaging.shim.modulePath = "shim.js"',
      'modulePath: it has to be the absolute path',
    ],
    ['provider.packaging.shim.modulePath += "x"', 'packaging.shim.modulePath: there is no file /'],
    ['delete provider.packaging.shim.exports', 'packaging.shim.exports: it has to be a list'],
    ['provider.packaging.external = [1]', 'packaging.external: it has to be a list of names'],
    ['delete provider.packaging.limits', 'packaging.limits: it has to be an object'],
    ['delete provider.validateBinding', 'validateBinding: it has to be a function'],
    ['provider.execute = {}', 'execute: it has to be a function'],
    ['delete provider.plan.prune', 'plan.prune: it has to be a function'],
    ['delete provider.plan', 'plan.deploy: it has to be a function'],
    ['delete provider.invoke; delete provider.list', 'list: it has to be a function; invoke: it'],
  ])('is refused after `%s`, with a sentence for its author', async (spoil, says) => {
    const opening = open(folderWithSpoiled(spoil), listed('polyfaas-acme'));
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(says),
    });
    await expect(opening).rejects.toThrow('The adapter of "acme"');
  });

  it('is closed when it is refused: it may hold something already', async () => {
    Reflect.set(globalThis, 'closedAdapters', 0);
    const opening = open(folderWithSpoiled('provider.specVersion = 2'), listed('polyfaas-acme'));
    await expect(opening).rejects.toThrow('specVersion');
    expect(globalThis).toHaveProperty('closedAdapters', 1);
  });

  it('has to have the id that it is listed under', async () => {
    const opening = open(folderWithSpoiled(''), {
      provider: 'foo',
      adapters: { foo: 'polyfaas-acme' },
    });
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/id: it is "acme", .*under `adapters`, which is "foo"/),
    });
  });

  it('has to have an id that is one, also where the caller makes it', async () => {
    const root = folderWith();
    const opening = createServerlessManager(
      { app: 'shop', root },
      {
        telemetry: false,
        provider: ({ clock }) => ({
          ...createToyProvider(new ToyCloud(root, clock), async (_changes, act) => act()),
          id: '../Toy',
        }),
      },
    );
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('id: "../Toy" is no provider id. Use lower case letters'),
    });
  });

  it('is no provider at all', async () => {
    // A caller without types.
    const own: unknown = Reflect.apply(createServerlessManager, undefined, [
      { app: 'shop' },
      { telemetry: false, provider: () => null },
    ]);
    await expect(own).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('it is no object'),
    });
  });
});

describe('a provider', () => {
  it('that is unknown is INVALID_ARGUMENT, with those that are known', async () => {
    const opening = open(folderWith(), { provider: 'nimbus', adapters: { acme: 'polyfaas-acme' } });
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(opening).rejects.toThrow(/provider: "nimbus" .*local, .*acme/);
  });

  it.each(['constructor', '__proto__', 'toString'])(
    'called %s is unknown too',
    async (provider) => {
      await expect(open(folderWith(), { provider })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    },
  );
});
