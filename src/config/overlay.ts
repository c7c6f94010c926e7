import { mergeOver } from '../spec/merge.ts';
import type { PolyfaasConfig } from '../spec/types.ts';

/**
 * Lays `environments[stage]` over the rest. Objects are merged; lists (events too) and secrets are replaced.
 * The result holds no `environments`, and its `stage` is the one given. Pure.
 */
export function applyEnvironment<Names extends string>(
  config: PolyfaasConfig<Names>,
  stage: string,
): PolyfaasConfig<Names> {
  const { environments, ...rest } = config;
  const overlay =
    environments !== undefined && Object.hasOwn(environments, stage)
      ? environments[stage]
      : undefined;
  if (overlay === undefined) return { ...rest, stage };
  const below = withoutReplaced(rest, overlay);
  return { ...asConfig(mergeOver(below, overlay), below), stage };
}

/** `provider` and `targets` say the same thing in two ways: the one that the overlay has stands instead of the other. */
function withoutReplaced<Config extends Pick<PolyfaasConfig, 'provider' | 'targets'>>(
  config: Config,
  { provider, targets }: Pick<PolyfaasConfig, 'provider' | 'targets'>,
): Omit<Config, 'provider' | 'targets'> {
  const { provider: ownProvider, targets: ownTargets, ...rest } = config;
  return {
    ...rest,
    ...(targets === undefined && ownProvider !== undefined && { provider: ownProvider }),
    ...(provider === undefined && ownTargets !== undefined && { targets: ownTargets }),
  };
}

/** Two objects merge to an object of the same fields: the overlay has no field that a configuration has not. */
function asConfig<Config extends object>(merged: unknown, before: Config): Config {
  return Object.assign({}, before, merged);
}
