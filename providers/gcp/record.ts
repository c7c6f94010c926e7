/**
 * What polyfaas remembers of a function: its versions, its bindings, and what was made for them. It lives in an
 * annotation of the function's settings secret (at most 16 KiB), whose etag lets only one writer through.
 */
import type { Binding, HandlerKind } from 'polyfaas/spi';

/** The annotation that holds the record: JSON, deflated, base64url. */
export const RECORD_ANNOTATION = 'polyfaas-record';

/**
 * A source that was made because of `create: true`, or something that was made for one binding and goes with it. `id` is
 * its full name: `projects/p/topics/t`, `projects/p/locations/l/jobs/j`. Of a notification, whose number only Cloud Storage
 * chooses, that of its bucket with `#` and the topic: `projects/_/buckets/b#projects/p/topics/t`. Of a trigger, whose place
 * is its database's, with `-` for the place, `#` and the database: `projects/p/locations/-/triggers/t#(default)`. Of a
 * grant, that of its resource, with `#role#member`.
 */
export interface MadeSource {
  readonly kind:
    // Sources: they stay until the function is removed.
    | 'topic'
    | 'bucket'
    /** A topic of dead letters, and the subscription of the same name that keeps them. */
    | 'deadLetter'
    // What belongs to one binding: it goes when the binding goes.
    | 'subscription'
    | 'ownTopic'
    | 'job'
    | 'notification'
    | 'trigger'
    | 'grant'
    /** A grant on a destination of asynchronous invocations, which no binding needs. Its `id` is that of a grant. */
    | 'destination'
    /** A grant on a secret that some version reads, or read: it goes with the function. Its `id` is that of a grant. */
    | 'secret';
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
  /** False for zips that others built: only what Google itself offers can call them. */
  readonly hasShim: boolean;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** The e-mail address of the service account that it works as. Left out: the one that was made. */
  readonly serviceAccount?: string;
  /** The short name of its Cloud Run revision; null until it is built. */
  readonly revision: string | null;
  /** RFC 3339. Null for one that is no version any more, whose revision Cloud Run would not delete yet. */
  readonly createdAt: string | null;
}

export interface FunctionRecord {
  /** The function's name as declared: labels hold no capital letters. */
  readonly name?: string;
  /** The version that traffic reaches; null before the first complete deploy. */
  readonly live: string | null;
  /** Every version that is kept, oldest first. Each has a revision with a tag of its own (`tagOf` in `names.ts`). */
  readonly versions: readonly VersionNote[];
  /** The digest of what is about to be done: whoever wrote it last is the one who goes on. Null when nothing is. */
  readonly next: string | null;
  /** The bindings as they are; those named in `pending`, as they are about to be. */
  readonly bindings: readonly Binding[];
  /** Ids of bindings (also of those that are about to go) whose resources may be only half done. */
  readonly pending: readonly string[];
  /** What `remove` takes away with the function. */
  readonly made: readonly MadeSource[];
  /** The digest of the runtime settings and of what else belongs to no version, once all is applied; empty before. */
  readonly settings: string;
}

/** The `next` of a record whose traffic may not be what it says. */
export const UNFINISHED = 'unfinished';
/** The `next` of a function that is being taken away. */
export const REMOVING = 'removing';

export const EMPTY_RECORD: FunctionRecord = {
  live: null,
  versions: [],
  next: null,
  bindings: [],
  pending: [],
  made: [],
  settings: '',
};

/** Labels say whose a resource is. Values are made by `labelValue` of `names.ts`. */
export const LABEL = {
  app: 'polyfaas-app',
  stage: 'polyfaas-stage',
  function: 'polyfaas-function',
  /** The digest of what a function was built from last: see `FunctionInput` in `steps.ts`. */
  build: 'polyfaas-build',
  /** On the settings secret, which has no region of its own: that of the function. */
  location: 'polyfaas-location',
} as const;
