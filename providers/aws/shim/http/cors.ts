/** Cross-origin rules, which API Gateway would keep to itself: what it answers, no handler can see or change. */
import type { Complete, CorsSpec, HttpMethod } from 'polyfaas/spi';

type Rules = Complete<CorsSpec>;
export type HeaderMap = Record<string, string>;

export const ALL_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';

/** What a browser asks before it sends the request itself. */
export interface PreflightQuestion {
  readonly origin: string;
  readonly method: string;
  /** The raw `access-control-request-headers`. */
  readonly headers: string | undefined;
}

/** Headers that go on every response of a route, on those of failures too. */
export function responseHeaders(cors: Rules, origin: string | undefined): HeaderMap {
  const expose: HeaderMap =
    cors.exposeHeaders.length === 0
      ? {}
      : { 'access-control-expose-headers': cors.exposeHeaders.join(', ') };
  // With `*`, credentials stay off: echoing any origin with credentials would open the route to every page.
  if (cors.origins.includes('*')) return { 'access-control-allow-origin': '*', ...expose };
  if (origin === undefined || !cors.origins.includes(origin)) return { vary: 'Origin' };
  return {
    'access-control-allow-origin': origin,
    ...(cors.credentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...expose,
    vary: 'Origin',
  };
}

/** Headers of the answer to a preflight; no permission in them when origin, method or a header is not allowed. */
export function preflightHeaders(
  crossOrigin: readonly { readonly methods: readonly HttpMethod[]; readonly cors: Rules }[],
  question: PreflightQuestion,
): HeaderMap {
  const refused = { vary: PREFLIGHT_VARY };
  const rule = crossOrigin.find(({ methods }) => takes(methods, question.method));
  if (rule === undefined) return refused;
  const { cors } = rule;
  const isAllowedOrigin = cors.origins.includes('*') || cors.origins.includes(question.origin);
  const isAllowedMethod = takes(cors.methods, question.method);
  const asked = (question.headers ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const known = cors.headers.map((name) => name.toLowerCase());
  const anyHeader = known.includes('*');
  const isAllowedHeader = anyHeader || asked.every((name) => known.includes(name));
  if (!isAllowedOrigin || !isAllowedMethod || !isAllowedHeader) return refused;
  const { 'access-control-expose-headers': _expose, ...allowed } = responseHeaders(
    cors,
    question.origin,
  );
  const names = anyHeader ? asked : known;
  return {
    ...allowed,
    'access-control-allow-methods': cors.methods.some((method) => method === 'ANY')
      ? ALL_METHODS
      : cors.methods.join(', '),
    ...(names.length === 0 ? {} : { 'access-control-allow-headers': names.join(', ') }),
    'access-control-max-age': String(cors.maxAgeSeconds),
    vary: PREFLIGHT_VARY,
  };
}

function takes(methods: readonly string[], method: string): boolean {
  return (
    methods.includes('ANY') ||
    methods.includes(method) ||
    // Who may GET may HEAD.
    (method === 'HEAD' && methods.includes('GET'))
  );
}
