/** Calls functions directly over HTTP, signed: the calling side, the same for every platform that needs it. */
import type { Client } from 'undici';
import type { TraceContext } from '../../function/context.ts';
import type { JsonValue } from '../../function/json.types.ts';
import { DIRECT_HEADER, type DirectAnswer, type DirectBody } from '../../http/direct/index.ts';
import type { Clock } from '../clock.ts';
import { Connections } from './connections.ts';
import { DirectCallError, DirectTimeoutError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { CallSealer, type DirectEndpoint } from './signed-call.ts';

/** So long a call may take beyond the function's own timeout: for the way, and for an instance that has to start first. */
export const DIRECT_GRACE_MS = 60_000;

/** What belongs to one call. */
export interface DirectCall {
  readonly requestId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** No answer within so long is an error: the function's own timeout and some time for the way. */
  readonly timeoutMs: number;
  /** Headers that the platform reads, and the function does not: names and values by turns, names in lower case. */
  readonly headers?: readonly string[];
  /** Only this version may answer. */
  readonly version?: string | undefined;
}

export interface DirectClient {
  /**
   * Sends a call and resolves to the function's answer, also when the handler failed: then it holds an `error`.
   *
   * @param endpoint the same object for many calls: what is made ready for it is kept with it.
   * @throws DirectCallError for an answer that is not the function's.
   * @throws DirectTimeoutError when none comes in time.
   * @throws the transport's own error when there is none at all.
   */
  send(endpoint: DirectEndpoint, body: DirectBody, call: DirectCall): Promise<DirectAnswer>;
  close(): Promise<void>;
}

/** Connections to one function that are kept open. */
const MAX_CONNECTIONS = 256;

/** Makes a client with its own connections, of HTTP/1.1. Nothing is loaded, and no connection opened, before the first call. */
export function createDirectClient(): DirectClient {
  let loading: Promise<Open> | undefined;
  let open: Open | undefined;
  let isClosed = false;
  /** By origin. */
  const places = new Map<string, Connections>();
  /** By origin: how far the other side's clock is ahead. */
  const offsets = new Map<string, number>();
  const ready = new WeakMap<DirectEndpoint, Ready>();

  const load = async (): Promise<Open> => {
    const { buildConnector, Client: Connection } = await import('undici');
    // One for all, so that a further connection to the same place takes up the TLS session of another.
    const connect = buildConnector({ allowH2: false });
    open = (origin) =>
      new Connection(origin, {
        connect,
        allowH2: false,
        pipelining: 1,
        keepAliveTimeout: 60_000,
        // The call's own time counts, not these.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
    return open;
  };

  const prepare = async (endpoint: DirectEndpoint): Promise<Ready> => {
    const make = open ?? (await (loading ??= load()));
    const sealer = new CallSealer(endpoint);
    const { origin } = sealer;
    let connections = places.get(origin);
    if (connections === undefined) {
      connections = new Connections(() => make(origin), MAX_CONNECTIONS);
      places.set(origin, connections);
      if (isClosed) await connections.close();
    }
    const made = { sealer, connections };
    ready.set(endpoint, made);
    return made;
  };

  const once = (
    { sealer, connections }: Ready,
    body: DirectBody,
    { requestId, clock, signal, timeoutMs, version, headers }: DirectCall,
  ): Promise<Exchange> => {
    const timeMs = Math.round(clock.now() + (offsets.get(sealer.origin) ?? 0));
    const sealed = sealer.seal(body, requestId, timeMs, version);
    const request = {
      path: sealer.path,
      method: 'POST',
      headers: headers === undefined ? sealed.headers : sealed.headers.concat(headers),
      body: sealed.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    } as const;
    return connections.send(request, signal);
  };

  return {
    async send(endpoint, body, call) {
      call.signal.throwIfAborted();
      try {
        const place = ready.get(endpoint) ?? (await prepare(endpoint));
        let reply = await once(place, body, call);
        const theirs = theirClock(reply);
        if (theirs !== undefined) {
          offsets.set(place.sealer.origin, theirs - call.clock.now());
          reply = await once(place, body, call);
        }
        return answerOf(reply);
      } catch (error) {
        throw isTransportTimeout(error)
          ? new DirectTimeoutError(
              `No answer came within ${Math.ceil(call.timeoutMs / 1_000)} s.`,
              { cause: error },
            )
          : error;
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(Array.from(places.values(), (connections) => connections.close()));
    },
  };
}

/** Makes a connection to an origin. */
type Open = (origin: string) => Client;

/** What is made once for all calls to an endpoint. */
interface Ready {
  readonly sealer: CallSealer;
  readonly connections: Connections;
}

/** The clock of a function that refused a call because of its time. */
function theirClock(reply: Exchange): number | undefined {
  if (reply.status === 200) return undefined;
  const { headers } = reply;
  if (headers[DIRECT_HEADER.refused] !== 'expired') return undefined;
  const theirs = Number(headers[DIRECT_HEADER.time]) || Date.parse(headers['date'] ?? '');
  return Number.isFinite(theirs) ? theirs : undefined;
}

/** 200; 202 for a call that runs later. Where codes tell calls apart, what only warms and what failed have their own. */
function isAnswered(status: number): boolean {
  return status === 200 || status === 202 || status === 208 || status === 500 || status === 504;
}

function answerOf(reply: Exchange): DirectAnswer {
  const { status, text } = reply;
  if (!isAnswered(status)) throw new DirectCallError(status, reply.headers, text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DirectCallError(status, reply.headers, text);
  }
  if (!isAnswer(value)) throw new DirectCallError(status, reply.headers, text);
  return value;
}

// Only our own entry writes this mark, behind the platform's authentication.
function isAnswer(value: unknown): value is DirectAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$polyfaas' in value &&
    typeof value.$polyfaas === 'object' &&
    value.$polyfaas !== null
  );
}

function isTransportTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT')
  );
}

/** What an invocation sends. */
export function invokeBody(input: JsonValue, trace: TraceContext | undefined): DirectBody {
  if (trace === undefined) return { kind: 'invoke', data: input };
  const { traceparent, tracestate } = trace;
  return {
    kind: 'invoke',
    data: input,
    traceparent,
    ...(tracestate === undefined ? {} : { tracestate }),
  };
}
