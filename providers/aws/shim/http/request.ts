/** Payload format 2.0, which API Gateway and function URLs share, as a `Request`. */
import { createRequest, type HttpMeta, type JsonValue } from 'polyfaas/function';
import { EVERY_PATH, readRouteKeys } from '../../route-policy.ts';
import { type Fields, fieldsOf, isFields, jsonOf, textOf } from '../json.ts';
import { isOfOtherRoute, normalPath, pathParameters, routedPath, sentPath } from './path.ts';

/** What the shim needs to know of a request before it calls anybody. */
export interface RequestHead {
  readonly method: string;
  readonly routeKey: string;
  /** Undefined for a function URL. */
  readonly stageVariables: Readonly<Record<string, string>> | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export function requestHead(event: Fields): RequestHead {
  const variables = event['stageVariables'];
  return {
    method: textOf(fieldsOf(fieldsOf(event['requestContext'])['http'])['method']),
    routeKey: textOf(event['routeKey']),
    stageVariables: isFields(variables) ? textMap(variables) : undefined,
    headers: textMap(event['headers']),
    body: bodyOf(event),
  };
}

/**
 * The path for the handler, percent-encoded and in its normal form. Undefined where that is not the path by which API
 * Gateway let the request in.
 */
export function requestPath(event: Fields, head: RequestHead): string | undefined {
  const told = textOf(event['rawPath']);
  const path = told.startsWith('/') ? told : `/${told}`;
  const route = routePath(event);
  // A function URL has one route for all paths.
  if (route === undefined) return normalPath(path);
  const parameters = textMap(event['pathParameters']);
  const keys = readRouteKeys(head.stageVariables);
  if (isOfOtherRoute(route, parameters, head.method, keys)) return undefined;
  return routedPath(sentPath(path, route, parameters));
}

/** @param path as {@link requestPath} gives it. */
export function requestOf(
  event: Fields,
  { method, headers, body }: RequestHead,
  path: string,
): Request {
  const query = textOf(event['rawQueryString']);
  const host = headers['host'] ?? textOf(fieldsOf(event['requestContext'])['domainName']);
  const origin = `${headers['x-forwarded-proto'] ?? 'https'}://${host === '' ? 'localhost' : host}`;
  const url = `${origin}${path}${query === '' ? '' : `?${query}`}`;
  return createRequest({ method, url, headers: headerList(headers, event['cookies']), body });
}

/**
 * @param path as {@link requestPath} gives it.
 * @param declared the path of the binding; without it, that of the route, and every path for a function URL.
 */
export function httpMeta(event: Fields, path: string, declared: string | undefined): HttpMeta {
  const context = fieldsOf(event['requestContext']);
  const route = declared ?? routePath(event) ?? EVERY_PATH;
  const clientAddress = fieldsOf(context['http'])['sourceIp'];
  const jwt = fieldsOf(context['authorizer'])['jwt'];
  return {
    route,
    params: pathParameters(route, path) ?? textMap(event['pathParameters']),
    ...(isFields(jwt) ? { claims: claimsOf(jwt['claims']) } : {}),
    ...(typeof clientAddress === 'string' ? { clientAddress } : {}),
  };
}

/** The scopes of the verified token. */
export function tokenScopes(event: Fields): readonly string[] {
  const jwt = fieldsOf(fieldsOf(fieldsOf(event['requestContext'])['authorizer'])['jwt']);
  const claims = fieldsOf(jwt['claims']);
  return textOf(claims['scope'] ?? claims['scp'])
    .replaceAll(/[[\],]/g, ' ')
    .split(' ');
}

/** `/orders/{id}` of the route `GET /orders/{id}`. */
function routePath(event: Fields): string | undefined {
  return /^\S+ (\/.*)$/.exec(textOf(event['routeKey']))?.[1];
}

function claimsOf(claims: unknown): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(claims)).map(([name, claim]) => [name, jsonOf(claim)]),
  );
}

function bodyOf(event: Fields): Uint8Array | null {
  const { body } = event;
  if (typeof body !== 'string' || body === '') return null;
  return Buffer.from(body, event['isBase64Encoded'] === true ? 'base64' : 'utf8');
}

function headerList(headers: Readonly<Record<string, string>>, cookies: unknown): string[] {
  const list: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    // Headers of the library's own mean something only where the library itself wrote them.
    if (!name.startsWith('x-polyfaas-')) list.push(name, value);
  }
  if (Array.isArray(cookies) && cookies.length > 0) list.push('cookie', cookies.join('; '));
  return list;
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(fieldsOf(value))) {
    if (typeof text === 'string') texts[name] = text;
  }
  return texts;
}
