import { ContainerModule } from 'inversify';
import { describe, expect, it } from 'vitest';
import { ServerlessError, type Clock, type CoreLog } from 'polyfaas';
import { createContainer, TOKENS } from 'polyfaas/di';
import { createLocalProvider } from 'polyfaas/local';
import type { ProviderParts } from 'polyfaas/spi';
import { Manager } from '../../../src/manager/manager.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ToyCloud, ToyError } from '../../toy/cloud.ts';
import { createToyProvider } from '../../toy/provider.ts';
import { folderWith } from './adapter-package.ts';

const source = 'export const handler = async () => 1;';
const config = (root: string) =>
  ({ app: 'shop', stage: 'dev', root, functions: { hello: { source } } }) as const;

describe('the container', () => {
  it.each([
    [null, 'options: null is not an object'],
    [{ loger: console }, 'loger'],
    [{ modules: [], clock: 42 }, 'clock: 42'],
  ])('is not made with the options %j', async (options, message) => {
    // As a program without types would call it.
    const making: unknown = Reflect.apply(createContainer, undefined, [{ app: 'shop' }, options]);
    await expect(making).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });

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
    expect(new Set(calls)).toEqual(new Set(['deploy', 'identify', 'observe', 'execute', 'invoke']));
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

describe('the container of several targets', () => {
  /** A provider that does not answer, so that its target is given up. */
  const down = (parts: ProviderParts) => {
    const cloud = new ToyCloud(parts.root, parts.clock);
    const provider = createToyProvider(cloud, async (_changes, act) => act());
    return { ...provider, invoke: () => Promise.reject(new ToyError('UNAVAILABLE', 'down')) };
  };
  const several = (root: string) =>
    ({
      ...config(root),
      targets: ['aws', 'gcp'],
      limits: { maxAttempts: 1 },
      failover: { maxFailures: 1 },
    }) as const;
  const own = { telemetry: false, providers: { aws: down, gcp: down } } as const;
  const GIVEN_UP = 'Calls go past the target "aws" until it answers again.';

  it('has the log and the clock that a module put into it', async () => {
    const told: string[] = [];
    const clock: Clock = new ManualClock(1_767_225_600_000);
    const module = new ContainerModule(({ rebind }) => {
      rebind(TOKENS.Clock).toConstantValue(clock);
      rebind(TOKENS.Log).toConstantValue({ log: (_level, message) => void told.push(message) });
    });
    const container = await createContainer(several(folderWith()), { ...own, modules: [module] });
    await using manager = container.get(TOKENS.Manager);
    expect(container.get(TOKENS.Clock)).toBe(clock);
    await expect(manager.invoke('hello')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(told).toEqual([GIVEN_UP]);
  });

  it('keeps its own manager where a module replaces that of each target', async () => {
    const module = new ContainerModule(({ rebind }) => {
      rebind(TOKENS.Manager)
        .toResolvedValue(
          (engine, packager, settings) => new Manager(engine, packager, settings),
          [TOKENS.Engine, TOKENS.Packager, TOKENS.Settings],
        )
        .inSingletonScope();
    });
    const container = await createContainer(several(folderWith()), { ...own, modules: [module] });
    await using manager = container.get(TOKENS.Manager);
    expect(manager.targets).toEqual(['aws', 'gcp']);
  });

  const broken: readonly (readonly [string, CoreLog])[] = [
    [
      'throws',
      {
        log: () => {
          throw new Error('the disk of the log is full');
        },
      },
    ],
    ['rejects', { log: () => Promise.reject(new Error('the disk of the log is full')) }],
  ];
  it.each(broken)('does not fail for a log that %s', async (_what, log) => {
    const module = new ContainerModule(({ rebind }) => {
      rebind(TOKENS.Log).toConstantValue(log);
    });
    for (const options of [{ log }, { modules: [module] }]) {
      const container = await createContainer(several(folderWith()), { ...own, ...options });
      await using manager = container.get(TOKENS.Manager);
      await expect(manager.invoke('hello')).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'down',
      });
    }
  });
});

describe('a log that throws', () => {
  it('stops neither a call nor a deploy', async () => {
    const log: CoreLog = {
      log: () => {
        throw new Error('the disk of the log is full');
      },
    };
    const options = { telemetry: false, log } as const;
    const container = await createContainer(config(folderWith()), options);
    await using manager = container.get(TOKENS.Manager);
    const onProgress = (): void => {
      throw new Error('so is that of the listener');
    };
    expect(await manager.deploy('hello', { onProgress })).toMatchObject({ changed: true });
    // More than every platform takes, which is told to the log.
    const large = 'x'.repeat(50 * 1024);
    expect(await manager.invoke('hello', large, { mode: 'async' })).toMatchObject({ output: null });
  });

  it('is told from what is no log', async () => {
    // A caller without types.
    const opening: unknown = Reflect.apply(createContainer, undefined, [
      config(folderWith()),
      { log: {} },
    ]);
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^log: /),
    });
  });
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
