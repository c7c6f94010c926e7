import { Container, type ContainerModule } from 'inversify';
import { systemClock } from '../engine/system-clock.ts';
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
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const log = options.log ?? silent;
  const setup = await resolveSetup(config);
  const parts = { ...setup.parts, clock, random, log };

  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(TOKENS.Clock).toConstantValue(clock);
  container.bind(TOKENS.Random).toConstantValue(random);
  container.bind(TOKENS.Log).toConstantValue(log);
  container.bind(TOKENS.ProviderParts).toConstantValue(parts);
  container.bind(TOKENS.Settings).toConstantValue(setup.settings);
  container.bind(TOKENS.Packager).toConstantValue(setup.packager);
  const telemetry = await loadTelemetry(options.telemetry ?? 'auto', () => parts.region);
  container.bind(TOKENS.Telemetry).toConstantValue(telemetry);
  container.load(coreModule);
  if (options.provider) {
    container.bind(TOKENS.Provider).toConstantValue(await options.provider(parts));
  } else {
    const module = await loadProviderModule(setup.providerId, setup.adapters, parts.root);
    container.load(module);
  }
  for (const module of options.modules ?? []) container.load(module);
  // Providers may open something first; from here on, `get` finds them ready.
  await container.getAsync(TOKENS.Manager);
  return container;
}
