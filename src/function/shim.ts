/**
 * The contract between a platform's shim and the user's handler.
 *
 * A shim is the small entry that turns a platform's call into a {@link ShimCall}; everything behind it
 * (signatures, context, cold-start flag, error shape) is the same on every platform.
 */
import type { LogLevel, TraceContext } from './context.ts';
import type {
  BusEvent,
  HandlerKind,
  ObjectEvent,
  OrderedResult,
  QueueBatch,
  QueueResult,
  ScheduleTick,
  StreamBatch,
  TableBatch,
  TopicMessage,
} from './events.ts';
import type { JsonObject, JsonValue } from './json.types.ts';

/** How the user's module is called. */
export type Signature = 'polyfaas' | 'fetch' | 'aws-lambda';

/** What does not change for as long as an instance lives. */
export interface RuntimeIdentity {
  readonly app: string;
  readonly stage: string;
  readonly functionName: string;
  readonly version: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly provider: string;
  readonly region: string;
  /** The platform's own id of the instance. Default: a random UUID, which takes milliseconds on a cold start. */
  readonly instanceId?: string | undefined;
  /** The instance was started before anybody called (pre-warmed, standing): its first call is not a cold start. */
  readonly startedAhead?: boolean | undefined;
}

/** What belongs to one call. */
export interface CallMeta {
  readonly requestId: string;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly trace?: TraceContext | undefined;
  /** On AWS: what the platform itself gave. A handler of the signature `aws-lambda` gets exactly that. */
  readonly native?: NativeCall | undefined;
}

/** A call as AWS Lambda made it. */
export interface NativeCall {
  readonly event: unknown;
  readonly context: unknown;
  /** Told what the handler answered, as it gave it: some callers on AWS get just that. */
  readonly answered?: ((answer: unknown) => void) | undefined;
}

/** What an HTTP call adds: the route was matched, and the token verified, before the shim. */
export interface HttpMeta {
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, JsonValue>> | undefined;
  readonly clientAddress?: string | undefined;
}

/** One call, in the normal form. */
export type ShimCall =
  | { readonly kind: 'invoke'; readonly event: JsonValue }
  | { readonly kind: 'http'; readonly event: Request; readonly http: HttpMeta }
  | { readonly kind: 'schedule'; readonly event: ScheduleTick }
  | { readonly kind: 'queue'; readonly event: QueueBatch }
  | { readonly kind: 'topic'; readonly event: TopicMessage }
  | { readonly kind: 'object'; readonly event: ObjectEvent }
  | { readonly kind: 'stream'; readonly event: StreamBatch }
  | { readonly kind: 'table'; readonly event: TableBatch }
  | { readonly kind: 'bus'; readonly event: BusEvent };

/** What comes back: a `Response` for http, a batch result for queue, stream and table, JSON for invoke. */
export type ShimReply = JsonValue | Response | QueueResult | OrderedResult | undefined;

/** Where `context.log` goes. The shim of each platform gives one. */
export interface LogSink {
  write(level: LogLevel, message: string, fields: JsonObject | undefined, meta: CallMeta): void;
}

/** The user's module, bound: knows what it handles and how to call it. */
export interface BoundHandler {
  readonly signature: Signature;
  /** The kinds of call that the module handles, in the order of `HANDLER_KINDS`. */
  readonly handles: readonly HandlerKind[];
  /** Makes the one runtime of an instance. Called once, before the first call. */
  start(identity: RuntimeIdentity, sink: LogSink): HandlerRuntime;
}

/** One running instance of the user's code. */
export interface HandlerRuntime {
  /** The platform's id of it, or a random one. */
  readonly instanceId: string;
  /** True until the first call began; never for an instance that was started ahead of it. */
  readonly cold: boolean;
  /**
   * Calls the handler. Rejects with whatever the handler threw; `serializeError` makes it travel.
   * Answers are checked: an `invoke` result by the JSON encoder (`JsonEncodeError` names the path), an http result
   * must be a `Response`, and a batch result may name only messages of its batch (`HandlerContractError`; the whole
   * batch then counts as failed). Take a `Response` apart with `readResponse`, which also lets go of its call.
   *
   * @param signal aborts when the caller cancels. The runtime itself aborts shortly before the deadline.
   */
  call(call: ShimCall, meta: CallMeta, signal?: AbortSignal): Promise<ShimReply>;
}
