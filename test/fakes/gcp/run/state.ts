import type { JsonMap } from '../core/json.ts';
import type { Fleet, InstanceSetup } from '../core/ports.ts';

/** What the runtime needs to run the container of a service: the image, if there were one. */
export interface BuiltSource {
  readonly folder: string;
  readonly entryPoint: string;
}

export interface RunRevision {
  /** `orders-00001-abc` */
  readonly name: string;
  readonly uid: string;
  readonly number: number;
  readonly createdMs: number;
  /** A `google.cloud.run.v2.RevisionTemplate`. */
  readonly template: JsonMap;
  readonly setup: InstanceSetup;
  readonly fleet: Fleet;
  updatedMs: number;
  state: 'starting' | 'ready' | 'failed' | 'deleting';
  /** Why it is not ready. */
  problem: string;
}

export interface TrafficTarget {
  readonly isLatest: boolean;
  /** Short name; empty for the latest. */
  readonly revision: string;
  readonly percent: number;
  /** Empty without one. */
  readonly tag: string;
}

export interface RunService {
  /** `projects/p/locations/l/services/NAME` */
  readonly name: string;
  readonly shortName: string;
  readonly uid: string;
  readonly createdMs: number;
  updatedMs: number;
  /** A `google.cloud.run.v2.Service` without what only the API writes. */
  config: JsonMap;
  source: BuiltSource;
  generation: number;
  observedGeneration: number;
  /** Counts all changes, of the state too: the etag. */
  version: number;
  /** How many revisions there ever were. */
  made: number;
  /** Oldest first. */
  readonly revisions: RunRevision[];
  /** How traffic really flows. */
  traffic: readonly TrafficTarget[];
  /** Short names; empty before there is one. */
  latestCreated: string;
  latestReady: string;
  /** While a change is being made, there is no other. */
  isChanging: boolean;
  isDeleting: boolean;
  /** Why the last change was not made. */
  problem: string;
  url: string;
  /** URLs of tags. */
  readonly tags: Map<string, string>;
}

/** The revision that a target is, now. */
export function revisionOf(
  service: RunService,
  { isLatest, revision }: TrafficTarget,
): RunRevision | undefined {
  const name = isLatest ? service.latestReady : revision;
  return service.revisions.find((each) => each.name === name && each.state === 'ready');
}

/** Etags look like this, and their text means nothing to anybody. */
export function etagOf({ uid, version }: Pick<RunService, 'uid' | 'version'>): string {
  return `"${Buffer.from(`${version}/${uid}`).toString('base64url')}"`;
}
