import { BUILT_IN_PROVIDERS } from '../spec/names.ts';
import { isPlainObject } from '../spec/plain-data.ts';
import type { PolyfaasConfig } from '../spec/types.ts';
import type { ManagerOptions } from '../manager/types.ts';

/** What the caller gives a provider for is known by that name, as if its package were listed. */
export function withOwnAdapters(
  config: PolyfaasConfig,
  { provider, providers = {} }: Pick<ManagerOptions, 'provider' | 'providers'>,
): PolyfaasConfig {
  const named = [...Object.keys(providers), ...(provider ? chosenIn(config) : [])];
  const own = named.filter((id) => !BUILT_IN_PROVIDERS.includes(id));
  if (own.length === 0) return config;
  return {
    ...config,
    adapters: { ...Object.fromEntries(own.map((id) => [id, id])), ...config.adapters },
  };
}

/** The provider of each stage, whatever else is wrong with the configuration: its schema tells that. */
function chosenIn(config: unknown): readonly string[] {
  if (!isPlainObject(config)) return [];
  const { environments } = config;
  const overlays = isPlainObject(environments) ? Object.values(environments) : [];
  return [config, ...overlays].flatMap((one) => {
    const chosen = isPlainObject(one) ? one['provider'] : undefined;
    return typeof chosen === 'string' ? [chosen] : [];
  });
}
