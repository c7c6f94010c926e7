import type { DeclaredNames, OverlaidNames, PolyfaasConfig } from '../spec/types.ts';
import type { ManagerOptions, ServerlessManager } from './types.ts';

/** Where no name is declared, any may come from where the types do not see it. */
type KnownNames<Names extends string> = [Names] extends [never] ? string : Names;

/**
 * Makes a manager for one provider. Loads that provider, its SDK, the schema and the container; importing
 * `polyfaas` alone loads none of them.
 *
 * @param config the configuration, or what `loadConfig` found. Relative paths begin at `config.root`.
 * @throws ServerlessError INVALID_ARGUMENT with every problem of the configuration at once; UNSUPPORTED for a
 *   provider that this version has not got.
 *
 * @example
 * ```ts
 * import { createServerlessManager } from 'polyfaas';
 *
 * await using manager = await createServerlessManager({
 *   app: 'shop',
 *   provider: 'local',
 *   functions: {
 *     hello: { source: 'export const handler = async (event) => ({ hello: event.name });' },
 *   },
 * });
 * await manager.deploy('hello');
 * const { output } = await manager.invoke('hello', { name: 'Ada' });
 * console.log(output); // { hello: 'Ada' }
 * ```
 */
export async function createServerlessManager<
  const Names extends string = string,
  const More extends string = never,
>(
  config: PolyfaasConfig & DeclaredNames<Names> & OverlaidNames<More>,
  options?: ManagerOptions,
): Promise<ServerlessManager<KnownNames<Names | More>>>;
// Names are known by type only: the manager itself takes any string and checks it.
export async function createServerlessManager(
  config: PolyfaasConfig,
  options: ManagerOptions = {},
): Promise<ServerlessManager> {
  const { checkManagerOptions } = await import('./manager-options.ts');
  checkManagerOptions(config, options);
  const { createContainer, TOKENS } = await import('../di/index.ts');
  const container = await createContainer(config, options);
  return container.get(TOKENS.Manager);
}
