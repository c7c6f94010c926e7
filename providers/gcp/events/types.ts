/** What the planners of deploys and the planners of event sources have in common. */
import type { AsyncPolicy, Binding, ProviderIdentity, Step, Warning } from 'polyfaas/spi';
import type { AsyncRules, BindingPolicy } from '../manifest.ts';
import type { Target } from '../model.ts';
import type { PlatformSettings } from '../options.ts';
import type { FunctionRecord, MadeSource } from '../record.ts';

/** What the bindings are to become, from what. */
export interface BindingWish {
  readonly target: Target;
  readonly identity: ProviderIdentity;
  readonly platform: PlatformSettings;
  /** What the secret's annotation says now. */
  readonly record: FunctionRecord;
  readonly bindings: readonly Binding[];
  readonly timeoutSeconds: number;
  /**
   * Everything is looked at and put right, not only what differs from the record. Needed too when the service account is
   * another one than before: every delivery is signed as it.
   */
  readonly repairsAll: boolean;
  /** What the record says was made, and is not there: bindings that need it are bound anew. */
  readonly missing: readonly MadeSource[];
  /**
   * The service account that was made for the function, where it works as one of the user's by now, and a version that is
   * kept works as the one that was made. Else null.
   */
  readonly keptAccount: string | null;
}

/** What is to be done, in the order in which it is done, and what it comes to. */
export interface BindingPlan {
  /** Phase `prepare`: steps that write nothing, and refuse what cannot be bound. Before any other step. */
  readonly checks: readonly Step[];
  /** Phase `prepare`: makes topics, buckets and dead-letter queues, and grants. After the service account is there. */
  readonly sources: readonly Step[];
  /** What the runtime settings hold, of all bindings. Written before `after`, in phase `bind`. */
  readonly policies: readonly BindingPolicy[];
  /**
   * Phase `bind`, after the new version is live: subscriptions, jobs, notifications, triggers, and who may call the
   * service. New ones stand before those that they replace go.
   */
  readonly after: readonly Step[];
  /** Phase `retire`: takes away what the function no longer needs. */
  readonly retire: readonly Step[];
  /** The ids that the plan touches: bound, changed, or unbound. Empty: nothing of the above but `policies` matters. */
  readonly touched: readonly string[];
  /** All that was made so far, and all that the steps may make. */
  readonly made: readonly MadeSource[];
  /** The same once the steps of `retire` are done. */
  readonly kept: readonly MadeSource[];
  /** True when some http binding is enabled: then the function has an origin, and may be public. */
  readonly hasHttp: boolean;
  readonly warnings: readonly Warning[];
}

/** How asynchronous invocations are to be treated, from what. */
export interface AsyncWish {
  readonly target: Target;
  readonly platform: PlatformSettings;
  readonly record: FunctionRecord;
  /** All that are wished: what they make may be a destination. */
  readonly bindings: readonly Binding[];
  readonly policy: AsyncPolicy;
  readonly keptAccount: string | null;
  readonly timeoutSeconds: number;
  /** True when all was done before for the same rules, timeout and service account: then there are no steps. */
  readonly isSettled: boolean;
}

/** What asynchronous invocations take. `withAsync` joins it to a {@link BindingPlan}. */
export interface AsyncPlan {
  /** Phase `prepare`: refuses destinations that are not there, and that no binding makes. */
  readonly checks: readonly Step[];
  /** Phase `prepare`: the topics, and what the service account and Pub/Sub may do with them. */
  readonly sources: readonly Step[];
  /** For the runtime settings; known before anything is there. */
  readonly rules: AsyncRules;
  /** Phase `bind`: the subscription that pushes to the service. */
  readonly after: readonly Step[];
  /** Phase `retire`. */
  readonly retire: readonly Step[];
  /** What it is made of. */
  readonly made: readonly MadeSource[];
  /** What the record holds of it, and what it needs no more. */
  readonly gone: readonly MadeSource[];
  readonly warnings: readonly Warning[];
}
