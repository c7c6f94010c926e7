/** HTTP requests and answers in the form of the worker's protocol. */
import type { WireReply } from '../core/ports.ts';
import type { RpcCookie, RpcHttp, RpcHttpRequest } from './messages.ts';
import type { RouteValues } from './route-template.ts';

export type HttpReply = WireReply & { readonly setCookies?: readonly string[] };

export interface HostRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function requestForm(request: HostRequest, params: RouteValues): RpcHttpRequest {
  const { method, url, headers, body } = request;
  const host = headers['host'] ?? 'localhost';
  const scheme = headers['x-forwarded-proto'] ?? 'http';
  const whole = new URL(`${scheme}://${host}${url}`);
  const query: Record<string, string> = {};
  // The protocol has one value for each name.
  for (const [name, value] of whole.searchParams)
    query[name] = Object.hasOwn(query, name) ? `${query[name]},${value}` : value;
  return {
    method,
    url: `${scheme}://${host}${url}`,
    headers: {},
    query: {},
    params: {},
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(query),
    nullableParams: nullable(params),
    // The host hands over what is as long as it says (`ToRpcHttp` of azure-functions-host; its issue 7930).
    ...(body.length > 0 && !isChunked(headers) && { body: { bytes: body } }),
  };
}

function isChunked(headers: Readonly<Record<string, string>>): boolean {
  return /chunked/i.test(headers['transfer-encoding'] ?? '');
}

function nullable(
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, { readonly value: string }>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

/** The answer of a function that returned; nothing is "no content". */
export function replyForm(http: RpcHttp | null | undefined): HttpReply {
  if (!http) return { status: 204, headers: {} };
  const headers: Record<string, string> = {};
  const setCookies: string[] = [];
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (name.toLowerCase() === 'set-cookie') setCookies.push(value);
    else headers[name.toLowerCase()] = value;
  }
  for (const cookie of http.cookies ?? []) setCookies.push(cookieText(cookie));
  const { bytes, string, json } = http.body ?? {};
  const body = bytes === undefined ? Buffer.from(string ?? json ?? '') : Buffer.from(bytes);
  return {
    status: Number(http.statusCode ?? '200'),
    headers,
    body,
    ...(setCookies.length > 0 && { setCookies }),
  };
}

const SAME_SITE = { lax: 'lax', strict: 'strict', explicitNone: 'none' } as const;

function cookieText(cookie: RpcCookie): string {
  const { name, value, maxAge, domain, path, expires, secure, httpOnly, sameSite } = cookie;
  const parts = [`${name}=${encodeURIComponent(value)}`];
  if (expires) parts.push(`expires=${expiryOf(expires.value).toUTCString()}`);
  if (maxAge) parts.push(`max-age=${maxAge.value}`);
  if (domain) parts.push(`domain=${domain.value}`);
  parts.push(`path=${path?.value ?? '/'}`);
  if (secure?.value) parts.push('secure');
  if (sameSite && sameSite !== 'none') parts.push(`samesite=${SAME_SITE[sameSite]}`);
  if (httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}

function expiryOf(value: Date | string | number | { readonly seconds: number }): Date {
  if (value instanceof Date) return value;
  return new Date(typeof value === 'object' ? value.seconds * 1000 : value);
}
