import { lstatSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerlessManager, secret, ServerlessError, type ServerlessManager } from 'polyfaas';
import type { Artifact } from '../../../src/spi/artifact.ts';
import type { ProviderFactory } from '../../../src/manager/types.ts';
import { createLocalProvider } from '../../../providers/local/provider.ts';
import { CodeStore } from '../../../providers/local/state/code-store.ts';
import { SecretFile } from '../../../providers/local/state/secrets.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { needing } from '../local-provider/artifact-use.ts';
import { answering, localOf, newShop } from '../local-provider/shop.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'polyfaas-review-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const versionsOf = async (manager: ServerlessManager): Promise<readonly string[]> =>
  ((await manager.describe('orders'))?.versions ?? []).map(({ version }) => version);

const failing = { source: `throw new Error('cannot start'); export const handler = () => 1;` };
const handles = { handles: ['invoke'] as const };

describe('the file of secrets', () => {
  it('is not written over when it cannot be read', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'secrets.json');
    symlinkSync(file, file);
    const secrets = new SecretFile(folder, () => {}, 'process');
    expect(() => secrets.set('db', 'x')).toThrow(/ELOOP/);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
  });

  it.each(['constructor', 'toString'])('takes a secret called %s', (name) => {
    const secrets = new SecretFile(temporaryFolder(), () => {}, 'process');
    expect(() => secrets.resolve({ KEY: secret(name) })).toThrow(/there is no secret/);
    expect(secrets.set(name, 'hidden')).toBe('1');
    expect(secrets.resolve({ KEY: secret(name) })).toEqual({ KEY: 'hidden' });
  });

  it.each([[undefined], [5], [null]])('refuses the value %j', (value) => {
    const secrets = new SecretFile(temporaryFolder(), () => {}, 'process');
    expect(() => Reflect.apply(secrets.set, secrets, ['db', value])).toThrow(/a string/);
    expect(secrets.list()).toEqual([]);
  });
});

describe('a sweep of the code', () => {
  it('spares what a deploy has found there and is about to publish', async () => {
    const code = new CodeStore(temporaryFolder(), new ManualClock(), 'process');
    const digest = 'd'.repeat(40);
    const artifact: Artifact = {
      form: 'zip',
      digest,
      sizeBytes: 1,
      unpackedBytes: 1,
      entryFile: 'index.mjs',
      handles: [],
      signature: 'polyfaas',
      needsProcess: false,
      zip: () => Promise.resolve(new Uint8Array()),
      files: () => Promise.resolve([{ path: 'index.mjs', mode: 0o644, bytes: new Uint8Array(1) }]),
    };
    await code.put(artifact);
    code.release(digest);
    code.reserve(digest);
    expect(await code.has(digest)).toBe(true);
    await code.sweep(needing(new Set()));
    expect(await code.has(digest)).toBe(true);
  });
});

describe('a deploy that was overtaken', () => {
  it('by a new event is CONFLICT, also when the version is there already', async () => {
    let afterRead: (() => Promise<unknown>) | undefined;
    const overtaken: ProviderFactory = (parts) =>
      createLocalProvider(parts, {
        run: async (name, _changes, act) => {
          const value = await act();
          const next = name === 'record.read' ? afterRead : undefined;
          if (next) {
            afterRead = undefined;
            await next();
          }
          return value;
        },
      });
    const manager = await newShop().open({ orders: answering('one') }, { provider: overtaken });
    await manager.deploy('orders');
    await manager.deploy('orders', { spec: answering('two') });
    afterRead = () => manager.configureEvent('orders', { type: 'queue', queue: 'late' });
    await expect(manager.deploy('orders')).rejects.toMatchObject({ code: 'CONFLICT' });
    const described = await manager.describe('orders');
    expect(described?.bindings.map(({ event }) => event.type)).toEqual(['queue']);
  });
});

describe('deploys that fail to start', () => {
  it('do not push the version that worked out of those that are kept', async () => {
    const manager = await newShop().open({ orders: { ...answering('one'), keepVersions: 2 } });
    await manager.deploy('orders');
    for (const note of ['a', 'b', 'c']) {
      const spec = { source: `// ${note}\n${failing.source}`, ...handles, keepVersions: 2 };
      await expect(manager.deploy('orders', { spec })).rejects.toThrow(/cannot start/);
    }
    await manager.deploy('orders', { spec: { ...answering('two'), keepVersions: 2 } });
    expect(await versionsOf(manager)).toContain('1');
    await manager.rollback('orders', { version: '1' });
    expect((await manager.invoke('orders')).output).toBe('one');
  });
});

describe('a function that is removed', () => {
  it('while it is called is gone for every later call', async () => {
    const source = `export const handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'late';
    };`;
    const manager = await newShop().open({ orders: { source } });
    await manager.deploy('orders');
    await manager.invoke('orders');
    const calls: Promise<unknown>[] = [];
    const call = (): void => void calls.push(manager.invoke('orders').catch(() => 'refused'));
    call();
    const removing = manager.remove('orders', { onProgress: () => setImmediate(call) });
    const calling = setInterval(call, 1);
    await removing;
    clearInterval(calling);
    await expect(manager.invoke('orders')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await Promise.all(calls);
  });
});

describe('an asynchronous call', () => {
  it('of a version that is not live is refused: delivery is to what is live then', async () => {
    const manager = await newShop().open({ orders: answering('one') });
    await manager.deploy('orders');
    await manager.deploy('orders', { spec: answering('two') });
    const calling = manager.invoke('orders', 1, { mode: 'async', version: '1' });
    await expect(calling).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await localOf(manager).settle();
  });
});

describe('a state folder whose gateway port is taken', () => {
  it('gives a typed error, and the folder is free again', async () => {
    const shop = newShop();
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const address = busy.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const route = { type: 'http', method: 'GET', path: '/' } as const;
    const functions = { orders: { ...answering('one'), events: [route] } };
    const manager = await shop.open(functions);
    await manager.deploy('orders');
    await manager.close();
    await expect(shop.open(functions, { local: { port } })).rejects.toMatchObject({
      name: 'ServerlessError',
      code: 'CONFLICT',
    });
    await new Promise((resolve) => busy.close(resolve));
    const again = await shop.open(functions);
    expect((await again.invoke('orders')).output).toBe('one');
  });
});

describe('a namesake of another stage in the same state folder', () => {
  it('is not called, though its platform name is the same', async () => {
    const shop = newShop();
    const open = (stage: string, name: string): Promise<ServerlessManager> =>
      createServerlessManager(
        {
          app: 'shop',
          stage,
          root: shop.root,
          functions: {
            [name]: { ...answering('theirs'), events: [{ type: 'queue', queue: 'q' }] },
          },
          providerOptions: { local: { stateFolder: shop.stateFolder } },
        },
        { telemetry: false },
      );
    const theirs = await open('dev-x', 'y');
    await theirs.deploy('y');
    await theirs.close();
    await using ours = await open('dev', 'x-y');
    // Their function runs here too, for its events.
    await localOf(ours).sources.queue('q').send({ id: 1 });
    await localOf(ours).settle();
    await expect(ours.invoke('x-y')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('closing during a deploy', () => {
  it('ends it as CANCELLED, and frees the folder', async () => {
    const shop = newShop();
    for (const at of ['store', 'publish', 'verify', 'live']) {
      const functions = { orders: { ...answering(`closed at ${at}`), minInstances: 2 } };
      const manager = await shop.open(functions);
      let closing: Promise<void> | undefined;
      const outcome = await manager
        .deploy('orders', {
          onProgress: ({ step, status }) => {
            if (step === at && status === 'started') closing ??= manager.close();
          },
        })
        .catch((error: unknown) => error);
      await closing;
      if (ServerlessError.isInstance(outcome)) expect(outcome.code).toBe('CANCELLED');
      else expect(outcome).toMatchObject({ changed: true });
    }
    const again = await shop.open({ orders: answering('again') });
    await again.deploy('orders');
    expect((await again.invoke('orders')).output).toBe('again');
  });
});

describe('a rollback without a version', () => {
  it('does not go forward to one whose deploy was stopped before it was live', async () => {
    const manager = await newShop().open({ orders: answering('one') });
    await manager.deploy('orders');
    await manager.deploy('orders', { spec: answering('two') });
    const stop = new AbortController();
    const stopped = manager.deploy('orders', {
      spec: answering('never live'),
      signal: stop.signal,
      onProgress: ({ step, status }) => {
        if (step === 'publish' && status === 'done') stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await manager.rollback('orders')).version).toBe('1');
  });
});
