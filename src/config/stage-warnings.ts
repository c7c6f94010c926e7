import { nearestName } from '../spec/nearest.ts';
import type { PolyfaasConfig } from '../spec/types.ts';
import type { Warning } from '../spi/plan.ts';

/** Most stages need no environment of their own; one that is nearly called as one that is there is a mistake. */
export function stageWarnings(
  { environments = {} }: PolyfaasConfig,
  stage: string,
): readonly Warning[] {
  if (Object.hasOwn(environments, stage)) return [];
  const nearest = nearestName(stage, Object.keys(environments));
  if (nearest === undefined) return [];
  const message = `stage: "${stage}" is none of \`environments\`, so nothing is laid over the configuration. Did you mean "${nearest}"?`;
  return [{ type: 'other', field: 'stage', message }];
}
