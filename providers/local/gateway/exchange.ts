/** One request, from its head to the end of its response. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  forbidden,
  methodNotAllowed,
  normalTarget,
  pathOfTarget,
  type TokenVerdict,
  unauthorized,
} from 'polyfaas/http';
import type { Clock, FunctionRef, JsonObject } from 'polyfaas/spi';
import type { DispatchHttp, LocalHttpResponse } from '../ports.ts';
import { ANSWERS, type Answer, answerFor, tooManyRequests } from './answers.ts';
import { requestHeaders } from './headers.ts';
import { discardBody, hasKnownCoding, readBody } from './request-body.ts';
import { authorityOf, splitPrefix } from './request-target.ts';
import type { ReadyRoute, RouteTable, ServedFunction } from './route-table.ts';
import { readyReply, sendAnswer, sendReply, watchEnd } from './send-response.ts';
import { traceOf } from './trace.ts';

/** What all exchanges of a gateway share. */
export interface ExchangeParts {
  readonly table: RouteTable;
  readonly dispatch: DispatchHttp;
  readonly clock: Clock;
  readonly warn: (message: string, fields: JsonObject) => void;
}

/** A request whose function is known. */
interface Located {
  readonly served: ServedFunction;
  /** The host that was asked, and its port. */
  readonly host: string;
  /** Path and query, without the prefix that stood for the origin. */
  readonly target: string;
  readonly path: string;
}

/** A request whose route is known. */
interface Routed {
  readonly ref: FunctionRef;
  readonly route: ReadyRoute;
  readonly params: Readonly<Record<string, string>>;
  readonly host: string;
  readonly target: string;
}

const NO_HEADERS: readonly string[] = [];

export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #expectsContinue: boolean;
  readonly #requestId = randomUUID();
  readonly #controller = new AbortController();
  #cors: readonly string[] | undefined;

  constructor(
    parts: ExchangeParts,
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ) {
    this.#parts = parts;
    this.#request = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
  }

  /** Never rejects: whatever goes wrong is answered, or, after the head was sent, ends the connection. */
  async run(): Promise<void> {
    this.#response.once('close', () => {
      if (!this.#response.writableFinished) {
        this.#controller.abort(new Error('The client is gone.'));
      }
    });
    try {
      const routed = this.#route();
      if (routed) await this.#serve(routed);
    } catch (error) {
      this.#parts.warn('The gateway failed to answer a request', {
        requestId: this.#requestId,
        error: error instanceof Error ? error.message : String(error),
      });
      // They may be what cannot be sent.
      this.#cors = undefined;
      if (this.#response.headersSent) this.#response.destroy();
      else this.#refuse(ANSWERS.failed);
    }
  }

  /** Finds the route, or answers and gives undefined. */
  #route(): Routed | undefined {
    const located = this.#locate();
    if (!located) return undefined;
    const { method = 'GET', headers } = this.#request;
    const { served, path, host, target } = located;
    const asked = headers['access-control-request-method'];
    const origin = headers.origin;
    if (method === 'OPTIONS' && asked !== undefined && origin !== undefined) {
      const cors = this.#corsOf(served, asked, path);
      if (cors) {
        const question = {
          origin,
          method: asked,
          headers: headers['access-control-request-headers'],
        };
        this.#noContent(cors.preflightHeaders(question));
        return undefined;
      }
    }
    const match = served.trie.match(method, path);
    if (match.kind === 'methodNotAllowed') return this.#refuse(methodNotAllowed(match.allow));
    if (match.kind === 'notFound') return this.#refuse(ANSWERS.noRoute);
    if (match.kind === 'malformed') return this.#refuse(ANSWERS.badEncoding);
    const route = match.value;
    this.#cors = route.cors?.responseHeaders(origin);
    return { ref: served.ref, route, params: match.params, host, target };
  }

  #locate(): Located | undefined {
    const { headers, rawHeaders, url = '' } = this.#request;
    if (headers.host === undefined || hostCount(rawHeaders) !== 1) {
      return this.#refuse(ANSWERS.badHost);
    }
    // RFC 9112, 3.2.2: what a target in absolute form says counts, and not the header.
    const host = authorityOf(url) ?? headers.host;
    const origin = this.#parts.table.byHost(host);
    if (origin.kind === 'malformed') return this.#refuse(ANSWERS.badHost);
    if (origin.kind === 'refused') return this.#refuse(ANSWERS.foreignHost);
    const target = normalTarget(url);
    if (target === undefined) return this.#refuse(ANSWERS.badTarget);
    if (origin.kind === 'function') {
      return { served: origin.served, host, target, path: pathOfTarget(target) };
    }
    const prefixed = splitPrefix(target);
    const served = prefixed && this.#parts.table.byKey(prefixed.key);
    if (!served) return this.#refuse(ANSWERS.noRoute);
    return { served, host, target: prefixed.target, path: pathOfTarget(prefixed.target) };
  }

  #corsOf(served: ServedFunction, method: string, path: string): ReadyRoute['cors'] {
    const match = served.trie.match(method, path);
    return match.kind === 'found' ? match.value.cors : undefined;
  }

  async #serve(routed: Routed): Promise<void> {
    const { route } = routed;
    const waitMs = route.bucket?.take(this.#parts.clock.now()) ?? 0;
    if (waitMs > 0) return this.#refuse(tooManyRequests(waitMs));
    let claims: JsonObject | undefined;
    if (route.verifier) {
      const judged = route.verifier.judge(this.#request.headers.authorization);
      const verdict = judged instanceof Promise ? await judged : judged;
      if (verdict.kind !== 'accepted') return this.#refuse(this.#refusalOf(verdict, route));
      claims = verdict.claims;
    }
    if (!hasKnownCoding(this.#request)) return this.#refuse(ANSWERS.unknownCoding);
    if (this.#expectsContinue) this.#continueWithin(route.maxBodyBytes);
    const reading = readBody(this.#request, route.maxBodyBytes);
    const outcome = reading instanceof Promise ? await reading : reading;
    if (outcome.kind === 'tooLarge') return this.#refuse(ANSWERS.tooLarge);
    if (outcome.kind === 'aborted') return;
    return this.#dispatch(routed, outcome.body, claims);
  }

  async #dispatch(
    routed: Routed,
    body: Uint8Array | null,
    claims: JsonObject | undefined,
  ): Promise<void> {
    const { method = 'GET', headers, rawHeaders, socket } = this.#request;
    const { dispatch, clock } = this.#parts;
    let reply;
    try {
      reply = await dispatch(
        routed.ref,
        {
          method,
          url: `http://${routed.host}${routed.target}`,
          headers: requestHeaders(
            rawHeaders,
            routed.host === headers.host ? undefined : routed.host,
          ),
          body,
          http: {
            route: routed.route.path,
            params: routed.params,
            claims,
            clientAddress: socket.remoteAddress?.replace(/^::ffff:/, ''),
          },
        },
        this.#requestId,
        traceOf(headers),
        this.#controller.signal,
      );
    } catch (error) {
      return this.#refuse(answerFor(error));
    }
    if (this.#response.destroyed) return dropStream(reply);
    const ready = readyReply(reply, method, this.#cors, this.#requestId);
    if (!ready) {
      this.#parts.warn('The function gave a response that cannot be sent', {
        function: routed.ref.name,
        requestId: this.#requestId,
        status: reply.status,
      });
      dropStream(reply);
      return this.#refuse(ANSWERS.badReply);
    }
    if (ready.body === null) dropStream(reply);
    await sendReply(this.#response, ready, clock);
  }

  #refusalOf(verdict: Exclude<TokenVerdict, { kind: 'accepted' }>, route: ReadyRoute): Answer {
    if (verdict.kind === 'missing') return unauthorized(undefined);
    if (verdict.kind === 'invalid') return unauthorized(verdict.why);
    if (verdict.kind === 'scope') return forbidden(verdict.scopes);
    this.#parts.warn('The keys of a token issuer cannot be fetched', {
      route: route.path,
      why: verdict.why,
    });
    return ANSWERS.keysUnavailable;
  }

  #continueWithin(maxBytes: number): void {
    // A body that will be refused is better not sent at all.
    if (Number(this.#request.headers['content-length'] ?? 0) <= maxBytes) {
      this.#response.writeContinue();
    }
  }

  #noContent(headers: readonly string[]): void {
    this.#response.writeHead(204, [...headers, 'x-request-id', this.#requestId]);
    this.#response.end();
    watchEnd(this.#response, this.#parts.clock);
  }

  #refuse(answer: Answer): undefined {
    if (this.#response.destroyed || this.#response.headersSent) return;
    // A client that waits for `100 Continue` may send the body or not: only a new connection is sure to be in step.
    const extra = this.#expectsContinue
      ? [...(this.#cors ?? NO_HEADERS), 'connection', 'close']
      : (this.#cors ?? NO_HEADERS);
    sendAnswer(this.#response, answer, extra, this.#requestId, this.#parts.clock);
    discardBody(this.#request);
  }
}

/** Tells the handler that nobody wants what it streams. */
function dropStream(reply: LocalHttpResponse): void {
  // A text is no stream; and naming its bytes would make them.
  if (reply.bodyText !== undefined || !(reply.body instanceof ReadableStream)) return;
  reply.body.cancel().catch(() => {});
}

/** Two Host headers are two opinions about where a request goes. */
function hostCount(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
