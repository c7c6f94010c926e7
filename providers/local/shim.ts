/**
 * What packaging bundles with the user's code for the local provider. The bundle's entry file exports `polyfaas`, and
 * an instance of the pool loads it from there.
 */
import {
  bindHandler,
  type BoundHandler,
  type CallMeta,
  createRequest,
  defineFunction,
  type HandlerKind,
  type HandlerRuntime,
  type JsonValue,
  type LogSink,
  prepareRequests,
  prepareResponses,
  readResponse,
  type RuntimeIdentity,
  serializeError,
  type SerializedError,
  type ShimCall,
  type ShimReply,
  type Signature,
} from 'polyfaas/function';
import type { LocalHttpRequest, LocalHttpResponse } from './ports.ts';

/** What a bundle exports as `polyfaas`. */
export interface LocalEntry {
  readonly signature: Signature;
  /** The kinds of call that the bundle handles. */
  readonly handles: readonly HandlerKind[];
  /** Called once in an instance. */
  start(identity: RuntimeIdentity, sink: LogSink): LocalRuntime;
  /** A runtime whose handler is not the user's: to have the code around a handler ready before the first call. */
  rehearse(identity: RuntimeIdentity): LocalRuntime;
  readonly serializeError: (thrown: unknown) => SerializedError;
}

/** One running instance of the user's code, as the pool calls it. */
export interface LocalRuntime {
  readonly instanceId: string;
  /** @param event JSON, and for `http` a {@link LocalHttpRequest}. */
  call(
    kind: HandlerKind,
    event: JsonValue | LocalHttpRequest,
    meta: CallMeta,
    signal: AbortSignal,
  ): Promise<JsonValue | LocalHttpResponse>;
}

/**
 * Makes what the entry file of a bundle exports. Packaging writes that file: it imports the user's module, binds it
 * with `bindHandler`, and exports the `polyfaas` of the result.
 */
export function createEntry(handler: BoundHandler): { readonly polyfaas: LocalEntry } {
  const { signature, handles } = handler;
  return {
    polyfaas: {
      signature,
      handles,
      start(identity, sink) {
        // Part of the start, so that the first request does not pay for it.
        if (handles.includes('http')) {
          prepareRequests();
          prepareResponses();
        }
        return runtimeOf(handler.start(identity, sink));
      },
      rehearse: (identity) => runtimeOf(standIn().start(identity, { write: () => {} })),
      serializeError,
    },
  };
}

/** Answers like a handler, and does nothing. */
function standIn(): BoundHandler {
  const handlers = { invoke: (input: JsonValue) => input, http: () => new Response('rehearsal') };
  return bindHandler({ default: defineFunction(handlers) });
}

function runtimeOf(runtime: HandlerRuntime): LocalRuntime {
  return {
    instanceId: runtime.instanceId,
    call: (kind, event, meta, signal) =>
      isHttpRequest(kind, event)
        ? callHttp(runtime, event, meta, signal)
        : runtime.call(decodeCall(kind, event), meta, signal).then(jsonReply),
  };
}

async function callHttp(
  runtime: HandlerRuntime,
  event: LocalHttpRequest,
  meta: CallMeta,
  signal: AbortSignal,
): Promise<LocalHttpResponse> {
  const request = createRequest({ ...event, signal });
  const reply = await runtime.call(
    { kind: 'http', event: request, http: event.http },
    meta,
    signal,
  );
  if (!isResponse(reply)) throw new TypeError('The http handler did not return a Response.');
  return readResponse(reply, event.method);
}

/** The pool sends the one form for `http`, and JSON for the rest. */
function isHttpRequest(
  kind: HandlerKind,
  event: JsonValue | LocalHttpRequest,
): event is LocalHttpRequest {
  return kind === 'http' && event !== null;
}

function decodeCall(kind: HandlerKind, event: JsonValue): ShimCall {
  const call = { kind, event };
  if (!isDecoded(call)) throw new TypeError('An http event is no JSON value.');
  return call;
}

/** Whoever accepted the event gave it the form of its kind. */
function isDecoded(call: { readonly kind: HandlerKind }): call is ShimCall {
  return call.kind !== 'http';
}

/** By its form: a polyfill's Response is as good. */
function isResponse(reply: ShimReply): reply is Response {
  return typeof reply === 'object' && reply !== null && 'headers' in reply && 'status' in reply;
}

function jsonReply(reply: ShimReply): JsonValue {
  return isJson(reply) ? reply : null;
}

/**
 * The runtime checked it: what is no answer to http is JSON, or nothing. To ask for `Response` here would load all of
 * Node's fetch into an instance that has no use for it.
 */
function isJson(reply: ShimReply): reply is JsonValue {
  return reply !== undefined;
}
