/**
 * The public face: what a manager does. What it is made with is in `making.types.ts`, what comes of it in
 * `results.types.ts`.
 */
import type { JsonReceived } from '../function/json-problem.types.ts';
import type { JsonValue } from '../function/json.types.ts';
import type { LogLevel } from '../function/context.ts';
import type { Capabilities } from '../spi/capabilities.ts';
import type { FunctionRef, Phase, Plan } from '../spi/plan.ts';
import type {
  FunctionDescription,
  FunctionMetrics,
  FunctionSummary,
  InvokeResult,
  LogEntry,
  NativeToken,
} from '../spi/provider.ts';
import type { PackageReportOptions } from '../package/report.ts';
import type { EventSpec, FunctionSpec } from '../spec/types.ts';
import type { Targeted } from '../targets/types.ts';
import type {
  Deployment,
  DeployOutcome,
  EventResult,
  FunctionPackageReport,
  PreWarmResult,
  Pruning,
  Removal,
} from './results.types.ts';

export type { ManagerOptions, ProviderFactory, ProviderParts } from './making.types.ts';
export type * from './results.types.ts';

/** What every method takes. */
export interface CallOptions {
  /** Ends the call with CANCELLED. A running step gets up to 5 s to finish; no new one starts. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens while a plan runs: one event when a step begins, polls, and ends. */
export interface ProgressEvent {
  /** Whose step it is: of several targets, all are told of at once. */
  readonly provider: string;
  readonly function: FunctionRef;
  readonly step: string;
  readonly title: string;
  readonly phase: Phase;
  readonly status: 'started' | 'waiting' | 'done' | 'failed';
  /** The platform's own word for what it is doing, while it is waited for. */
  readonly stage?: string;
  /** How many of how many steps are done. */
  readonly done: number;
  readonly total: number;
}

/** What every method takes that changes something. */
export interface ApplyOptions extends CallOptions {
  /** Called when a step begins, is waited for, and ends. What it throws stops nothing. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

export interface PlanOptions extends CallOptions {
  /** Take over a namesake that does not carry our tags. Default false: ALREADY_EXISTS. */
  readonly adopt?: boolean | undefined;
  /** Remove the bindings that `configureEvent` added. Default false. */
  readonly prune?: boolean | undefined;
  /** `full` reads everything instead of trusting digests. Default `cheap`. */
  readonly drift?: 'cheap' | 'full' | undefined;
  /** This declaration instead of the configured one. */
  readonly spec?: FunctionSpec | undefined;
}

export interface DeployOptions extends PlanOptions, ApplyOptions {}

export interface DeployAllOptions<Names extends string = string> extends Omit<
  DeployOptions,
  'spec'
> {
  /** Default: all that are configured. */
  readonly only?: readonly Names[] | undefined;
}

export interface InvokeOptions extends CallOptions {
  /** `async` is accepted, and runs later. Default `sync`. */
  readonly mode?: 'sync' | 'async' | undefined;
  /** A repeat does no harm: retried on any passing failure. Default false: only when the platform says that it did not run. */
  readonly idempotent?: boolean | undefined;
  /** A version other than the live one; UNSUPPORTED where `invoke.version` is `none`. */
  readonly version?: string | undefined;
  /** Default: a random UUID. At most 128 of `A-Z a-z 0-9 - _`. */
  readonly requestId?: string | undefined;
  /** W3C trace context. Default: the active OpenTelemetry span, if any. */
  readonly traceparent?: string | undefined;
}

/** What an invocation came to, and where. */
export type TargetedInvokeResult<Output = JsonValue> = InvokeResult<Output> & {
  /** The target that answered; absent with a single one. */
  readonly target?: string;
};

export interface PreWarmOptions extends CallOptions {
  /** 1 to 1,000. */
  readonly instances: number;
}

/** A window of time: `last` such as `15m`, `1h`, `7d`, or both ends in RFC 3339. */
export type TimeWindow =
  | { readonly last: string; readonly from?: never; readonly to?: never }
  | {
      readonly from: string | Date;
      readonly to?: string | Date | undefined;
      readonly last?: never;
    };

/** Which lines are read. Without a window: those of the last hour. */
export type LogsOptions = CallOptions & {
  /** Only the lines of this call. */
  readonly requestId?: string | undefined;
  /** Only lines of this level and above. Default: all. */
  readonly minLevel?: LogLevel | undefined;
  /** At most so many lines. Default 1,000; at most 10,000. */
  readonly limit?: number | undefined;
  /** Goes on after the line that has this cursor. */
  readonly cursor?: string | undefined;
  /** Waits for more at the end, until `limit` lines have come or `signal` aborts. Default false. */
  readonly follow?: boolean | undefined;
} & Partial<TimeWindow>;

/**
 * Deploys, invokes, wires, warms and watches functions on one provider, or on several.
 * Made by `createServerlessManager`.
 *
 * All methods reject with `ServerlessError`. Besides the codes that each names: INVALID_ARGUMENT for an argument that is
 * not allowed, before anything is sent; UNAUTHENTICATED, PERMISSION_DENIED, RATE_LIMITED, QUOTA_EXCEEDED and UNAVAILABLE
 * as the platform says; TIMEOUT when an attempt took longer than `limits.attemptTimeoutSeconds`; CANCELLED when `signal`
 * aborted or the manager was closed. What may pass by itself has been repeated already (`limits.maxAttempts`).
 */
export interface ServerlessManager<Names extends string = string> extends AsyncDisposable {
  readonly app: string;
  readonly stage: string;
  /** Of several targets: the first, which is the primary. */
  readonly provider: string;
  /** The providers that it works on, the primary first. One, unless the configuration names `targets`. */
  readonly targets: readonly string[];
  /** Of several targets: what all of them can do. */
  readonly capabilities: Capabilities;
  /** The names of the configured functions. */
  readonly functions: readonly Names[];
  /**
   * The manager of one target alone, by its provider's id: for plans, for versions, and to look at one platform. It is
   * closed with this one.
   *
   * @throws ServerlessError INVALID_ARGUMENT for an id that is not among `targets`.
   */
  target(id: string): ServerlessManager<Names>;
  /**
   * What `deploy` would do, as JSON, and does nothing. A function that is as declared has a plan without steps. Of several
   * targets: `target(id).plan(...)`.
   *
   * @throws ServerlessError as {@link deploy}, for what can be known before anything is written.
   * @example
   * ```ts
   * import type { ServerlessManager } from 'polyfaas';
   *
   * export async function review(manager: ServerlessManager): Promise<void> {
   *   const plan = await manager.plan('orders');
   *   for (const { phase, title } of plan.steps) console.log(phase, title);
   *   if (plan.steps.length > 0) await manager.apply(plan);
   * }
   * ```
   */
  plan(name: Names, options?: PlanOptions): Promise<Plan>;
  /** What takes the space in a function's package, and what is slow to load at a cold start. Sends nothing. */
  packageReport(
    name: Names,
    options?: PackageReportOptions & CallOptions,
  ): Promise<FunctionPackageReport>;
  /**
   * Runs a plan, also one that was written down and read again.
   *
   * @throws ServerlessError CONFLICT when something has changed since the plan was made: plan again. INVALID_ARGUMENT for
   * what is no plan, or one of another provider. Else as {@link deploy}.
   */
  apply(plan: Plan, options?: ApplyOptions): Promise<Deployment>;
  /**
   * Packages, plans and applies, with the declared events. The version before serves until the new one has started; the
   * same deploy again writes nothing. Of several targets: on all at once; rejects when one of them failed, with all
   * outcomes in `details.targets`.
   *
   * @throws ServerlessError INVALID_ARGUMENT with all that is wrong with the declaration or the code; UNSUPPORTED for what
   * the platform cannot do; PAYLOAD_TOO_LARGE for a package over its limit; ALREADY_EXISTS for a namesake that is not ours
   * (`adopt`); FUNCTION_FAILED when the new version does not start; CONFLICT when somebody else deploys. The version before
   * is live after each of them, and the same call does what is left.
   * @example
   * ```ts
   * import type { ServerlessManager } from 'polyfaas';
   *
   * export async function release(manager: ServerlessManager): Promise<void> {
   *   const { version, changed, url } = await manager.deploy('orders', {
   *     onProgress: ({ done, total, title }) => console.log(`${done}/${total} ${title}`),
   *   });
   *   console.log(changed ? `version ${version} is live` : 'nothing to do', url);
   * }
   * ```
   */
  deploy(name: Names, options?: DeployOptions): Promise<Targeted<Deployment>>;
  /** Deploys every configured function, some at once, and reports every outcome. Never rejects for one function's failure. */
  deployAll(
    options?: DeployAllOptions<Names>,
  ): Promise<{ readonly outcomes: readonly DeployOutcome<Names>[] }>;
  /**
   * Calls the live version. FUNCTION_FAILED carries the handler's own error as `cause`. Of several targets: the first that
   * is well. Another one is asked in the same call when the handler surely did not run, or with `idempotent: true`; after
   * `failover.maxFailures` failures in a row (default 3) calls go past a target until a warm-up, `failover.recoverySeconds`
   * later (default 10), shows that it is back. Credentials that may only invoke cannot warm up: then one call is the trial.
   *
   * @param input what JSON can say; the handler gets a copy. At most `capabilities.limits.syncPayloadBytes`.
   * @throws ServerlessError NOT_FOUND when it is not deployed, or the version is not kept; FUNCTION_FAILED; TIMEOUT;
   * PAYLOAD_TOO_LARGE; RATE_LIMITED when all its instances are busy. `details.didNotRun` is true where that is certain, and
   * `details.requestId` finds the call in the log.
   * @example
   * ```ts
   * import { type ServerlessManager, ServerlessError } from 'polyfaas';
   *
   * export async function total(manager: ServerlessManager): Promise<number | undefined> {
   *   try {
   *     const { output } = await manager.invoke<{ total: number }>('orders', { id: 7 });
   *     return output.total;
   *   } catch (error) {
   *     if (ServerlessError.isInstance(error) && error.code === 'NOT_FOUND') return undefined;
   *     throw error;
   *   }
   * }
   * ```
   */
  invoke<Output extends JsonReceived<Output> = JsonValue>(
    name: Names,
    input?: unknown,
    options?: InvokeOptions,
  ): Promise<TargetedInvokeResult<Output>>;
  /**
   * Adds or changes an event source of a deployed function. Idempotent by the binding's id, which is `event.id`, or made
   * from what the event is. It stays over deploys, until `removeEvent` or a deploy with `prune`.
   *
   * @throws ServerlessError NOT_FOUND when the function is not deployed; UNSUPPORTED for what the platform has not;
   * INVALID_ARGUMENT also for a kind that the live version does not handle.
   */
  configureEvent(
    name: Names,
    event: EventSpec,
    options?: ApplyOptions,
  ): Promise<Targeted<EventResult>>;
  /**
   * Takes an event source away. `removed` is false when there was none; where the function has others, a warning names them.
   *
   * @param bindingId as `configureEvent` and `describe` tell it.
   * @throws ServerlessError NOT_FOUND when the function is not deployed.
   */
  removeEvent(name: Names, bindingId: string, options?: ApplyOptions): Promise<Targeted<Removal>>;
  /**
   * Makes instances warm now, once. No handler runs. For standing capacity, declare `minInstances`.
   *
   * @throws ServerlessError NOT_FOUND when it is not deployed; UNSUPPORTED where `warm.ping` is `none`.
   */
  preWarm(name: Names, options: PreWarmOptions): Promise<Targeted<PreWarmResult>>;
  /**
   * Counts and times of all versions in a window, which is rounded outward to whole minutes. What the platform does not
   * count is null; `completeThrough` tells how far the numbers are final.
   *
   * @throws ServerlessError NOT_FOUND when it is not deployed; UNSUPPORTED where `metrics.counts` is `none`.
   */
  metrics(name: Names, window: TimeWindow & CallOptions): Promise<Targeted<FunctionMetrics>>;
  /**
   * What functions and the platform wrote, oldest first. Nothing is asked for before the first line is.
   *
   * @throws ServerlessError NOT_FOUND when it is not deployed; UNSUPPORTED where `logs.query` is `none`.
   * @example
   * ```ts
   * import type { ServerlessManager } from 'polyfaas';
   *
   * export async function tail(manager: ServerlessManager, signal: AbortSignal): Promise<void> {
   *   for await (const { time, level, message } of manager.logs('orders', { follow: true, signal }))
   *     console.log(time, level, message);
   * }
   * ```
   */
  logs(name: Names, options?: LogsOptions): AsyncIterable<LogEntry>;
  /**
   * Makes a kept version live again, with its code, environment and limits. Bindings stay as they are. Default: the newest
   * that is older than the live one, so that two calls go back by two. Name the version where a call may be repeated.
   *
   * @throws ServerlessError NOT_FOUND when no such version is kept, or none that is older; INVALID_ARGUMENT when it lacks
   * a handler for an event that is bound.
   */
  rollback(
    name: Names,
    options?: ApplyOptions & { readonly version?: string | undefined },
  ): Promise<Targeted<Deployment>>;
  /**
   * Removes the function with its versions, its bindings, and the sources that deploying made (`create: true`), whatever
   * waits in them; sources of others stay. `removed` is false when there was nothing; `warnings` tell what is kept because
   * others use it, or because it holds what is the user's.
   */
  remove(name: Names, options?: ApplyOptions): Promise<Targeted<Removal>>;
  /**
   * Deletes old versions, never the live one. Default: all but `keepVersions` of the declaration, which is 5 unless it says
   * otherwise; 1 to 100.
   *
   * @throws ServerlessError NOT_FOUND when it is not deployed.
   */
  prune(
    name: Names,
    options?: ApplyOptions & { readonly keepVersions?: number | undefined },
  ): Promise<Targeted<Pruning>>;
  /** What is deployed, as the platform knows it; undefined when nothing is. Targets that are down are passed over. */
  describe(name: Names, options?: CallOptions): Promise<FunctionDescription | undefined>;
  /** The deployed functions of this app and stage, configured or not. Targets that are down are passed over. */
  list(options?: CallOptions): AsyncIterable<FunctionSummary>;
  /** The vendor's own client, or undefined when this provider has none of that kind. */
  native<T>(token: NativeToken<T>): T | undefined;
  /** Ends everything that was started; calls that are under way reject with CANCELLED. Safe to call twice. */
  close(): Promise<void>;
}
