/**
 * What the parts of the local provider expect of each other. Each part implements one of these and knows the
 * others only by these types:
 *
 * - `runtime/` runs code: {@link InstancePool}
 * - `store/` keeps things: {@link LocalStore}
 * - `events/` delivers: {@link EventPlatform}
 * - `gateway/` listens: {@link Gateway}
 * - `records/` remembers calls: {@link CallRecords}
 */
import type { DatabaseSync } from 'node:sqlite';
import type {
  AsyncPolicy,
  Binding,
  CallMeta,
  Clock,
  FunctionMetrics,
  FunctionRef,
  HandlerKind,
  HttpMeta,
  JsonObject,
  JsonValue,
  LogEntry,
  LogLevel,
  LogsQuery,
  MetricsQuery,
  NormalHttpEvent,
  Random,
  RuntimeIdentity,
  TraceContext,
} from 'polyfaas/spi';
import type { Places } from './runtime/places.ts';
import type { EventSources } from './sources.types.ts';

// ---------------------------------------------------------------------------------------------- runtime

/** How instances of one version run. */
export interface PoolSettings {
  readonly identity: RuntimeIdentity;
  /** The folder with the unpacked artifact. */
  readonly codeFolder: string;
  readonly entryFile: string;
  /** The whole environment of the function; nothing of this process's own leaks in. */
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Requests that one instance serves at once. */
  readonly concurrency: number;
  readonly minInstances: number;
  readonly maxInstances: number;
  readonly isolation: 'thread' | 'process';
  /** An instance idle for so long is stopped, down to `minInstances`. */
  readonly idleSeconds: number;
  /** Calls that may wait for an instance; more are RATE_LIMITED. */
  readonly maxWaiting: number;
}

/** An HTTP request on its way to an instance: plain values, fit for a structured clone. */
export interface LocalHttpRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Name, value, name, value ... as they came, repeated names included. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
  readonly http: HttpMeta;
}

/** A response on its way back. */
export interface LocalHttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** Name, value, name, value ...; `set-cookie` stays repeated. */
  readonly headers: readonly string[];
  /** Whole bytes, or a stream when the handler streams. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** The bytes of the body once more, as a text with one character for each, where they are at hand as such. */
  readonly bodyText?: string | undefined;
}

/** One call to an instance. */
export type LocalCall =
  | { readonly kind: 'http'; readonly event: LocalHttpRequest; readonly meta: CallMeta }
  | {
      readonly kind: Exclude<HandlerKind, 'http'>;
      /** Already checked by the JSON encoder. */
      readonly event: JsonValue;
      readonly meta: CallMeta;
    };

/** What a call came to. */
export interface LocalReply {
  /** JSON; for http a {@link LocalHttpResponse}. */
  readonly output: JsonValue | LocalHttpResponse;
  readonly coldStart: boolean;
  readonly durationMs: number;
  /** Null on a warm call. */
  readonly initDurationMs: number | null;
  readonly instanceId: string;
  /** Heap plus external, after the call; null where not read. */
  readonly memoryMb: number | null;
}

export interface PoolStats {
  readonly instances: number;
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
  /** Threads that did not end when told to; they count against `maxInstances`. */
  readonly quarantined: number;
}

export interface WarmReport {
  /** How many different instances answered or were already idle and ready. */
  readonly distinctInstances: number;
  /** How many had to be started. */
  readonly started: number;
}

/**
 * Runs one version. Rejects only with `ServerlessError`: FUNCTION_FAILED (the handler's own error is `cause`;
 * `details.phase` is `init`, `call` or `exit`), TIMEOUT, CANCELLED, RATE_LIMITED, PAYLOAD_TOO_LARGE.
 */
export interface InstancePool {
  /** @param signal cancels: a waiting call is dropped, a running handler sees `context.signal` abort and gets 250 ms. */
  call(call: LocalCall, signal?: AbortSignal): Promise<LocalReply>;
  /** Brings `instances` to life without running the handler; fewer where there is no place for all. */
  warm(instances: number): Promise<WarmReport>;
  stats(): PoolStats;
  /** Takes no new calls, lets running ones end, then stops everything. */
  drain(): Promise<void>;
  /** Stops everything now. Running calls reject with CANCELLED. */
  close(): Promise<void>;
}

/** What a pool tells while it runs. */
export interface PoolListener {
  log(entry: InstanceLog): void;
  /** Something an operator should know: a quarantined thread, a memory kill, a start failure. */
  warn(message: string, fields: JsonObject): void;
}

/** One line that code in an instance wrote: by `context.log`, or to stdout or stderr. */
export interface InstanceLog {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: JsonObject;
  readonly requestId?: string;
  readonly instanceId: string;
}

export type CreateInstancePool = (
  settings: PoolSettings,
  listener: PoolListener,
  clock: Clock,
  /** The limit that it has together with others. Default: none. */
  places?: Places,
) => InstancePool;

// ------------------------------------------------------------------------------------------------ store

export interface StoreOptions {
  /** The state folder; made when missing. */
  readonly folder: string;
  /** `process`: safe against kill -9. `power`: also against power loss, slower. */
  readonly durability: 'process' | 'power';
}

/**
 * The embedded database and the lock of the state folder.
 * Opening rejects with CONFLICT when another live owner has the folder (a dead owner's lock is taken over), and
 * with UNAVAILABLE when the file is damaged; both messages say what to do. A full disk surfaces as QUOTA_EXCEEDED.
 */
export interface LocalStore {
  readonly folder: string;
  readonly db: DatabaseSync;
  /** Runs `work` in one IMMEDIATE transaction; nests as a savepoint. */
  transaction<Result>(work: () => Result): Result;
  /** Creates tables once; each part of the provider names its own. */
  migrate(part: string, statements: readonly string[]): void;
  close(): void;
}

// ----------------------------------------------------------------------------------------------- events

/** Everything that is delivered, except http. */
export interface EventCall {
  readonly kind: Exclude<HandlerKind, 'http'>;
  readonly event: JsonValue;
  readonly requestId: string;
  readonly attempt: number;
  /** Of the caller of an asynchronous invocation; the same at every attempt. */
  readonly trace?: TraceContext;
}

/** Runs the live version of a function. Rejects when the call failed. Implemented by the provider. */
export type Dispatch = (
  ref: FunctionRef,
  call: EventCall,
  signal: AbortSignal,
) => Promise<JsonValue>;

/** Delivers events durably: at least once, with retry and dead letter. */
export interface EventPlatform {
  readonly sources: EventSources;
  /** Replaces the bindings of a function, http ones ignored. Idempotent; keeps positions and due times of those that stay. An empty list removes all. */
  setBindings(ref: FunctionRef, bindings: readonly Binding[]): void;
  /** Accepts an asynchronous invocation; resolves after the commit. */
  invokeAsync(
    ref: FunctionRef,
    input: JsonValue,
    requestId: string,
    policy: AsyncPolicy,
    trace?: TraceContext,
  ): Promise<void>;
  /** Fires a schedule now, beside its own times. */
  fireSchedule(ref: FunctionRef, bindingId: string): Promise<void>;
  /**
   * Removes all bindings of a function that is removed, and its asynchronous calls. What waits, or is under way, goes
   * to its dead letter or is dropped; the instances may end at once. Messages of queues stay.
   */
  forget(ref: FunctionRef): void;
  /** Begins to deliver: also what an earlier process left undone. */
  start(): void;
  /** Resolves when nothing is due or in flight at the clock's present time; a function at its limit is waited for. */
  settle(): Promise<void>;
  /** Stops taking work and waits for deliveries under way, at most `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

export type CreateEventPlatform = (parts: {
  readonly store: LocalStore;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  /** The time that calls live in. Default: the machine's. */
  readonly realTime?: Pick<Clock, 'after'>;
  readonly random: Random;
  readonly warn: (message: string, fields: JsonObject) => void;
  /** Writes an error into the function's own log: what no instance of it can tell. */
  readonly tell: (ref: FunctionRef, message: string, fields: JsonObject) => void;
}) => EventPlatform;

// ---------------------------------------------------------------------------------------------- gateway

/** A route of one function. */
export interface GatewayRoute {
  readonly ref: FunctionRef;
  readonly bindingId: string;
  readonly event: NormalHttpEvent;
}

export interface GatewayOptions {
  /** Default 127.0.0.1. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Names that the Host header may have beside the loopback ones; `*` for all. */
  readonly allowedHosts: readonly string[];
  /** Bodies above this get 413, unless the route says less. */
  readonly maxBodyBytes: number;
}

/** Runs the live version. A rejection becomes 500 (502 for a bad reply, 504 for a timeout, 429 when throttled) with a request id and nothing else. */
export type DispatchHttp = (
  ref: FunctionRef,
  request: LocalHttpRequest,
  requestId: string,
  trace: { readonly traceparent: string; readonly tracestate?: string } | undefined,
  signal: AbortSignal,
) => Promise<LocalHttpResponse>;

/**
 * Serves HTTP events. Every function has its own origin: `http://<function>.<stage>.<app>.localhost:<port>`, and,
 * because not every client resolves `*.localhost`, the same under `http://127.0.0.1:<port>/~<app>/<stage>/<function>`.
 */
export interface Gateway {
  /** Replaces the routes of a function. Starts listening on the first route, stops when the last is gone. */
  setRoutes(ref: FunctionRef, routes: readonly GatewayRoute[]): Promise<void>;
  /** The origin of a function, or undefined when it has no route. */
  url(ref: FunctionRef): string | undefined;
  close(graceMs?: number): Promise<void>;
}

export type CreateGateway = (parts: {
  readonly options: GatewayOptions;
  readonly dispatch: DispatchHttp;
  readonly clock: Clock;
  readonly warn: (message: string, fields: JsonObject) => void;
}) => Gateway;

// ---------------------------------------------------------------------------------------------- records

/** One finished call. */
export interface CallRecord {
  readonly ref: FunctionRef;
  readonly requestId: string;
  readonly version: string;
  readonly kind: HandlerKind | 'warm';
  readonly endedMs: number;
  readonly durationMs: number | null;
  readonly initDurationMs: number | null;
  readonly coldStart: boolean;
  readonly outcome: 'ok' | 'error' | 'timeout' | 'throttled' | 'cancelled';
  readonly memoryMb: number | null;
}

/**
 * Remembers calls and log lines; written in batches every 100 ms, flushed before each read and on close. However many there
 * are, reading and forgetting them lets others have their turns.
 */
export interface CallRecords {
  add(record: CallRecord): void;
  addLog(ref: FunctionRef, version: string, entry: InstanceLog): void;
  metrics(ref: FunctionRef, query: MetricsQuery, signal: AbortSignal): Promise<FunctionMetrics>;
  logs(ref: FunctionRef, query: LogsQuery, signal: AbortSignal): AsyncIterable<LogEntry>;
  /** What was added before; not what comes meanwhile. */
  forget(ref: FunctionRef): Promise<void>;
  close(): void;
}
