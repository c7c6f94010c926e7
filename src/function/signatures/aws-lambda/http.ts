/** HTTP as API Gateway's payload format 2.0. */
import { HandlerContractError, describeValue } from '../../contract-error.ts';
import { toJson } from '../../json.ts';
import type { JsonObject, JsonValue } from '../../json.types.ts';
import { rawHeadersOf } from '../../light-request.ts';
import type { HttpMeta } from '../../shim.ts';
import { ACCOUNT_ID } from './arn.ts';
import { fromBase64, textOf, toBase64 } from './bytes.ts';

/** What the gateway passes on as text; all else is base64, forms too. */
const TEXTUAL = /^(text\/|application\/([\w.-]+\+)?(json|xml)\b|application\/javascript\b)/i;

/** The statuses for which `Response` takes no body. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** The event for a request. Reads the body. */
export async function httpEvent(
  request: Request,
  http: HttpMeta,
  requestId: string,
): Promise<JsonObject> {
  const url = new URL(request.url);
  const { headers, cookies } = readHeaders(request);
  const sourceIp = http.clientAddress ?? '127.0.0.1';
  // What API Gateway always adds.
  headers['x-forwarded-for'] ??= sourceIp;
  headers['x-forwarded-proto'] ??= url.protocol.slice(0, -1);
  headers['x-forwarded-port'] ??= url.port || (url.protocol === 'https:' ? '443' : '80');
  const now = new Date();
  const routeKey = `${request.method} ${http.route}`;
  const query = readQuery(url.searchParams);
  const host = headers['host'] ?? url.host;
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies.length === 0 ? {} : { cookies }),
    headers,
    ...(query === undefined ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: 'polyfaas',
      ...authorizer(http.claims),
      domainName: host,
      domainPrefix: host.split('.', 1)[0] ?? host,
      http: {
        method: request.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      time: gatewayTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(http.params).length === 0 ? {} : { pathParameters: http.params }),
    ...(await readBody(request, headers)),
  };
}

/** Names in lower case, repeated ones joined by a comma; cookies go apart. */
function readHeaders(request: Request): {
  readonly headers: Record<string, string>;
  readonly cookies: readonly string[];
} {
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  const add = (name: string, value: string): void => {
    if (name === 'cookie') {
      cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ''));
    } else {
      headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value;
    }
  };
  const raw = rawHeadersOf(request);
  if (raw === undefined) request.headers.forEach((value, name) => add(name, value));
  for (let index = 0; raw !== undefined && index + 1 < raw.length; index += 2) {
    add((raw[index] ?? '').toLowerCase(), raw[index + 1] ?? '');
  }
  return { headers, cookies };
}

function readQuery(parameters: URLSearchParams): Readonly<Record<string, string>> | undefined {
  const values = new Map<string, string>();
  for (const [name, value] of parameters) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return values.size === 0 ? undefined : Object.fromEntries(values);
}

/** The gateway gives every claim as a string. */
function authorizer(claims: Readonly<Record<string, JsonValue>> | undefined): JsonObject {
  if (claims === undefined) return {};
  const texts = Object.entries(claims).map(([name, claim]) => [name, claimText(claim)] as const);
  const { scope } = claims;
  const scopes = typeof scope === 'string' && scope !== '' ? scope.split(' ') : null;
  return { authorizer: { jwt: { claims: Object.fromEntries(texts), scopes } } };
}

function claimText(claim: JsonValue): string {
  if (typeof claim === 'string') return claim;
  return Array.isArray(claim) ? `[${claim.map(claimText).join(' ')}]` : JSON.stringify(claim);
}

async function readBody(
  request: Request,
  headers: Readonly<Record<string, string>>,
): Promise<JsonObject> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length === 0) return { isBase64Encoded: false };
  const isText = TEXTUAL.test(headers['content-type'] ?? 'text/plain');
  const text = isText && headers['content-encoding'] === undefined ? textOf(bytes) : undefined;
  return text === undefined
    ? { body: toBase64(bytes), isBase64Encoded: true }
    : { body: text, isBase64Encoded: false };
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `12/Mar/2026:19:03:58 +0000`. */
function gatewayTime(now: Date): string {
  const day = String(now.getUTCDate()).padStart(2, '0');
  const clock = now.toISOString().slice(11, 19);
  return `${day}/${MONTHS[now.getUTCMonth()] ?? ''}/${now.getUTCFullYear()}:${clock} +0000`;
}

/**
 * The response that an answer stands for. An answer without `statusCode` is the body of a 200.
 *
 * @throws {HandlerContractError} when a field has the wrong type.
 */
export function httpResponse(answer: unknown): Response {
  if (answer instanceof Response) return answer;
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    const body = typeof answer === 'string' ? answer : JSON.stringify(toJson(answer));
    return new Response(body, { headers: { 'content-type': 'application/json' } });
  }
  const status = statusOf(answer.statusCode);
  const headers = new Headers();
  for (const [name, value] of entriesOf(answer, 'headers'))
    headers.set(name, textValue(name, value));
  for (const [name, values] of entriesOf(answer, 'multiValueHeaders')) {
    headers.delete(name);
    for (const value of listOf(`multiValueHeaders.${name}`, values)) {
      headers.append(name, textValue(name, value));
    }
  }
  const cookies: unknown = 'cookies' in answer ? answer.cookies : undefined;
  for (const cookie of cookies === undefined || cookies === null
    ? []
    : listOf('cookies', cookies)) {
    headers.append('set-cookie', textValue('cookies', cookie));
  }
  const encoded = 'isBase64Encoded' in answer && answer.isBase64Encoded === true;
  const body = bodyOf('body' in answer ? answer.body : undefined, encoded);
  return new Response(WITHOUT_BODY.has(status) ? null : body, { status, headers });
}

function statusOf(value: unknown): number {
  const status = typeof value === 'string' ? Number(value) : value;
  if (typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599) {
    return status;
  }
  throw wrong('statusCode', value, 'a whole number from 200 to 599');
}

function bodyOf(body: unknown, encoded: boolean): string | Uint8Array<ArrayBuffer> | null {
  if (body === undefined || body === null) return null;
  if (typeof body !== 'string') throw wrong('body', body, 'a string; use JSON.stringify');
  if (!encoded) return body;
  try {
    return fromBase64(body);
  } catch {
    throw new HandlerContractError(
      'The Lambda handler answered with isBase64Encoded: true, and its body is no base64.',
    );
  }
}

function entriesOf(answer: object, field: string): readonly (readonly [string, unknown])[] {
  const value: unknown = Reflect.get(answer, field);
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(field, value, 'an object');
  return Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
}

function listOf(field: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(field, value, 'an array of strings');
}

function textValue(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrong(field, value, 'a string');
}

function wrong(field: string, value: unknown, wanted: string): HandlerContractError {
  const shown =
    typeof value === 'number' || typeof value === 'string'
      ? JSON.stringify(value)
      : describeValue(value);
  return new HandlerContractError(
    `The Lambda handler answered with a wrong "${field}": ${shown.slice(0, 100)}. It must be ${wanted}.`,
  );
}
