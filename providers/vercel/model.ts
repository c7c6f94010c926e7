/** What the parts of the Vercel adapter share: what is observed, what a step is about, and how one is done. */
import type { CallContext, FunctionRef, ObservedFunction, Step, StepResult } from 'polyfaas/spi';
import type { VercelClients } from './clients/index.ts';
import type { KeptRecord } from './record.ts';

/** What the adapter reads of one function. JSON. */
export interface VercelObserved extends ObservedFunction {
  readonly physicalName: string;
  /** A project of that name belongs to somebody else. */
  readonly isStranger: boolean;
  /** It has the record of some function of ours. */
  readonly isOwned: boolean;
  /** Null when there is no project. */
  readonly project: {
    /** `prj_...` */
    readonly id: string;
    /** The team or user that it belongs to; absent where Vercel does not tell. */
    readonly accountId?: string;
    /** The deployment that production traffic reaches; null before the first. */
    readonly production: string | null;
    /** Host names that lead to it, as Vercel lists them. */
    readonly aliases: readonly string[];
    /** The last promotion or rollback, and how it is getting on. */
    readonly lastAliasRequest: {
      readonly to: string;
      readonly type: string;
      readonly status: string;
    } | null;
    /** Settings that keep events away, as far as some are set; absent when none is. */
    readonly closed?: readonly ClosedBy[];
    /** There is a secret that lets automation through the protection of deployments. The secret itself is not here. */
    readonly hasBypass: boolean;
  } | null;
  /**
   * The environment variables of the project, without values: key, id and targets. Null when there is no project.
   */
  readonly variables:
    | readonly {
        readonly id: string;
        readonly key: string;
        readonly type: string;
        readonly targets: readonly string[];
      }[]
    | null;
  /** What a full reading tells of values that are ours; absent otherwise. */
  readonly values?: {
    /** False when the variable of the keys is there, and holds none. */
    readonly hasKeys: boolean;
    /** The digest of each environment of a version that can be read, by the variable. */
    readonly envDigests: Readonly<Record<string, string>>;
  };
  /** Null when the project has none that can be read. */
  readonly kept: KeptRecord | null;
  /** Deployments that are there, by id: read by a full reading only; else null. */
  readonly deployments:
    | readonly {
        readonly id: string;
        readonly state: string;
        /** What it was made from; null for what was not deployed for this function. */
        readonly digest: string | null;
      }[]
    | null;
}

/** A setting of the project that keeps events from its production deployment. */
export type ClosedBy =
  /** Only these addresses: `all`, or `all-but-domains` of its own. */
  | {
      readonly setting: 'ssoProtection' | 'passwordProtection' | 'trustedIps';
      readonly of: 'all' | 'all-but-domains';
    }
  | { readonly setting: 'crons' | 'paused' };

/** Where things of one function are, as planners know it before anything is there. */
export interface Target {
  readonly ref: FunctionRef;
  /** The team's id or slug; null for a personal account. */
  readonly team: string | null;
  readonly physicalName: string;
  /** Null: it is not there yet; the step `ensure-project` tells it. */
  readonly projectId: string | null;
}

/** What each call to Vercel needs to know of the operation that it is made for. */
export type Asking = Pick<CallContext, 'signal'>;

/** Does one step. */
export type Executor = (
  vercel: VercelClients,
  step: Step,
  call: CallContext,
) => Promise<StepResult>;
