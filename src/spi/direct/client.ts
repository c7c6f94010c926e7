/** Calls functions directly over HTTP, signed: the calling side, the same for every platform that needs it. */
import type { Agent } from 'undici';
import {
  DIRECT_HEADER,
  signatureOf,
  signingKey,
  type DirectAnswer,
  type DirectBody,
  type DirectKey,
  type SigningKey,
} from '../../http/direct/index.ts';
import type { TraceContext } from '../../function/context.ts';
import type { JsonValue } from '../../function/json.types.ts';
import type { Clock } from '../clock.ts';

/** Where a function is, and what opens it. */
export interface DirectEndpoint {
  /** The whole URL of the route. */
  readonly url: string;
  /** What the platform itself asks for, such as a function key. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly key: DirectKey;
  /** `app/stage/name` */
  readonly functionId: string;
}

/** What belongs to one call. */
export interface DirectCall {
  readonly requestId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** No answer within so long is an error: the function's own timeout and some time for the way. */
  readonly timeoutMs: number;
  readonly trace?: TraceContext | undefined;
  /** Only this version may answer. */
  readonly version?: string | undefined;
}

/** An answer that was not the function's: of the platform, or a refusal. */
export class DirectCallError extends Error {
  override readonly name = 'DirectCallError';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most 20,000 characters of it. */
  readonly body: string;
  /** Why the function's own entry refused the call; undefined when it was not reached. */
  readonly refused: string | undefined;

  constructor(status: number, headers: Readonly<Record<string, string>>, body: string) {
    const refused = headers[DIRECT_HEADER.refused];
    super(
      refused === undefined
        ? `The platform answered a direct call with ${status}.`
        : `The function refused a direct call: ${refused}.`,
    );
    this.status = status;
    this.headers = headers;
    this.body = body.slice(0, 20_000);
    this.refused = refused;
  }
}

/** No answer came in time. */
export class DirectTimeoutError extends Error {
  override readonly name = 'DirectTimeoutError';
}

export interface DirectClient {
  /**
   * Sends a call and resolves to the function's answer, also when the handler failed: then it holds an `error`.
   *
   * @throws DirectCallError for an answer that is not the function's.
   * @throws DirectTimeoutError when none comes in time.
   * @throws the transport's own error when there is none at all.
   */
  send(endpoint: DirectEndpoint, body: DirectBody, call: DirectCall): Promise<DirectAnswer>;
  close(): Promise<void>;
}

/** The bytes and headers of a signed call, without sending it. */
export function signedCall(
  endpoint: DirectEndpoint,
  body: DirectBody,
  { requestId, version = '', timeMs }: SignedCallOptions,
  key: SigningKey = signingKey(endpoint.key),
): { readonly headers: Record<string, string>; readonly body: string } {
  const text = JSON.stringify(body);
  const signature = signatureOf(key, {
    keyId: endpoint.key.id,
    functionId: endpoint.functionId,
    version,
    method: 'POST',
    path: pathOf(endpoint.url),
    timeMs,
    requestId,
    body: text,
  });
  const headers: Record<string, string> = {
    ...endpoint.headers,
    'content-type': 'application/json',
    [DIRECT_HEADER.key]: endpoint.key.id,
    [DIRECT_HEADER.time]: String(timeMs),
    [DIRECT_HEADER.requestId]: requestId,
    [DIRECT_HEADER.signature]: signature,
  };
  if (version !== '') headers[DIRECT_HEADER.version] = version;
  return { headers, body: text };
}

export interface SignedCallOptions {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly version?: string;
}

/** Connections to one function that are kept open. */
const MAX_CONNECTIONS = 256;

/** Makes a client with its own pool of connections. Nothing is loaded, and no connection opened, before the first call. */
export function createDirectClient(): DirectClient {
  let loading: Promise<{ readonly agent: Agent }> | undefined;
  /** By origin: how far the other side's clock is ahead. */
  const offsets = new Map<string, number>();
  const keys = new WeakMap<DirectKey, SigningKey>();

  const transport = (): Promise<{ readonly agent: Agent }> => {
    loading ??= import('undici').then(({ Agent: Pool }) => ({
      agent: new Pool({
        connections: MAX_CONNECTIONS,
        pipelining: 1,
        keepAliveTimeout: 60_000,
        // The call's own time counts, not these.
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
    }));
    return loading;
  };

  const keyOf = (key: DirectKey): SigningKey => {
    let ready = keys.get(key);
    if (ready === undefined) {
      ready = signingKey(key);
      keys.set(key, ready);
    }
    return ready;
  };

  const once = async (
    endpoint: DirectEndpoint,
    body: DirectBody,
    call: DirectCall,
  ): Promise<Reply> => {
    const { origin, path } = splitUrl(endpoint.url);
    const { version } = call;
    const signed = signedCall(
      endpoint,
      body,
      {
        requestId: call.requestId,
        timeMs: Math.round(call.clock.now() + (offsets.get(origin) ?? 0)),
        ...(version === undefined ? {} : { version }),
      },
      keyOf(endpoint.key),
    );
    const { agent } = await transport();
    const reply = await agent.request({
      origin,
      path,
      method: 'POST',
      headers: signed.headers,
      body: signed.body,
      signal: call.signal,
      headersTimeout: call.timeoutMs,
      bodyTimeout: call.timeoutMs,
    });
    const text = await reply.body.text();
    return { status: reply.statusCode, headers: flat(reply.headers), text };
  };

  return {
    async send(endpoint, body, call) {
      call.signal.throwIfAborted();
      try {
        let reply = await once(endpoint, body, call);
        if (reply.headers[DIRECT_HEADER.refused] === 'expired') {
          const theirs =
            Number(reply.headers[DIRECT_HEADER.time]) || Date.parse(reply.headers['date'] ?? '');
          if (Number.isFinite(theirs)) {
            offsets.set(splitUrl(endpoint.url).origin, theirs - call.clock.now());
            reply = await once(endpoint, body, call);
          }
        }
        return answerOf(reply);
      } catch (error) {
        throw isTransportTimeout(error)
          ? new DirectTimeoutError(
              `No answer came within ${Math.ceil(call.timeoutMs / 1_000)} s.`,
              {
                cause: error,
              },
            )
          : error;
      }
    },
    async close() {
      const loaded = await loading?.catch(() => undefined);
      await loaded?.agent.destroy();
    },
  };
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

function answerOf({ status, headers, text }: Reply): DirectAnswer {
  if (status !== 200) throw new DirectCallError(status, headers, text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DirectCallError(status, headers, text);
  }
  if (!isAnswer(value)) throw new DirectCallError(status, headers, text);
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

const split = new Map<string, { readonly origin: string; readonly path: string }>();

/** URLs of functions are few, and parsing one costs as much as signing a call. */
function splitUrl(url: string): { readonly origin: string; readonly path: string } {
  let parts = split.get(url);
  if (parts === undefined) {
    const { origin, pathname, search } = new URL(url);
    parts = { origin, path: `${pathname}${search}` };
    if (split.size > 1_000) split.clear();
    split.set(url, parts);
  }
  return parts;
}

function pathOf(url: string): string {
  return splitUrl(url).path;
}

function flat(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) out[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return out;
}

/** What an invocation sends. */
export function invokeBody(input: JsonValue, trace: TraceContext | undefined): DirectBody {
  return {
    kind: 'invoke',
    data: input,
    ...(trace === undefined ? {} : { traceparent: trace.traceparent }),
    ...(trace?.tracestate === undefined ? {} : { tracestate: trace.tracestate }),
  };
}
