/** What is not as the record says: what went with the alias, and what a full reading found. */
import type { Binding, Warning } from 'polyfaas/spi';
import { LIVE, type AwsObserved } from '../model.ts';
import type { FunctionRecord } from '../record.ts';
import { decodeSettings, type AppliedSettings } from './applied.ts';
import type { Traffic } from './traffic.ts';

export interface Drift {
  /** The alias is gone, or is another one: what hung on it cannot be taken for settled. */
  readonly isAliasLost: boolean;
  /** Ids of recorded bindings whose resources are to be made again. */
  readonly ids: ReadonlySet<string>;
}

export function driftOf({ latest, live, isStranger, record, actual }: AwsObserved): Drift {
  const hasAlias = latest === null || isStranger || live?.note != null;
  const isAliasLost = !hasAlias && isComplete(record);
  const ids = isAliasLost ? record.bindings : (actual?.drifted ?? []);
  return { isAliasLost, ids: new Set(ids.map(({ id }) => id)) };
}

/** A first deploy that was broken off has no alias either; all that it was about is marked as half done. */
function isComplete({ settings, bindings, pending }: FunctionRecord): boolean {
  const applied = decodeSettings(settings);
  if (applied === null) return false;
  return bindings.length === 0
    ? applied.unsettled === undefined
    : bindings.some(({ id }) => !pending.includes(id));
}

/** Whether the roles that were made are bounded by another policy than is wished. */
export function hasOtherBoundary(
  boundaryArn: string | null,
  before: AppliedSettings | null,
  { latest, isStranger, actual }: AwsObserved,
): boolean {
  // What is made is made with it.
  if (latest === null || isStranger) return false;
  if ((before?.boundary ?? null) !== boundaryArn) return true;
  return actual?.boundaryArn !== undefined && actual.boundaryArn !== boundaryArn;
}

/** How the live version comes to have nothing any more that polyfaas did not set. */
const END_OF_FOREIGN: Readonly<Record<Traffic, string>> = {
  publish: 'A version without it is published.',
  move: 'It goes as the newer version gets its traffic.',
  same: 'It goes once the newer version, which has a share of the traffic, gets all of it.',
};

/** What is told of it, as far as it concerns what is wished. */
export function driftWarnings(
  name: string,
  { isAliasLost }: Drift,
  { record, actual, live }: AwsObserved,
  bindings: readonly Binding[],
  traffic: Traffic,
): readonly Warning[] {
  if (isAliasLost) {
    // What has no bindings has lost nothing that is worth a word.
    if (record.bindings.length === 0) return [];
    const what = live === null ? 'is gone' : 'was changed by somebody else';
    return [
      {
        type: 'drift',
        field: `functions.${name}`,
        message: `The alias "${LIVE}" of "${name}" ${what}, and its permissions may be gone with it. Every event is bound again.`,
      },
    ];
  }
  const foreign = (actual?.foreign ?? []).map((what): Warning => ({
    type: 'drift',
    field: `functions.${name}`,
    message: `The live version of "${name}" has ${what}, which polyfaas did not set. ${END_OF_FOREIGN[traffic]}`,
  }));
  const wished = new Set(bindings.map(({ id }) => id));
  const drifted = (actual?.drifted ?? [])
    .filter(({ id }) => wished.has(id))
    .map(({ id, problem }): Warning => ({
      type: 'drift',
      field: `functions.${name}.events.${id}`,
      message: `The event "${id}" of "${name}" is not as polyfaas left it: ${problem}. It is bound again.`,
    }));
  return [...foreign, ...drifted];
}
