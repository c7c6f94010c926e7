import { Container, type ContainerModule } from 'inversify';
import { systemClock } from '../engine/system-clock.ts';
import { ServerlessError } from '../errors/index.ts';
import { redact } from '../errors/redact.ts';
import type { ManagerOptions } from '../manager/types.ts';
import { resolveSetup } from '../manager/setup.ts';
import type { PolyfaasConfig } from '../spec/types.ts';
import type { CoreLog } from '../spi/provider.ts';
import { coreModule } from './core-module.ts';
import { loadProviderModule } from './load-provider.ts';
import { loadTelemetry } from './load-telemetry.ts';
import { TOKENS } from './tokens.ts';

const silent: CoreLog = { log: () => {} };

/** Modules that replace or add to what the container holds. */
export interface ContainerOptions extends ManagerOptions {
  /** Loaded last, so they may rebind anything. */
  readonly modules?: readonly ContainerModule[] | undefined;
}

/**
 * Builds the container that a manager comes from, for programs that keep their own.
 *
 * @example
 * ```ts
 * import { createContainer, TOKENS } from 'polyfaas/di';
 *
 * const container = await createContainer({ app: 'shop', provider: 'local' });
 * export const manager = container.get(TOKENS.Manager);
 * ```
 */
export async function createContainer(
  config: PolyfaasConfig,
  options: ContainerOptions = {},
): Promise<Container> {
  const setup = await resolveSetup(config);

  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(TOKENS.Clock).toConstantValue(options.clock ?? systemClock);
  container.bind(TOKENS.Random).toConstantValue(options.random ?? Math.random);
  container.bind(TOKENS.Log).toConstantValue(options.log ?? silent);
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
  const { provider } = options;
  if (provider) {
    container
      .bind(TOKENS.Provider)
      .toResolvedValue((parts) => provider(parts), [TOKENS.ProviderParts])
      .inSingletonScope();
  } else {
    const { providerId, adapters, parts } = setup;
    container.load(await loadProviderModule(providerId, adapters, parts.root));
  }
  for (const module of options.modules ?? []) container.load(module);
  await open(container, setup.providerId);
  return container;
}

/** Providers may open something first; from here on, `get` finds them ready. */
async function open(container: Container, providerId: string): Promise<void> {
  if (!container.isBound(TOKENS.Provider)) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `The adapter of "${providerId}" binds no provider. Its \`providerModule\` has to bind TOKENS.Provider.`,
    });
  }
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
