import { Container } from 'inversify';
import { systemClock } from '../engine/system-clock.ts';
import { ServerlessError } from '../errors/index.ts';
import { redact } from '../errors/redact.ts';
import { closeInTime, type ClosingParts } from '../layers/closing.ts';
import { resolveSetup, type Setup } from '../manager/setup.ts';
import type { ServerlessManager } from '../manager/types.ts';
import type { PolyfaasConfig } from '../spec/types.ts';
import type { CoreLog } from '../spi/provider.ts';
import { checkProvider } from './check-provider.ts';
import { coreModule } from './core-module.ts';
import type { ContainerOptions } from './create-container.ts';
import { loadProviderModule } from './load-provider.ts';
import { withOwnAdapters } from './own-adapters.ts';
import { loadTelemetry } from './load-telemetry.ts';
import { quietLog } from './quiet-log.ts';
import { TOKENS } from './tokens.ts';

const silent: CoreLog = { log: () => {} };

/** Checks the configuration, and builds the container of its provider, or of its targets. */
export async function buildContainer(
  config: PolyfaasConfig,
  options: ContainerOptions,
): Promise<Container> {
  const given = withOwnAdapters(config, options);
  const setup = await resolveSetup(given);
  const { targets } = setup;
  if (targets === undefined) return containerOf(setup, options);
  if (options.provider) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `provider: there are several targets (${targets.join(', ')}). Give a provider of your own for one of them in \`providers\`.`,
    });
  }
  return containerOfTargets(setup, targets, options, (target) => resolveSetup(given, target));
}

/** One container for each target, and one around them whose manager works on all. */
async function containerOfTargets(
  setup: Setup,
  targets: readonly string[],
  options: ContainerOptions,
  setupOf: (target: string) => Promise<Setup>,
): Promise<Container> {
  const { TargetsManager } = await import('../targets/manager.ts');
  const container = baseContainer(options);
  loadModules(container, options);
  const managers = new Map<string, ServerlessManager>();
  try {
    for (const target of targets) {
      const inner = await containerOf(await setupOf(target), options);
      managers.set(target, inner.get(TOKENS.Manager));
    }
  } catch (error) {
    // Those that are open already would keep what they hold.
    await Promise.allSettled([...managers.values()].map((manager) => manager.close()));
    throw error;
  }
  const { failover, settings } = setup;
  // A module's own is for each target; this one is of them all.
  container
    .rebind(TOKENS.Manager)
    .toResolvedValue(
      (clock, log) =>
        new TargetsManager(managers, {
          clock,
          log: quietLog(log),
          options: {
            maxFailures: failover.maxFailures,
            recoveryMs: failover.recoverySeconds * 1_000,
          },
          parallelDeploys: settings.limits.parallelDeploys,
        }),
      [TOKENS.Clock, TOKENS.Log],
    )
    .inSingletonScope();
  return container;
}

function baseContainer(options: ContainerOptions): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(TOKENS.Clock).toConstantValue(options.clock ?? systemClock);
  container.bind(TOKENS.Random).toConstantValue(options.random ?? Math.random);
  container.bind(TOKENS.Log).toConstantValue(quietLog(options.log ?? silent));
  return container;
}

async function containerOf(setup: Setup, options: ContainerOptions): Promise<Container> {
  const container = baseContainer(options);
  container
    .bind(TOKENS.ProviderParts)
    .toResolvedValue(
      (clock, random, log) => ({ ...setup.parts, clock, random, log }),
      [TOKENS.Clock, TOKENS.Random, TOKENS.Log],
    )
    .inSingletonScope();
  container.bind(TOKENS.Settings).toConstantValue(setup.settings);
  container.bind(TOKENS.Packager).toConstantValue(setup.packager);
  const telemetry = await loadTelemetry(options.telemetry ?? 'auto', () => setup.parts.region);
  container.bind(TOKENS.Telemetry).toConstantValue(telemetry);
  container.load(coreModule);
  const { providers = {} } = options;
  const own = Object.hasOwn(providers, setup.providerId) ? providers[setup.providerId] : undefined;
  const provider = options.provider ?? own;
  if (provider) {
    container
      .bind(TOKENS.Provider)
      .toResolvedValue((parts) => provider(parts), [TOKENS.ProviderParts])
      .inSingletonScope();
  } else {
    const { providerId, adapters, parts } = setup;
    container.load(await loadProviderModule(providerId, adapters, parts.root));
  }
  loadModules(container, options);
  // What a module or the caller gives may have any id; what is chosen by a name has to bear it.
  const isListed =
    !provider && !options.modules?.length && Object.hasOwn(setup.adapters, setup.providerId);
  await open(container, setup, isListed);
  return container;
}

function loadModules(container: Container, { modules = [] }: ContainerOptions): void {
  for (const module of modules) container.load(module);
}

/** Providers may open something first; from here on, `get` finds them ready. */
async function open(
  container: Container,
  { providerId, settings }: Setup,
  isListed: boolean,
): Promise<void> {
  if (!container.isBound(TOKENS.Provider)) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `The adapter of "${providerId}" binds no provider. Its \`providerModule\` has to bind TOKENS.Provider.`,
    });
  }
  // When it is made, and before anything stands on it.
  container.onActivation(TOKENS.Provider, (_context, provider) => {
    try {
      checkProvider(provider, providerId, isListed);
      return provider;
    } catch (refusal) {
      const { attemptTimeoutSeconds } = settings.limits;
      const clock = container.get(TOKENS.Clock);
      const parts = { provider: providerId, clock, attemptTimeoutSeconds };
      return closeIfItCan(provider, parts).then(() => Promise.reject(refusal));
    }
  });
  try {
    await container.getAsync(TOKENS.Manager);
  } catch (cause) {
    if (ServerlessError.isInstance(cause)) throw cause;
    const why = redact(cause instanceof Error ? cause.message : String(cause));
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      message: `The provider "${providerId}" could not be opened: ${why}`,
      cause,
    });
  }
}

/** It may hold something already, and nobody else is going to close it. */
async function closeIfItCan(provider: unknown, parts: ClosingParts): Promise<void> {
  if (typeof provider !== 'object' || provider === null || !('close' in provider)) return;
  try {
    const { close } = provider;
    if (typeof close !== 'function') return;
    await closeInTime(parts, () => Reflect.apply(close, provider, []));
  } catch {
    // What is wrong with it is told already.
  }
}
