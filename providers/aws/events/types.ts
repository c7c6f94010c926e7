/** What the planners of deploys and the planners of event sources have in common. */
import type { Binding, Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import type { FunctionRecord, MadeSource } from '../record.ts';

/** What the bindings are to become, from what. */
export interface BindingWish {
  readonly target: Target;
  /** What the function's tags say now. */
  readonly record: FunctionRecord;
  readonly bindings: readonly Binding[];
  /** The function's own timeout: a queue must hide a message for longer. */
  readonly timeoutSeconds: number;
  /** The permissions boundary of the role that schedules take; null or absent for none. */
  readonly boundaryArn?: string | null;
  /**
   * False for code that others built, which knows no envelope: schedules and buses then send their bare input.
   * Default true.
   */
  readonly hasShim?: boolean;
  /**
   * The same two of the version that was live before, when a version is about to go live: bindings that depend on them
   * are brought into line. Default: the same as now.
   */
  readonly before?: { readonly timeoutSeconds: number; readonly hasShim: boolean };
  /** Ids of recorded bindings whose resources are gone, or not as they were made. Default: none. */
  readonly drifted?: ReadonlySet<string>;
  /** The role that schedules take gets another boundary. Default false. */
  readonly setsBoundary?: boolean;
}

/** The steps, all in phase `bind`, in order, and what they come to. */
export interface BindingPlan {
  /** Steps of phase `prepare` that write nothing, and refuse what cannot be bound. They belong before any other step. */
  readonly checks: readonly Step[];
  readonly steps: readonly Step[];
  /** The ids that the steps touch: bound, changed, or unbound. */
  readonly touched: readonly string[];
  /** All that was made so far, and all that the steps may make. */
  readonly made: readonly MadeSource[];
  /** The origin of the routes: a text, `{ $from: ... }`, or null. */
  readonly url: string | null | { readonly $from: string };
}
