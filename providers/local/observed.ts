import type {
  Binding,
  FunctionDescription,
  FunctionRef,
  ObservedFunction,
  VersionDescription,
} from 'polyfaas/spi';
import {
  type FunctionRecord,
  type FunctionSettings,
  servedVersions,
  type VersionRecord,
} from './state/functions.ts';

/** What the local provider reads of one function. */
export interface LocalObserved extends ObservedFunction {
  readonly physicalName: string;
  /** Null when there is no record of that name. */
  readonly revision: number | null;
  /** A record of that name belongs to somebody else. */
  readonly isStranger: boolean;
  /** It carries the tags of some function, ours or another's. */
  readonly isOwned: boolean;
  readonly settings: FunctionSettings | null;
  readonly bindings: readonly Binding[];
  readonly liveVersion: number | null;
  /** False when the live version's code is gone from the disk. */
  readonly isCodeThere: boolean;
  /** Kept versions, oldest first; those too that have never been live. */
  readonly versions: readonly VersionRecord[];
}

export function observedOf(
  ref: FunctionRef,
  physicalName: string,
  record: FunctionRecord | undefined,
  url: string | null,
  isCodeThere: boolean,
): LocalObserved {
  if (!record) {
    return {
      token: 'absent',
      description: undefined,
      physicalName,
      revision: null,
      isStranger: false,
      isOwned: false,
      settings: null,
      bindings: [],
      liveVersion: null,
      isCodeThere: true,
      versions: [],
    };
  }
  const isStranger =
    record.ref?.app !== ref.app || record.ref.stage !== ref.stage || record.ref.name !== ref.name;
  return {
    token: `r${record.revision}`,
    description: isStranger ? undefined : descriptionOf(ref, record, url),
    physicalName,
    revision: record.revision,
    isStranger,
    isOwned: record.ref !== undefined,
    settings: record.settings,
    bindings: record.bindings,
    liveVersion: record.liveVersion,
    isCodeThere,
    versions: record.versions,
  };
}

function descriptionOf(
  ref: FunctionRef,
  record: FunctionRecord,
  url: string | null,
): FunctionDescription {
  return {
    ...ref,
    provider: 'local',
    region: 'local',
    physicalName: record.physicalName,
    liveVersion: record.liveVersion === null ? null : String(record.liveVersion),
    versions: servedVersions(record.versions).map((one): VersionDescription => ({
      version: String(one.version),
      createdAt: one.createdAt,
      digest: one.digest,
      handles: one.handles,
      memoryMb: one.memoryMb,
      timeoutSeconds: one.timeoutSeconds,
    })),
    bindings: record.bindings,
    url,
  };
}
