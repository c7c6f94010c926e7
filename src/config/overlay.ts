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
  const overlay = environments !== undefined && Object.hasOwn(environments, stage);
  const merged = overlay ? mergeOver(rest, environments[stage]) : rest;
  return { ...asConfig(merged, rest), stage };
}

/** Two objects merge to an object of the same fields: the overlay has no field that a configuration has not. */
function asConfig<Config extends object>(merged: unknown, before: Config): Config {
  return Object.assign({}, before, merged);
}
