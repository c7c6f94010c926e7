/** What planners make of what was observed. */
import type { FunctionRef } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
import { promotedNow } from '../observe/project.ts';
import type { FunctionRecord } from '../record.ts';
import { decodeApplied, type AppliedSettings } from './applied.ts';
import { presentVersions, type PresentVersions } from './versions.ts';

export interface DeployedState extends PresentVersions {
  readonly record: FunctionRecord;
  /** Its number; null where there is none of ours. */
  readonly number: number | null;
  /** What was applied the last time; null when it is not known. */
  readonly before: AppliedSettings | null;
  /** Something was begun and not finished: what it left may be in the way. */
  readonly isUnfinished: boolean;
  /** Ids of deployments of ours that no note names, although nothing is under way: told by a full reading only. */
  readonly strays: readonly string[];
}

export function stateOf(
  { app, stage, name }: FunctionRef,
  observed: VercelObserved,
): DeployedState {
  const kept = observed.isStranger || observed.project === null ? null : observed.kept;
  const record: FunctionRecord = kept?.record ?? {
    app,
    stage,
    name,
    live: null,
    versions: [],
    next: null,
    bindings: [],
    since: {},
    settings: '',
  };
  const present = presentVersions(record, observed);
  const isUnfinished = record.next !== null || present.coming.length > 0;
  return {
    record,
    number: kept?.number ?? null,
    before: decodeApplied(record.settings),
    ...present,
    isUnfinished,
    strays: isUnfinished ? [] : straysOf(record, observed),
  };
}

function straysOf(
  { versions }: FunctionRecord,
  { deployments, project, isStranger }: VercelObserved,
): readonly string[] {
  if (isStranger || project === null) return [];
  const noted = new Set(versions.map(({ deployment }) => deployment?.id));
  return (deployments ?? [])
    .filter(({ id, digest }) => digest !== null && !noted.has(id))
    .map(({ id }) => id)
    .filter((id) => id !== project.production && id !== promotedNow(project));
}
