/** The public face. */
import type { JsonReceived } from '../function/json-problem.types.ts';
import type { JsonValue } from '../function/json.types.ts';
import type { LogLevel } from '../function/context.ts';
import type { Binding } from '../spi/bindings.ts';
import type { Capabilities } from '../spi/capabilities.ts';
import type { Clock, Random } from '../spi/clock.ts';
import type { FunctionRef, Phase, Plan, Warning } from '../spi/plan.ts';
import type {
  CoreLog,
  FunctionDescription,
  FunctionMetrics,
  FunctionSummary,
  InvokeResult,
  LogEntry,
  NativeToken,
  ServerlessProvider,
} from '../spi/provider.ts';
import type { PackageReport, PackageReportOptions } from '../package/report.ts';
import type { EventSpec, FunctionSpec, ProviderOptions } from '../spec/types.ts';
import type { Targeted } from '../targets/types.ts';

/** What a function's package holds, as data and as a table for a terminal. */
export interface FunctionPackageReport extends PackageReport {
  readonly text: string;
}

/** What every method takes. */
export interface CallOptions {
  /** Ends the call with CANCELLED. A running step gets up to 5 s to finish; no new one starts. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens while a plan runs: one event when a step begins, polls, and ends. */
export interface ProgressEvent {
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

export interface ApplyOptions extends CallOptions {
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

/** One step of a plan that was run. */
export interface JournalEntry {
  readonly step: string;
  readonly title: string;
  readonly phase: Phase;
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly durationMs: number;
  /** How often the platform was asked whether it is done. */
  readonly polls: number;
}

/** What a deploy or a rollback came to. */
export interface Deployment {
  readonly function: FunctionRef;
  readonly provider: string;
  /** The version that is live now. */
  readonly version: string;
  /** False when everything was as wished already, and nothing was written. */
  readonly changed: boolean;
  /** The origin of its HTTP routes; null without any. */
  readonly url: string | null;
  readonly bindings: readonly Binding[];
  readonly warnings: readonly Warning[];
  /** The live version's digest. */
  readonly digest: string;
  readonly journal: readonly JournalEntry[];
}

export type DeployOutcome =
  | {
      readonly name: string;
      readonly status: 'deployed' | 'unchanged';
      readonly deployment: Deployment;
    }
  | { readonly name: string; readonly status: 'failed' | 'cancelled'; readonly error: Error };

export interface DeployAllOptions extends Omit<DeployOptions, 'spec'> {
  /** Default: all that are configured. */
  readonly only?: readonly string[] | undefined;
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

export interface EventResult {
  readonly bindingId: string;
  /** For http: where the route is. */
  readonly url: string | null;
  /** False when the binding was there already, just so. */
  readonly changed: boolean;
  readonly warnings: readonly Warning[];
}

export interface PreWarmOptions extends CallOptions {
  /** 1 to 1,000. */
  readonly instances: number;
}

export interface PreWarmResult {
  readonly requested: number;
  readonly distinctInstances: number;
  /** True when the platform keeps them; false when they are only likely to be there. */
  readonly guaranteed: boolean;
}

/** A window of time: `last` such as `15m`, `1h`, `7d`, or both ends in RFC 3339. */
export type TimeWindow =
  | { readonly last: string; readonly from?: never; readonly to?: never }
  | {
      readonly from: string | Date;
      readonly to?: string | Date | undefined;
      readonly last?: never;
    };

export type LogsOptions = CallOptions & {
  readonly requestId?: string | undefined;
  readonly minLevel?: LogLevel | undefined;
  /** Default 1,000; at most 10,000. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly follow?: boolean | undefined;
} & Partial<TimeWindow>;

/**
 * Deploys, invokes, wires, warms and watches functions on one provider.
 * Made by `createServerlessManager`. All methods reject with `ServerlessError`.
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
  /** The configured functions. */
  readonly functions: readonly string[];
  /**
   * The manager of one target alone, by its provider's id: for plans, for versions, and to look at one platform. It is
   * closed with this one.
   *
   * @throws ServerlessError INVALID_ARGUMENT for an id that is not among `targets`.
   */
  target(id: string): ServerlessManager<Names>;
  /** What `deploy` would do, and does nothing. Of several targets: `target(id).plan(...)`. */
  plan(name: Names, options?: PlanOptions): Promise<Plan>;
  /** What takes the space in a function's package, and what is slow to load at a cold start. Sends nothing. */
  packageReport(
    name: Names,
    options?: PackageReportOptions & CallOptions,
  ): Promise<FunctionPackageReport>;
  /** Runs a plan, if the world is still as the plan saw it; CONFLICT otherwise. */
  apply(plan: Plan, options?: ApplyOptions): Promise<Deployment>;
  /**
   * Packages, plans and applies, with the declared events. Of several targets: on all at once; rejects when one of them
   * failed, with all outcomes in `details.targets`.
   */
  deploy(name: Names, options?: DeployOptions): Promise<Targeted<Deployment>>;
  /** Deploys every configured function, some at once, and reports every outcome. Never rejects for one function's failure. */
  deployAll(options?: DeployAllOptions): Promise<{ readonly outcomes: readonly DeployOutcome[] }>;
  /**
   * Calls the live version. FUNCTION_FAILED carries the handler's own error as `cause`. Of several targets: the first that
   * is well. Another one is asked in the same call when the handler surely did not run, or with `idempotent: true`; after
   * `failover.maxFailures` failures in a row (default 3) calls go past a target until a warm-up, `failover.recoverySeconds`
   * later (default 10), shows that it is back.
   */
  invoke<Output extends JsonReceived<Output> = JsonValue>(
    name: Names,
    input?: unknown,
    options?: InvokeOptions,
  ): Promise<TargetedInvokeResult<Output>>;
  /** Adds or changes an event source of a deployed function. Idempotent by the binding's id. */
  configureEvent(
    name: Names,
    event: EventSpec,
    options?: ApplyOptions,
  ): Promise<Targeted<EventResult>>;
  removeEvent(
    name: Names,
    bindingId: string,
    options?: ApplyOptions,
  ): Promise<Targeted<{ readonly removed: boolean }>>;
  /** Makes instances warm now, once. For standing capacity, declare `minInstances`. */
  preWarm(name: Names, options: PreWarmOptions): Promise<Targeted<PreWarmResult>>;
  metrics(name: Names, window: TimeWindow & CallOptions): Promise<Targeted<FunctionMetrics>>;
  /** Oldest first. */
  logs(name: Names, options?: LogsOptions): AsyncIterable<LogEntry>;
  /** Makes a kept version live again. Bindings stay as they are. Default: the newest that is older than the live one, else the newest of the others. */
  rollback(
    name: Names,
    options?: ApplyOptions & { readonly version?: string | undefined },
  ): Promise<Targeted<Deployment>>;
  remove(name: Names, options?: ApplyOptions): Promise<Targeted<{ readonly removed: boolean }>>;
  /** Deletes old versions. Default: all but `keepVersions` of the declaration. */
  prune(
    name: Names,
    options?: ApplyOptions & { readonly keepVersions?: number | undefined },
  ): Promise<Targeted<{ readonly removedVersions: readonly string[] }>>;
  describe(name: Names, options?: CallOptions): Promise<FunctionDescription | undefined>;
  /** The deployed functions of this app and stage, configured or not. */
  list(options?: CallOptions): AsyncIterable<FunctionSummary>;
  /** The vendor's own client, or undefined when this provider has none of that kind. */
  native<T>(token: NativeToken<T>): T | undefined;
  /** Ends everything that was started. Safe to call twice. */
  close(): Promise<void>;
}

/** What a provider is made from. */
export interface ProviderParts {
  readonly app: string;
  readonly stage: string;
  /** As configured for this provider; undefined for its default. */
  readonly region: string | undefined;
  /** Where relative paths begin; absolute. */
  readonly root: string;
  readonly providerOptions: ProviderOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: CoreLog;
}

/** Makes a provider. */
export type ProviderFactory = (
  parts: ProviderParts,
) => ServerlessProvider | Promise<ServerlessProvider>;

/** What a configuration file cannot say. */
export interface ManagerOptions {
  /** A provider of one's own, instead of the one that `config.provider` names. */
  readonly provider?: ProviderFactory | undefined;
  /** The same for each of several targets, by its id. Those that are not here are loaded as usual. */
  readonly providers?: Readonly<Record<string, ProviderFactory>> | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Default `Math.random`. */
  readonly random?: Random | undefined;
  /** Default: silent. */
  readonly log?: CoreLog | undefined;
  /**
   * OpenTelemetry spans and metrics with the `faas.*` names, through `@opentelemetry/api` only.
   * Default `auto`: when the program has loaded that package.
   */
  readonly telemetry?: boolean | 'auto' | undefined;
}
