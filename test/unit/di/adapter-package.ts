/** Third-party adapters, as npm would install them: packages in a `node_modules` of a folder of their own. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CAPABILITY_KEYS } from 'polyfaas/spi';
import { onTestFinished } from 'vitest';

const OURS = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** A folder with these packages installed: name to files. Inversify is there, as the one that we use. */
export function folderWith(
  packages: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'polyfaas-adapter-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const modules = join(root, 'node_modules');
  mkdirSync(modules);
  symlinkSync(join(OURS, 'inversify'), join(modules, 'inversify'), 'dir');
  for (const [name, files] of Object.entries(packages)) {
    for (const [file, text] of Object.entries(files)) {
      const path = join(modules, name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
  return root;
}

/** A `package.json` of an ES module package. */
export const description = (entries: object): string =>
  JSON.stringify({ type: 'module', version: '1.0.0', ...entries });

/**
 * An adapter that answers every invocation with what it was made from, and imports nothing of ours.
 *
 * @param spoil a statement that makes it a wrong one: `provider.id = 7`.
 */
export const spoiledAdapter = (spoil: string): string => `
  import { ContainerModule } from 'inversify';

  const features = new Proxy({}, { get: () => ({ support: 'native', via: 'echo' }) });
  const rows = Object.fromEntries(${JSON.stringify(CAPABILITY_KEYS)}.map((key) => [key, features[key]]));
  const numbers = ['envBytes', 'syncPayloadBytes', 'asyncPayloadBytes', 'zipBytes', 'unpackedBytes', 'maxInstances', 'concurrency', 'httpTimeoutSeconds'];
  const limits = {
    ...Object.fromEntries(numbers.map((name) => [name, 1000])),
    memoryMb: { min: 64, max: 1024 },
    timeoutSeconds: { min: 1, max: 60 },
  };
  const names = { function: { maxLength: 60, characters: 'a-z0-9-' } };

  const unused = () => { throw new Error('this test does not use it'); };
  const operations = ['deploy', 'configureEvent', 'removeEvent', 'preWarm', 'rollback', 'remove', 'prune'];

  const createProvider = (parts) => ({
    specVersion: 1,
    id: 'acme',
    capabilities: { features, limits, names, deploySwitch: 'atomic' },
    packaging: {
      format: 'esm',
      target: 'node22',
      entryFile: 'index.mjs',
      shim: { modulePath: import.meta.filename, exports: [] },
      external: [],
      limits: {},
    },
    plan: Object.fromEntries(operations.map((operation) => [operation, unused])),
    validate: () => [],
    validateBinding: () => [],
    identify: unused,
    observe: unused,
    list: unused,
    execute: unused,
    metrics: unused,
    logs: unused,
    classify: () => ({ code: 'UNKNOWN', retryable: false }),
    invoke: async (ref, request) => ({
      output: { app: parts.app, region: parts.region, options: parts.providerOptions.acme ?? null, input: request.input },
      requestId: request.requestId, version: '1', coldStart: false,
      durationMs: null, initDurationMs: null, instanceId: null,
    }),
    native: () => undefined,
    close: async () => { globalThis.closedAdapters = (globalThis.closedAdapters ?? 0) + 1; },
  });
  const createSpoiled = (parts) => {
    const provider = createProvider(parts);
    ${spoil};
    return provider;
  };

  export const providerModule = new ContainerModule(({ bind }) => {
    bind(Symbol.for('polyfaas.Provider'))
      .toResolvedValue(async (parts) => createSpoiled(parts), [Symbol.for('polyfaas.ProviderParts')])
      .inSingletonScope();
  });
`;

/** The right one. */
export const echoAdapter: string = spoiledAdapter('');
