/** Who has the traffic of an alias while the instances of its new version are started. */
import type { AliasState, FunctionState, LambdaState } from './state.ts';

/** What shares the traffic with the version of an alias: as it was told to, or by Lambda itself. */
export function weightsOf(
  state: LambdaState,
  fn: FunctionState,
  alias: AliasState,
): Readonly<Record<string, number>> {
  const config = fn.provisioned.get(alias.name);
  if (alias.rollsFrom === undefined || !config) return alias.weights;
  if (config.failure === undefined && state.now() >= config.readyAt) return alias.weights;
  return { [alias.rollsFrom]: 1 };
}
