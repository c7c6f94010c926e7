/**
 * The HTTP front of one function on a platform that has none: routes, cross-origin rules, tokens, limits. It stands
 * inside the function, before the handler.
 */
import { createRequest } from '../function/light-request.ts';
import type { JsonObject } from '../function/json.types.ts';
import { readResponse } from '../function/read-response.ts';
import type { HttpMeta, ShimReply } from '../function/shim.ts';
import { readTraceContext } from '../function/trace.ts';
import type { TraceContext } from '../function/context.ts';
import type { Complete, CorsSpec, HttpMethod, JwtSpec } from '../spec/types.ts';
import { ANSWERS, forbidden, methodNotAllowed, unauthorized, type Answer } from './answers.ts';
import { MACHINE_CLOCK, type HttpClock } from './clock.ts';
import { CorsRules } from './cors.ts';
import { handlerHeaders, replyHeaders } from './header-rules.ts';
import { inTime, OverdueError } from './in-time.ts';
import { KeySet } from './jwt/key-set.ts';
import { TokenVerifier } from './jwt/token-verifier.ts';
import { pathOfTarget, splitUrl, type SplitUrl } from './request-target.ts';
import { RouteTrie } from './route-trie.ts';

/** One http binding, as its normal form has it. */
export interface SiteRoute {
  readonly id: string;
  readonly event: {
    readonly methods: readonly HttpMethod[];
    readonly path: string;
    readonly cors?: Complete<CorsSpec>;
    readonly jwt?: JwtSpec & { readonly jwksUri: string };
    readonly maxBodyBytes?: number;
  };
}

/** A request as the platform handed it over. */
export interface SiteRequest {
  readonly method: string;
  /** Absolute, as the client sent it: percent-encoding kept. */
  readonly url: string;
  /** Name, value, name, value ... */
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
  readonly requestId: string;
  readonly clientAddress?: string | undefined;
}

/** What goes back to the client. */
export interface SiteReply {
  readonly status: number;
  /** Name, value, name, value ...; `set-cookie` stays repeated. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
}

export interface SiteParts {
  readonly routes: readonly SiteRoute[];
  /** Of all routes that have no limit of their own. */
  readonly maxBodyBytes: number;
  /** Answers a call within so long. */
  readonly timeoutMs: number;
  /** Calls the handler. Rejects with an `OverdueError` for one that did not end in its own time: the client gets 504. */
  call(request: Request, meta: HttpMeta, about: CallAbout): Promise<ShimReply>;
  /** Tells the log of a failure, whose stack callers must not see. */
  report(message: string, thrown: unknown, requestId: string): void;
  /** Default: the machine's. */
  readonly clock?: HttpClock;
}

export interface CallAbout {
  readonly requestId: string;
  readonly trace: TraceContext | undefined;
  /** Aborts when the client's answer is overdue. */
  readonly signal: AbortSignal;
}

interface ReadyRoute {
  readonly path: string;
  readonly cors: CorsRules | undefined;
  readonly verifier: TokenVerifier | undefined;
  readonly maxBodyBytes: number;
}

/** The front of one function. */
export interface Site {
  /** Never rejects: whatever goes wrong is answered. */
  serve(request: SiteRequest): Promise<SiteReply>;
}

/**
 * Makes the front. Its routes are compiled once.
 *
 * @throws RouteError for routes that cannot be served.
 */
export function createSite(parts: SiteParts): Site {
  const clock = parts.clock ?? MACHINE_CLOCK;
  const keySets = new Map<string, KeySet>();
  const keysOf = (uri: string): KeySet => {
    let keys = keySets.get(uri);
    if (keys === undefined) keySets.set(uri, (keys = new KeySet(uri, clock)));
    return keys;
  };
  const trie = new RouteTrie<ReadyRoute>(
    parts.routes.map(({ id, event: { methods, path, cors, jwt, maxBodyBytes } }) => ({
      id,
      path,
      methods,
      value: {
        path,
        cors: cors && new CorsRules(cors),
        verifier: jwt && new TokenVerifier(jwt, keysOf(jwt.jwksUri), clock),
        maxBodyBytes: maxBodyBytes ?? parts.maxBodyBytes,
      },
    })),
  );
  return { serve: (request) => new Exchange(parts, trie, request).run() };
}

class Exchange {
  readonly #parts: SiteParts;
  readonly #trie: RouteTrie<ReadyRoute>;
  readonly #request: SiteRequest;
  #cors: readonly string[] = [];

  constructor(parts: SiteParts, trie: RouteTrie<ReadyRoute>, request: SiteRequest) {
    this.#parts = parts;
    this.#trie = trie;
    this.#request = request;
  }

  async run(): Promise<SiteReply> {
    const { method, requestId } = this.#request;
    // Once, for the match and for the handler: what the two made of a path must not differ.
    const url = splitUrl(this.#request.url);
    if (url === undefined) return this.#answer(ANSWERS.badTarget);
    const path = pathOfTarget(url.target);
    const preflight = this.#preflight(path);
    if (preflight) return preflight;
    const match = this.#trie.match(method, path);
    if (match.kind === 'methodNotAllowed') return this.#answer(methodNotAllowed(match.allow));
    if (match.kind === 'notFound') return this.#answer(ANSWERS.noRoute);
    if (match.kind === 'malformed') return this.#answer(ANSWERS.badEncoding);
    const route = match.value;
    this.#cors = route.cors?.responseHeaders(this.#header('origin')) ?? [];
    let claims: JsonObject | undefined;
    if (route.verifier) {
      const verdict = await route.verifier.judge(this.#header('authorization'));
      if (verdict.kind === 'missing') return this.#answer(unauthorized(undefined));
      if (verdict.kind === 'invalid') return this.#answer(unauthorized(verdict.why));
      if (verdict.kind === 'scope') return this.#answer(forbidden(verdict.scopes));
      if (verdict.kind === 'unavailable') {
        this.#parts.report(
          `The keys of the token issuer of ${route.path} cannot be fetched`,
          verdict.why,
          requestId,
        );
        return this.#answer(ANSWERS.keysUnavailable);
      }
      claims = verdict.claims;
    }
    const { body } = this.#request;
    if (body !== null && body.byteLength > route.maxBodyBytes) {
      return this.#answer(ANSWERS.tooLarge);
    }
    return this.#dispatch(route, url, match.params, claims);
  }

  #preflight(path: string): SiteReply | undefined {
    if (this.#request.method !== 'OPTIONS') return undefined;
    const origin = this.#header('origin');
    const method = this.#header('access-control-request-method');
    if (origin === undefined || method === undefined) return undefined;
    const match = this.#trie.match(method, path);
    const cors = match.kind === 'found' ? match.value.cors : undefined;
    if (cors === undefined) return undefined;
    const headers = this.#header('access-control-request-headers');
    return {
      status: 204,
      headers: [
        ...cors.preflightHeaders({ origin, method, headers }),
        'x-request-id',
        this.#request.requestId,
      ],
      body: null,
    };
  }

  async #dispatch(
    { path }: ReadyRoute,
    { origin, target }: SplitUrl,
    params: Readonly<Record<string, string>>,
    claims: JsonObject | undefined,
  ): Promise<SiteReply> {
    const { method, requestId, body, clientAddress } = this.#request;
    const controller = new AbortController();
    const request = createRequest({
      method,
      url: origin + target,
      headers: handlerHeaders(this.#request.headers),
      body,
      signal: controller.signal,
    });
    const trace = readTraceContext(this.#header('traceparent'), this.#header('tracestate'));
    const meta = { route: path, params, claims, clientAddress };
    try {
      const answer = this.#parts
        .call(request, meta, { requestId, trace, signal: controller.signal })
        // A body that streams may take its time, too.
        .then((reply) => this.#replyOf(reply, controller.signal));
      return await inTime(answer, this.#parts.timeoutMs, 'The handler did not answer in time.');
    } catch (error) {
      // What still runs, or streams, is told to end.
      controller.abort(error);
      this.#parts.report('The http handler failed', error, requestId);
      return this.#answer(error instanceof OverdueError ? ANSWERS.timedOut : ANSWERS.failed);
    }
  }

  async #replyOf(reply: ShimReply, signal: AbortSignal): Promise<SiteReply> {
    const { method, requestId } = this.#request;
    if (!isResponse(reply)) throw new TypeError('The http handler did not return a Response.');
    const { status, headers, body } = await readResponse(reply, method);
    const list = replyHeaders(headers, this.#cors, requestId);
    if (list === undefined) {
      if (body instanceof ReadableStream) body.cancel().catch(() => {});
      this.#parts.report('The function gave a header that cannot be sent', undefined, requestId);
      return this.#answer(ANSWERS.badReply);
    }
    const bytes = body instanceof ReadableStream ? await collect(body, signal) : body;
    return { status, headers: list, body: bytes };
  }

  #answer({ status, error, headers = [] }: Answer): SiteReply {
    const { requestId, method } = this.#request;
    return {
      status,
      headers: [
        'content-type',
        'application/json',
        ...headers,
        ...this.#cors,
        'x-request-id',
        requestId,
      ],
      body: method === 'HEAD' ? null : Buffer.from(JSON.stringify({ error, requestId })),
    };
  }

  #header(name: string): string | undefined {
    const { headers } = this.#request;
    for (let index = 0; index + 1 < headers.length; index += 2) {
      if (headers[index]?.toLowerCase() === name) return headers[index + 1];
    }
    return undefined;
  }
}

/** By its form: a polyfill's Response is as good. */
function isResponse(reply: ShimReply): reply is Response {
  return typeof reply === 'object' && reply !== null && 'headers' in reply && 'status' in reply;
}

/** Reads a stream to its end; it is let go when the answer is overdue, for it may have none. */
async function collect(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const reader = stream.getReader();
  const stop = (): void => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const chunks: Uint8Array[] = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
    }
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
