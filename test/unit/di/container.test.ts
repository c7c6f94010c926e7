import { ContainerModule } from 'inversify';
import { describe, expect, it } from 'vitest';
import { ServerlessError, type Clock, type CoreLog } from 'polyfaas';
import { createContainer, TOKENS } from 'polyfaas/di';
import { createLocalProvider } from 'polyfaas/local';
import type { ProviderParts } from 'polyfaas/spi';
import { ManualClock } from '../../support/manual-clock.ts';
import { folderWith } from './adapter-package.ts';

const source = 'export const handler = async () => 1;';
const config = (root: string) =>
  ({ app: 'shop', stage: 'dev', root, functions: { hello: { source } } }) as const;

describe('the container', () => {
  it('gives the one manager, and the parts that it stands on', async () => {
    const root = folderWith();
    const container = await createContainer(config(root), { telemetry: false });
    await using manager = container.get(TOKENS.Manager);
    expect(container.get(TOKENS.Manager)).toBe(manager);
    expect(container.get(TOKENS.Provider).id).toBe('local');
    expect(container.get(TOKENS.LayeredProvider)).not.toBe(container.get(TOKENS.Provider));
    expect(container.get(TOKENS.Settings)).toMatchObject({ app: 'shop', stage: 'dev' });
    expect(container.get(TOKENS.Telemetry)).toBeUndefined();
    await manager.deploy('hello');
    expect((await manager.invoke('hello')).output).toBe(1);
  });

  it('lets a module replace a layer', async () => {
    const calls: string[] = [];
    const modules = [
      new ContainerModule(({ rebind }) => {
        rebind(TOKENS.Telemetry).toConstantValue({
          name: 'calls',
          applies: () => true,
          around: (info, context, next) => {
            calls.push(info.call);
            return next(context);
          },
        });
      }),
    ];
    const container = await createContainer(config(folderWith()), { telemetry: false, modules });
    await using manager = container.get(TOKENS.Manager);
    await manager.deploy('hello');
    await manager.invoke('hello');
    expect(new Set(calls)).toEqual(new Set(['identify', 'observe', 'execute', 'invoke']));
  });

  it('lets a module replace the provider, unopened', async () => {
    let opened = 0;
    const own = new ContainerModule(({ rebind }) => {
      rebind(TOKENS.Provider)
        .toResolvedValue(
          async (parts: ProviderParts) => {
            opened += 1;
            return { ...(await createLocalProvider(parts)), id: 'mine' };
          },
          [TOKENS.ProviderParts],
        )
        .inSingletonScope();
    });
    // Were the built-in one opened as well, it would hold the state folder.
    const container = await createContainer(config(folderWith()), {
      telemetry: false,
      modules: [own],
    });
    await using manager = container.get(TOKENS.Manager);
    expect(manager.provider).toBe('mine');
    expect(opened).toBe(1);
  });

  it.each(['by name', 'by a factory'])(
    'hands a replaced clock and log to a provider that is given %s',
    async (way) => {
      const clock: Clock = new ManualClock(1_767_225_600_000);
      const log: CoreLog = { log: () => {} };
      const modules = [
        new ContainerModule(({ rebind }) => {
          rebind(TOKENS.Clock).toConstantValue(clock);
          rebind(TOKENS.Log).toConstantValue(log);
        }),
      ];
      const container = await createContainer(config(folderWith()), {
        telemetry: false,
        modules,
        ...(way === 'by name' ? {} : { provider: (parts) => createLocalProvider(parts) }),
      });
      await using manager = container.get(TOKENS.Manager);
      expect(container.get(TOKENS.ProviderParts)).toMatchObject({ clock, log });
      await manager.deploy('hello');
      const description = await manager.describe('hello');
      expect(description?.versions[0]?.createdAt).toBe('2026-01-01T00:00:00.000Z');
    },
  );
});

describe('a provider that is not there', () => {
  it('INVALID_ARGUMENT, with what to do', async () => {
    const opening = createContainer({ ...config(folderWith()), provider: 'vercle' });
    const error: unknown = await opening.catch((reason: unknown) => reason);
    if (!ServerlessError.isInstance(error)) throw new Error('a ServerlessError was expected');
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', retryable: false });
    // The message alone is to be enough: no path of ours, the way out.
    expect(error.message).toMatch(/provider.*"vercle".*Did you mean "vercel".*adapters/);
    expect(error.message).not.toMatch(/node_modules|\.ts|\s+at\s/);
  });
});

describe('a provider that fails while it opens', () => {
  it('with an error of ours: the container fails with that', async () => {
    const refusal = new ServerlessError({ code: 'UNAUTHENTICATED', message: 'Log in first.' });
    for (const provider of [
      () => Promise.reject(refusal),
      () => {
        throw refusal;
      },
    ]) {
      await expect(createContainer(config(folderWith()), { provider })).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
        message: 'Log in first.',
      });
    }
  });

  it('with a raw error: UNAVAILABLE, and that is the cause', async () => {
    const cause = new RangeError('no such socket');
    for (const provider of [
      () => Promise.reject(cause),
      () => {
        throw cause;
      },
    ]) {
      await expect(createContainer(config(folderWith()), { provider })).rejects.toMatchObject({
        name: 'ServerlessError',
        code: 'UNAVAILABLE',
        message: expect.stringContaining('no such socket'),
        cause,
      });
    }
  });

  it('can be opened once the reason is gone', async () => {
    const root = folderWith();
    let isBroken = true;
    const provider = (parts: ProviderParts) => {
      if (isBroken) throw new RangeError('not yet');
      return createLocalProvider(parts);
    };
    await expect(createContainer(config(root), { provider })).rejects.toThrow('not yet');
    isBroken = false;
    const container = await createContainer(config(root), { provider });
    await container.get(TOKENS.Manager).close();
  });
});
