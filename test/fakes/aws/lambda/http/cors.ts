/** CORS as function URLs and HTTP APIs apply it themselves, in front of the function. */
import { header, type EdgeReply, type EdgeRequest } from './edge.ts';

export interface CorsRules {
  readonly allowCredentials?: boolean;
  readonly allowHeaders?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowOrigins?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  /** Seconds. */
  readonly maxAge?: number;
}

/** The answer to a preflight; undefined when the request is none. */
export function preflight(rules: CorsRules, request: EdgeRequest): EdgeReply | undefined {
  const method = header(request, 'access-control-request-method');
  if (request.method !== 'OPTIONS' || method === undefined) return undefined;
  const origin = allowedOrigin(rules, request);
  const methods = rules.allowMethods ?? [];
  const isAllowed =
    origin !== undefined &&
    (methods.includes('*') || methods.some((name) => name.toUpperCase() === method));
  if (!isAllowed) return { status: 204, headers: [], body: '' };
  return {
    status: 204,
    headers: [
      ...common(rules, origin),
      ['access-control-allow-methods', methods.join(',')],
      ...(rules.allowHeaders === undefined
        ? []
        : [['access-control-allow-headers', rules.allowHeaders.join(',')] as const]),
      ...(rules.maxAge === undefined
        ? []
        : [['access-control-max-age', String(rules.maxAge)] as const]),
    ],
    body: '',
  };
}

/** The reply with the headers of the rules; those that the function set are dropped. */
export function withCors(rules: CorsRules, request: EdgeRequest, reply: EdgeReply): EdgeReply {
  const origin = allowedOrigin(rules, request);
  const headers = reply.headers.filter(([name]) => !name.startsWith('access-control-'));
  if (origin === undefined) return { ...reply, headers };
  return {
    ...reply,
    headers: [
      ...headers,
      ...common(rules, origin),
      ...(rules.exposeHeaders === undefined
        ? []
        : [['access-control-expose-headers', rules.exposeHeaders.join(',')] as const]),
    ],
  };
}

function common(rules: CorsRules, origin: string): EdgeReply['headers'] {
  return [
    ['access-control-allow-origin', origin],
    ...(rules.allowCredentials === true
      ? [['access-control-allow-credentials', 'true'] as const]
      : []),
    ...(origin === '*' ? [] : [['vary', 'Origin'] as const]),
  ];
}

function allowedOrigin(rules: CorsRules, request: EdgeRequest): string | undefined {
  const origin = header(request, 'origin');
  if (origin === undefined) return undefined;
  const allowed = rules.allowOrigins ?? [];
  if (allowed.includes('*')) return '*';
  return allowed.includes(origin) ? origin : undefined;
}
