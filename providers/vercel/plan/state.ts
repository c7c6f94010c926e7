/** What planners make of what was observed. */
import type { FunctionRef } from 'polyfaas/spi';
import type { VercelObserved } from '../model.ts';
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
  return {
    record,
    number: kept?.number ?? null,
    before: decodeApplied(record.settings),
    isUnfinished: record.next !== null,
    ...presentVersions(record, observed),
  };
}
