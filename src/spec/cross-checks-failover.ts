/** `failover` says how patient calls are with one of several targets: beside a single provider nothing reads it. */
import type { Issue } from './issues.ts';
import { isPlainObject } from './plain-data.ts';

const PROBLEM =
  'has no effect on a single provider. Name several as `targets`, such as targets: ["aws", "gcp"], or remove it.';

/** Of a whole configuration: one environment may have the targets that another has not. */
export function failoverIssues(
  config: Readonly<Record<string, unknown>>,
  environments: Readonly<Record<string, unknown>>,
): readonly Issue[] {
  const overlays = Object.entries(environments).filter(isOverlay);
  const isUsed = [config, ...overlays.map(([, overlay]) => overlay)].some(hasTargets);
  return [
    ...(hasFailover(config) && !isUsed ? [{ path: ['failover'], message: PROBLEM }] : []),
    ...overlays
      .filter(([, overlay]) => hasFailover(overlay) && !isSeveral(config, overlay))
      .map(([stage]) => ({ path: ['environments', stage, 'failover'], message: PROBLEM })),
  ];
}

type Fields = Readonly<Record<string, unknown>>;

function isOverlay(entry: [string, unknown]): entry is [string, Record<string, unknown>] {
  return isPlainObject(entry[1]);
}

/** What an environment says of one stands instead of the other. */
function isSeveral(config: Fields, overlay: Fields): boolean {
  return hasTargets(overlay) || (hasTargets(config) && overlay['provider'] === undefined);
}

function hasTargets(fields: Fields): boolean {
  return fields['targets'] !== undefined;
}

function hasFailover(fields: Fields): boolean {
  return fields['failover'] !== undefined;
}
