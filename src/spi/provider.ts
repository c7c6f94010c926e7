/** The interface that every provider implements. */
import type { LogLevel, TraceContext } from '../function/context.ts';
import type { EventKind, HandlerKind } from '../function/events.ts';
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import type { Signature } from '../function/shim.ts';
import type { AsyncSpec, ProviderOptions, SecretRef } from '../spec/types.ts';
import type { ErrorCode } from '../errors/codes.ts';
import type { ArtifactManifest, ArtifactReader, PackagingProfile } from './artifact.ts';
import type { Binding, RetryPolicy } from './bindings.ts';
import type { Capabilities } from './capabilities.ts';
import type { Clock, Random } from './clock.ts';
import type { FunctionRef, Plan, Scope, Step, StepResult, Warning } from './plan.ts';

/** A function's declaration with nothing left out, and no code in it. */
export interface NormalFunctionSpec {
  readonly name: string;
  readonly description: string;
  /** `node`, `node22`, ... or a platform's own word. */
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly env: Readonly<Record<string, string | SecretRef>>;
  readonly minInstances: number;
  readonly maxInstances: number | undefined;
  readonly concurrency: number;
  readonly architecture: 'x86_64' | 'arm64' | undefined;
  readonly async: AsyncPolicy;
  readonly tracing: { readonly sampleRate: number } | undefined;
  readonly keepVersions: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The bindings that the spec declares; their origin is `spec`. */
  readonly bindings: readonly Binding[];
  readonly providerOptions: ProviderOptions;
}

/** Asynchronous invocation with nothing left out. */
export type AsyncPolicy = Omit<AsyncSpec, 'retry' | 'maxAgeSeconds'> & {
  readonly retry: RetryPolicy;
  readonly maxAgeSeconds: number;
};

/** What belongs to one call of the SPI. The core guarantees that every field is there. */
export interface CallContext {
  /** Never undefined. Already bounded by the attempt's timeout. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  readonly artifacts: ArtifactReader;
  readonly log: CoreLog;
  /**
   * Says aloud what is not as whoever asked would think: that a source is kept, for others read it. It is logged, and what
   * a step says is among the `warnings` of what the operation comes to.
   */
  readonly warn: (message: string, fields?: JsonObject) => void;
  /** The function that a step is for, by its name in the configuration. Other calls name theirs themselves. */
  readonly function?: string;
  /** The value that the previous `execute` of this step gave as `resume`. */
  readonly resume?: JsonValue;
  /** The span of this call, where there is one: it travels with an invocation. */
  readonly trace?: TraceContext;
}

/** Where the library itself logs. Silent unless the user gives one. */
export interface CoreLog {
  log(level: LogLevel, message: string, fields?: JsonObject): void;
}

/** The account and the region that a provider works in; what pure planners need of the outside. */
export interface ProviderIdentity {
  /** The account, subscription, project or team. `local` on the local provider. */
  readonly account: string;
  readonly region: string;
  readonly details?: JsonObject;
}

/** What the portable part of polyfaas wants to know of an observed function. */
export interface FunctionDescription {
  readonly name: string;
  readonly app: string;
  readonly stage: string;
  readonly provider: string;
  readonly region: string;
  /** The platform's own name or id. */
  readonly physicalName: string;
  /** The version that traffic reaches; null before the first complete deploy. */
  readonly liveVersion: string | null;
  readonly versions: readonly VersionDescription[];
  readonly bindings: readonly Binding[];
  /** The one origin of its HTTP routes, without a slash at the end. */
  readonly url: string | null;
}

/** One version that is kept. */
export interface VersionDescription {
  readonly version: string;
  /** RFC 3339. `1970-01-01T00:00:00.000Z` where it is not known, as long as a deploy that ended early is not repeated. */
  readonly createdAt: string;
  /** The version's digest: code, environment, memory, timeout, and what else the platform keeps with it. */
  readonly digest: string;
  readonly handles: readonly HandlerKind[];
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

/** What a provider read of one function. JSON. Providers add fields of their own. */
export interface ObservedFunction {
  /** Changes whenever the function changes. Says what a plan is based on. */
  readonly token: string;
  /** Undefined when there is no such function, or only a stranger's namesake. */
  readonly description: FunctionDescription | undefined;
}

export interface FunctionSummary {
  readonly name: string;
  readonly physicalName: string;
  readonly liveVersion: string | null;
}

interface PlanRequest {
  readonly ref: FunctionRef;
  readonly identity: ProviderIdentity;
}

export interface DeployRequest extends PlanRequest {
  readonly spec: NormalFunctionSpec;
  readonly artifact: ArtifactManifest;
  /** Digest of what every platform keeps with a version. A planner may add to it; see `versionDigest`. */
  readonly versionDigest: string;
  /** Take over a namesake that does not carry our tags. */
  readonly adopt: boolean;
  /** Remove bindings of origin `api` too. */
  readonly prune: boolean;
}

export interface EventRequest extends PlanRequest {
  readonly binding: Binding;
}

export interface EventRef extends PlanRequest {
  readonly bindingId: string;
}

export interface PreWarmRequest extends PlanRequest {
  readonly instances: number;
}

export interface RollbackRequest extends PlanRequest {
  /** The manager always names it. Default: the newest kept version that is older than the live one. */
  readonly version?: string;
}

export interface RemoveRequest extends PlanRequest {}

export interface PruneRequest extends PlanRequest {
  /** How many versions stay, the live one too. */
  readonly keepVersions: number;
}

/**
 * The planners: pure, synchronous, JSON in and out. No clock, no environment, no randomness. What they are given is frozen:
 * one that changes it fails, and is told by name.
 * What they refuse, they refuse with a `ServerlessError`: no layer stands between them and the caller.
 */
export interface Planners<Observed extends ObservedFunction> {
  /** Same wish twice: no steps. */
  deploy(request: DeployRequest, observed: Observed): Plan;
  configureEvent(request: EventRequest, observed: Observed): Plan;
  /** Removing an absent binding plans no steps. */
  removeEvent(request: EventRef, observed: Observed): Plan;
  preWarm(request: PreWarmRequest, observed: Observed): Plan;
  rollback(request: RollbackRequest, observed: Observed): Plan;
  /** Removing an absent function plans no steps. */
  remove(request: RemoveRequest, observed: Observed): Plan;
  prune(request: PruneRequest, observed: Observed): Plan;
}

export interface InvokeRequest {
  readonly input: JsonValue;
  readonly mode: 'sync' | 'async';
  readonly requestId: string;
  readonly trace: TraceContext | undefined;
  /** The caller says that a repeat does no harm. */
  readonly idempotent: boolean;
  /** A version instead of the live one. Only where `invoke.version` is supported. */
  readonly version?: string | undefined;
}

export interface InvokeResult<Output = JsonValue> {
  /** What the handler answered; `null` for an asynchronous call. */
  readonly output: Output;
  readonly requestId: string;
  readonly version: string;
  readonly coldStart: boolean;
  /** Time in the handler, without the way there; null where unknown. */
  readonly durationMs: number | null;
  /** Time to start the instance, on a cold start; null where unknown or warm. */
  readonly initDurationMs: number | null;
  readonly instanceId: string | null;
}

export interface MetricsQuery {
  /** RFC 3339 in UTC, already rounded outward to 60 s. */
  readonly from: string;
  readonly to: string;
}

/** Counts and times of one function in one window. What is unknown is null, not 0; percentiles of nothing too. */
export interface FunctionMetrics {
  /** Where the numbers come from, in the platform's words. */
  readonly source: string;
  /** `own-calls`: only what this library invoked. */
  readonly coverage: 'all' | 'own-calls';
  readonly from: string;
  readonly to: string;
  /** Nothing before this moment is still missing. */
  readonly completeThrough: string;
  readonly invocations: number | null;
  /** Calls that failed, also those that took too long. */
  readonly errors: number | null;
  /** How many of the errors took too long. */
  readonly timeouts: number | null;
  readonly throttles: number | null;
  /** Calls that an instance was started for. Google Cloud counts the starts of instances, also of those that wait ahead. */
  readonly coldStarts: number | null;
  /** Calls that only warmed; not in `invocations`. */
  readonly warmUps: number | null;
  readonly durationMs: Percentiles | null;
  readonly initDurationMs: Percentiles | null;
  readonly maxMemoryMb: number | null;
}

export interface Percentiles {
  readonly average: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface LogsQuery {
  readonly from: string;
  readonly to: string;
  readonly requestId?: string | undefined;
  readonly minLevel?: LogLevel | undefined;
  /** At most so many entries. */
  readonly limit: number;
  /** Goes on where an earlier query stopped. */
  readonly cursor?: string | undefined;
  /** Wait for more at the end instead of ending. */
  readonly follow: boolean;
}

export interface LogEntry {
  /** RFC 3339 in UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly requestId?: string;
  readonly version?: string;
  readonly fields?: JsonObject;
  /** Opaque; pass it as `cursor` to go on after this entry. */
  readonly cursor: string;
}

/** What a raw error means. */
export interface Classification {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** True when the platform says that the function did not run. */
  readonly didNotRun?: boolean;
  /** A better message than the raw one: what to do next. */
  readonly message?: string;
}

/** A typed way to a provider's own client. Made with `nativeToken`. */
export interface NativeToken<T> {
  readonly key: symbol;
  /** Carries the type; there is no such value. */
  readonly type?: T;
}

/** A provider: an adapter for one platform. */
export interface ServerlessProvider<Observed extends ObservedFunction = ObservedFunction> {
  readonly specVersion: 1;
  /** Lower case: `aws`. */
  readonly id: string;
  readonly capabilities: Capabilities;
  readonly packaging: PackagingProfile;
  /**
   * Checks `providerOptions[id]` and the spec against what only this provider knows.
   * Pure; every problem at once. Nothing is sent. The spec is frozen, as is what planners are given.
   */
  validate(spec: NormalFunctionSpec): readonly SpecIssue[];
  /**
   * Checks one event against what only this provider knows, such as an interval that the platform does not have.
   * Asked for each binding that a declaration holds, and for the one that `configureEvent` adds. Pure; nothing is
   * sent. Paths begin with `functions.<functionName>.events.<binding.id>`.
   */
  validateBinding(functionName: string, binding: Binding): readonly SpecIssue[];
  identify(call: CallContext): Promise<ProviderIdentity>;
  /** A missing function is no error: `description` is undefined. */
  observe(ref: FunctionRef, call: CallContext, options?: ObserveOptions): Promise<Observed>;
  list(scope: Scope, call: CallContext): AsyncIterable<FunctionSummary>;
  readonly plan: Planners<Observed>;
  /** Does one step. Decides nothing; safe to repeat. */
  execute(step: Step, call: CallContext): Promise<StepResult>;
  invoke(ref: FunctionRef, request: InvokeRequest, call: CallContext): Promise<InvokeResult>;
  metrics(ref: FunctionRef, query: MetricsQuery, call: CallContext): Promise<FunctionMetrics>;
  logs(ref: FunctionRef, query: LogsQuery, call: CallContext): AsyncIterable<LogEntry>;
  /** A pure table from a raw error to its meaning. */
  classify(cause: unknown): Classification;
  native<T>(token: NativeToken<T>): T | undefined;
  /** Ends everything that was started. Safe to call twice. Waited for no longer than for an attempt of another call. */
  close(): Promise<void>;
}

export interface ObserveOptions {
  /** Read everything that can have drifted, also what a digest would vouch for. Default false. */
  readonly full?: boolean;
  /**
   * Look for what of the function no record tells of, because somebody deleted the function, or the record, by hand:
   * nothing is to be left of it. A removal asks for this, and needs none of what `full` compares. Default false.
   */
  readonly leftovers?: boolean;
  /**
   * False: the caller needs no version but the live one, so a provider may leave the others out of the description
   * and save a read. The token is the same either way. Default true.
   */
  readonly versions?: boolean;
}

/** One thing wrong with a declaration. */
export interface SpecIssue {
  /** `functions.orders.memoryMb`. */
  readonly path: string;
  readonly message: string;
  readonly warning?: Warning['type'];
}

export type { EventKind, HandlerKind, Signature };
