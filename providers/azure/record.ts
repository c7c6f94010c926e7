/**
 * What polyfaas remembers of a function app: its live version, its bindings, and what was made for them. It lives in the
 * app's own tags, so that one read brings it along with the configuration.
 */
import type { Binding, HandlerKind } from 'polyfaas/spi';

/**
 * A source that was made because of `create: true`, or something that was made for one binding and goes with it. `id` is
 * its ARM resource id; of an event subscription, that of its source with `/providers/Microsoft.EventGrid/eventSubscriptions/NAME`;
 * of a role, that of its scope with `#` and the id of the role. A destination of asynchronous invocations, which is never
 * made, is noted as a role is: bindings that share it leave the role in place.
 */
export interface MadeSource {
  readonly kind:
    // Sources: they stay until the function is removed.
    | 'queue'
    | 'topic'
    | 'container'
    | 'hub'
    | 'table'
    | 'bus'
    // What belongs to one binding: it goes when the binding goes.
    | 'subscription'
    | 'consumerGroup'
    | 'ownQueue'
    | 'leases'
    | 'systemTopic'
    | 'eventSubscription'
    | 'role'
    | 'destination';
  readonly id: string;
}

/** What belongs to one version and never changes. */
export interface VersionNote {
  /** The first 10 characters of its digest. */
  readonly version: string;
  /** The digest of the version: code, environment, memory, timeout and the platform settings that belong to it. */
  readonly digest: string;
  readonly artifactDigest: string;
  readonly handles: readonly HandlerKind[];
  /** False for zips that others built: only what Azure itself offers can call them. */
  readonly hasShim: boolean;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Names of its variables: their values are in app settings. */
  readonly env: readonly string[];
  /** Of each of them, as `envMarks` tells. Absent in notes that are older than this field. */
  readonly marks?: readonly string[];
  /** RFC 3339. Null until it is published. */
  readonly createdAt: string | null;
}

export interface FunctionRecord {
  /** What is served; null before the first complete deploy. */
  readonly live: VersionNote | null;
  /** The digest of the package that is published: code, manifest and host.json. Null while it is being replaced. */
  readonly packageDigest: string | null;
  /** What is about to be published, and whose turn that is: whoever wrote it last is the one who goes on. */
  readonly next: string | null;
  /** How many operations have marked it: of two that are about to do the same, only one goes on. */
  readonly turn: number;
  /** The digest of the package that was served last, for the time in which `packageDigest` is null. */
  readonly lastPackage: string | null;
  /** What the names of the settings of the published package carry; empty before the first complete deploy. */
  readonly settingsKey: string;
  /** The bindings as they are; those named in `pending`, as they are about to be. */
  readonly bindings: readonly Binding[];
  /** Ids of bindings (also of those that are about to go) whose resources may be only half done. */
  readonly pending: readonly string[];
  /** What `remove` takes away with the function. */
  readonly made: readonly MadeSource[];
  /** The digest of the app settings and of what else belongs to no version, once all is applied; empty before. */
  readonly settings: string;
}

export const EMPTY_RECORD: FunctionRecord = {
  live: null,
  packageDigest: null,
  next: null,
  turn: 0,
  lastPackage: null,
  settingsKey: '',
  bindings: [],
  pending: [],
  made: [],
  settings: '',
};

/** Tags say whose a resource is. */
export const TAG = {
  app: 'polyfaas-app',
  stage: 'polyfaas-stage',
  function: 'polyfaas-function',
  /** On what all functions of an app and stage share: `true`. */
  shared: 'polyfaas-shared',
  /** The resource id of the storage account, where it is not the function's own. */
  storage: 'polyfaas-storage',
  /** What the function is for, as it was declared. */
  description: 'polyfaas-description',
  /** `polyfaas-state-0`, `polyfaas-state-1`, ... hold the record. */
  state: 'polyfaas-state-',
} as const;
