import type { Container, ContainerModule } from 'inversify';
import type { ManagerOptions } from '../manager/types.ts';
import type { PolyfaasConfig } from '../spec/types.ts';
import { isObject } from './fields.ts';

/** Modules that replace or add to what the container holds. */
export interface ContainerOptions extends ManagerOptions {
  /**
   * Loaded last, so they may rebind anything. With several targets: in the container of each, and in the one around them,
   * which has the clock, the log and a manager of them all, and keeps that manager.
   */
  readonly modules?: readonly ContainerModule[] | undefined;
}

/**
 * Builds the container that a manager comes from, for programs that keep their own.
 *
 * @throws ServerlessError INVALID_ARGUMENT for an option that is unknown or of the wrong type; and what
 *   `createServerlessManager` throws.
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
  const { checkManagerOptions } = await import('../manager/manager-options.ts');
  // Inversify judges the modules.
  checkManagerOptions(config, isObject(options) ? { ...options, modules: undefined } : options);
  // An adapter takes its tokens from here, and may be imported where nothing is ever built.
  const { buildContainer } = await import('./build-container.ts');
  return buildContainer(config, options);
}
