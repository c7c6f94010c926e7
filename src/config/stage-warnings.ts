/** What a configuration may say by mistake, as it is in one stage. */
import { nearestName } from '../spec/nearest.ts';
import type { PolyfaasConfig } from '../spec/types.ts';
import type { Warning } from '../spi/plan.ts';

/**
 * @param whole with its environments
 * @param ofStage what it is in its stage, the environment laid over it
 */
export function stageWarnings(
  { environments = {} }: PolyfaasConfig,
  ofStage: Pick<PolyfaasConfig, 'targets' | 'failover'> & { readonly stage: string },
): readonly Warning[] {
  return [...unknownStage(Object.keys(environments), ofStage.stage), ...unreadFailover(ofStage)];
}

/** Most stages need no environment of their own; one that is nearly called as one that is there is a mistake. */
function unknownStage(environments: readonly string[], stage: string): readonly Warning[] {
  if (environments.includes(stage)) return [];
  const nearest = nearestName(stage, environments);
  if (nearest === undefined) return [];
  const message = `stage: "${stage}" is none of \`environments\`, so nothing is laid over the configuration. Did you mean "${nearest}"?`;
  return [{ type: 'other', field: 'stage', message }];
}

/** No mistake, perhaps: code may choose targets later, and another stage may have them. */
function unreadFailover({
  targets,
  failover,
}: Pick<PolyfaasConfig, 'targets' | 'failover'>): readonly Warning[] {
  if (failover === undefined || targets !== undefined) return [];
  const message =
    'failover: has no effect on a single provider. Name several as `targets`, such as targets: ["aws", "gcp"], or write it in the environment that has them.';
  return [{ type: 'ignored', field: 'failover', message }];
}
