/** What planners make of what was observed. */
import type { GcpObserved } from '../model.ts';
import { isBuilt } from '../observe.ts';
import type { FunctionRecord, VersionNote } from '../record.ts';
import { decodeApplied, type AppliedSettings } from './applied.ts';
import { keptVersions } from './versions.ts';

export interface DeployedState {
  /** Without versions where nothing is left of them. */
  readonly record: FunctionRecord;
  readonly live: VersionNote | undefined;
  /** Oldest first, the live one among them. */
  readonly kept: readonly VersionNote[];
  /** What was applied the last time; null when it is not known, or lost. */
  readonly before: AppliedSettings | null;
  /** Something was begun and not finished: what traffic reaches is not certain. */
  readonly isUnfinished: boolean;
  /** Versions whose revisions somebody deleted. They are in nothing else of this. Known after a full reading only. */
  readonly lost: readonly VersionNote[];
}

export function stateOf({
  function: found,
  service,
  record: noted,
  isStranger,
}: Pick<GcpObserved, 'function' | 'service' | 'record' | 'isStranger'>): DeployedState {
  // Of a function that is gone, nothing is left that a version or a binding could stand on.
  const isThere = isBuilt(found) && !isStranger;
  const lost = noted.versions.filter(
    ({ revision }) => revision !== null && service?.revisions.includes(revision) === false,
  );
  const record = { ...noted, versions: noted.versions.filter((note) => !lost.includes(note)) };
  const kept = isThere ? keptVersions(record) : [];
  const live = kept.find(({ version }) => version === record.live);
  return {
    record: isThere ? record : { ...record, live: null, versions: [] },
    live,
    kept,
    before: live ? decodeApplied(record.settings) : null,
    isUnfinished: record.next !== null,
    lost,
  };
}
