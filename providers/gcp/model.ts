/** What the parts of the Google adapter share: what is observed, what a step is about, and how one is done. */
import type {
  CallContext,
  FromRef,
  FunctionRef,
  ObservedFunction,
  Step,
  StepResult,
} from 'polyfaas/spi';
import type { GcpClients } from './clients/index.ts';
import type { FunctionRecord, MadeSource } from './record.ts';

/** What a function shows of its last build, whichever version is live. Null for what it does not say. JSON. */
export interface BuiltFields {
  readonly description: string;
  /** Plain values; of secrets, what they are called by. */
  readonly env: Readonly<Record<string, unknown>>;
  readonly runtime: string | null;
  readonly concurrency: number | null;
  /** Google sets one where none was declared. */
  readonly maxInstances: number | null;
}

/** What the adapter reads of one function. JSON. */
export interface GcpObserved extends ObservedFunction {
  /** The function's id, which is the name of its Cloud Run service too. */
  readonly physicalName: string;
  /** `projects/p/locations/l/functions/NAME` */
  readonly functionName: string;
  /** What it is deployed as, where nothing is there of its name: its id in `functionIds` was changed. Else null. */
  readonly deployedAs: string | null;
  /** Other ids that the same function is deployed as: they share its service account. Looked for by removals only. */
  readonly namesakes: readonly string[];
  /** A function, or a settings secret, of that name belongs to somebody else. */
  readonly isStranger: boolean;
  /** It carries the labels of some function of ours. */
  readonly isOwned: boolean;
  /** Null when there is no function. */
  readonly function: {
    readonly state: 'ACTIVE' | 'FAILED' | 'DEPLOYING' | 'DELETING' | 'UNKNOWN';
    /** `projects/p/locations/l/services/NAME`; null before it was built once. */
    readonly service: string | null;
    /** The URL of the service, without a slash at the end; null before it was built once. */
    readonly url: string | null;
    readonly labels: Readonly<Record<string, string>>;
    readonly environment: 'GEN_1' | 'GEN_2';
    readonly serviceAccount: string | null;
    readonly updateTime: string;
    /** As it was built last, by the names that users know. */
    readonly built: BuiltFields;
  } | null;
  /** Null when there is no settings secret. Its `etag` is what the record's writers compare. */
  readonly secret: {
    readonly name: string;
    readonly etag: string;
    /** It carries this function's labels. */
    readonly isOwn: boolean;
    /** Where the function is that it belongs to: secrets are the whole project's. Null when it does not say. */
    readonly location: string | null;
    /** Of the project, as Secret Manager's full names have it; null when it does not say. */
    readonly projectNumber: string | null;
  } | null;
  /** What Cloud Run says, when everything was read; else null. */
  readonly service: {
    readonly etag: string;
    readonly minInstances: number;
    /** As requests really flow. */
    readonly traffic: readonly {
      readonly revision: string;
      readonly percent: number;
      readonly tag: string | null;
    }[];
    /** False after a change of the traffic that failed: another one would make it so, unasked. */
    readonly isAsWished: boolean;
    /** Short names of those that are there. */
    readonly revisions: readonly string[];
    readonly ingress: string;
    readonly isPublic: boolean;
    /** Who may call it: members of IAM. */
    readonly callers: readonly string[];
  } | null;
  /** No version of the runtime settings can be read: somebody destroyed or disabled it. Seen by a full reading only. */
  readonly settingsLost: boolean;
  /** What was made for it, and was taken away, or turned away from it, by somebody else. Looked for by a full reading only. */
  readonly missing: readonly MadeSource[];
  /** What is left of a function that is gone. Looked for by removals only. */
  readonly leftovers: readonly ('serviceAccount' | 'asyncTopic')[];
  readonly record: FunctionRecord;
}

/** Where things of one function are, as planners know it before anything is there. */
export interface Target {
  readonly ref: FunctionRef;
  readonly projectId: string;
  /** Needed for the e-mail addresses of Google's own service agents. Empty: the steps that need it ask for it. */
  readonly projectNumber: string;
  readonly location: string;
  readonly physicalName: string;
  /** `projects/p/locations/l/functions/NAME` */
  readonly functionName: string;
  /** `projects/p/locations/l/services/NAME` */
  readonly serviceName: string;
  /** `projects/p/secrets/NAME` */
  readonly settingsSecret: string;
  /** The topic of asynchronous invocations: `projects/p/topics/NAME`. */
  readonly asyncTopic: string;
  /** The e-mail address of the service account that the function works as, and that deliveries are signed as. */
  readonly serviceAccount: string;
  /** False for a service account of the user's: its roles are theirs. */
  readonly ownsServiceAccount: boolean;
  /** The URL of the service, or the step's output that will tell it. */
  readonly url: string | FromRef;
}

/** Does one step. */
export type Executor = (gcp: GcpClients, step: Step, call: CallContext) => Promise<StepResult>;
