/** One request: the rules of its route, the handler, and the reply. */
import type { ShimReply } from 'polyfaas/function';
import { readRoutePolicy, type RoutePolicy } from '../../route-policy.ts';
import type { Fields } from '../json.ts';
import { ALL_METHODS, type HeaderMap, preflightHeaders, responseHeaders } from './cors.ts';
import { gatewayReply, plainReply } from './reply.ts';
import {
  httpMeta,
  type RequestHead,
  requestHead,
  requestOf,
  requestPath,
  tokenScopes,
} from './request.ts';
import type { HttpMeta } from 'polyfaas/function';

/** What stands behind the rules. */
export interface HttpParts {
  readonly requestId: string;
  readonly remainingMs: number;
  /** Calls the handler. */
  call(request: Request, http: HttpMeta, traceparent: TraceHeaders): Promise<ShimReply>;
  /** Tells the log of a failure, whose stack callers must not see. */
  report(thrown: unknown): void;
}

export interface TraceHeaders {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/**
 * So long before the instance would be ended, the client gets its answer: API Gateway would say 500 or 503, and a
 * function URL 502. Or a tenth of what is left, when that is less.
 */
const ANSWER_BEFORE_END_MS = 150;

export async function serveHttp(event: Fields, parts: HttpParts): Promise<unknown> {
  const { requestId } = parts;
  const head = requestHead(event);
  const { stageVariables, method, headers } = head;
  const policy = readRoutePolicy(stageVariables, head.routeKey);
  if (policy === undefined && stageVariables !== undefined) {
    const error = 'The rules of this route are not known yet. Try again in a moment.';
    return plainReply(503, error, requestId, { 'retry-after': '1' });
  }
  const cors = crossOriginHeaders(policy, head);
  const path = requestPath(event, head);
  if (path === undefined) {
    const error =
      'The path must be sent in its normal form, without dot segments, and without encoded slashes that make it the path of another route.';
    return plainReply(400, error, requestId, cors);
  }
  const answered =
    policy === undefined ? undefined : answerOf(policy, head, event, requestId, cors);
  if (answered !== undefined) return answered;
  try {
    const request = requestOf(event, head, path);
    const call = parts.call(request, httpMeta(event, path, policy?.path), {
      traceparent: headers['traceparent'],
      tracestate: headers['tracestate'],
    });
    // A body that streams may take its time, too.
    const answer = call.then((reply) => {
      if (!isResponse(reply)) throw new TypeError('The http handler did not return a Response.');
      return gatewayReply(reply, method, cors);
    });
    const reply = await inTime(answer, parts.remainingMs);
    if (reply !== LATE) return reply;
    parts.report(new Error('The handler did not answer before the timeout of the function.'));
    return plainReply(504, 'The function did not answer in time.', requestId, cors);
  } catch (error) {
    parts.report(error);
    return plainReply(500, 'The function failed.', requestId, cors);
  }
}

/** What the rules answer by themselves. */
function answerOf(
  policy: RoutePolicy,
  head: RequestHead,
  event: Fields,
  requestId: string,
  cors: HeaderMap,
): unknown {
  const { method, headers, body } = head;
  const { origin } = headers;
  const allow = policy.methods.some((one) => one === 'ANY')
    ? ALL_METHODS
    : policy.methods.join(', ');
  if (policy.answers !== 'handler') {
    const isPreflight = method === 'OPTIONS' && (policy.answers === 'preflight' || origin);
    if (!isPreflight) {
      return plainReply(405, 'The path does not take this method.', requestId, { allow });
    }
    const asked = headers['access-control-request-method'];
    const granted =
      origin === undefined || asked === undefined
        ? { allow }
        : preflightHeaders(policy.crossOrigin, {
            origin,
            method: asked,
            headers: headers['access-control-request-headers'],
          });
    return { statusCode: 204, headers: { ...granted, 'x-request-id': requestId } };
  }
  const { maxBodyBytes, scopes } = policy;
  if (maxBodyBytes !== undefined && body !== null && body.byteLength > maxBodyBytes) {
    return plainReply(413, 'The body is larger than the route allows.', requestId, cors);
  }
  if (scopes === undefined) return undefined;
  const held = tokenScopes(event);
  return scopes.every((scope) => held.includes(scope))
    ? undefined
    : plainReply(403, 'The token lacks a scope.', requestId, {
        ...cors,
        'www-authenticate': 'Bearer error="insufficient_scope"',
      });
}

function crossOriginHeaders(policy: RoutePolicy | undefined, head: RequestHead): HeaderMap {
  return policy?.cors === undefined ? {} : responseHeaders(policy.cors, head.headers['origin']);
}

const LATE: unique symbol = Symbol('late');

async function inTime(call: Promise<unknown>, remainingMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    const delayMs = remainingMs - Math.min(ANSWER_BEFORE_END_MS, remainingMs / 10);
    timer = setTimeout(() => resolve(LATE), Math.max(0, delayMs));
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** By its form: a polyfill's Response is as good. */
function isResponse(reply: ShimReply): reply is Response {
  return typeof reply === 'object' && reply !== null && 'headers' in reply && 'status' in reply;
}
