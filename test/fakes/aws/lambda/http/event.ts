/** The Lambda event, payload format 2.0, that a function URL or an HTTP API makes of a request. */
import { randomBytes, randomUUID } from 'node:crypto';
import { header, type EdgeRequest } from './edge.ts';

export interface EventOptions {
  readonly now: number;
  readonly accountId: string;
  readonly apiId: string;
  readonly routeKey: string;
  readonly stage: string;
  /** Function URLs keep the path as it was sent; HTTP APIs decode it. */
  readonly path: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly authorizer?: object;
}

/** Only these bodies travel as text; all else in base64, also when there is no content type. */
const TEXT = /^(text\/.*|application\/(json|javascript|xml))$/;

export function httpEvent(request: EdgeRequest, options: EventOptions): object {
  const cookies = request.headers
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(';').map((cookie) => cookie.trim()))
    .filter((cookie) => cookie !== '');
  const domainName = header(request, 'host') ?? '127.0.0.1';
  const query = queryOf(request.rawQuery);
  const isText = TEXT.test(
    (header(request, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
  );
  return {
    version: '2.0',
    routeKey: options.routeKey,
    rawPath: options.path,
    rawQueryString: request.rawQuery,
    ...(cookies.length > 0 && { cookies }),
    headers: headersOf(request),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: options.accountId,
      apiId: options.apiId,
      ...(options.authorizer && { authorizer: options.authorizer }),
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path: options.path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: header(request, 'user-agent') ?? '',
      },
      requestId: randomUUID(),
      routeKey: options.routeKey,
      stage: options.stage,
      time: accessLogTime(options.now),
      timeEpoch: options.now,
    },
    ...(options.pathParameters &&
      Object.keys(options.pathParameters).length > 0 && { pathParameters: options.pathParameters }),
    ...(options.stageVariables &&
      Object.keys(options.stageVariables).length > 0 && { stageVariables: options.stageVariables }),
    ...(request.body.length > 0 && {
      body: request.body.toString(isText ? 'utf8' : 'base64'),
    }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

function headersOf(request: EdgeRequest): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) {
    // Cookies have a list of their own, and hops are not passed on.
    if (['cookie', 'connection', 'keep-alive', 'transfer-encoding', 'te'].includes(name)) continue;
    headers[name] = headers[name] === undefined ? value : `${headers[name]},${value}`;
  }
  const port = (headers['host'] ?? '').split(':')[1] ?? '443';
  const forwarded = headers['x-forwarded-for'];
  return {
    ...headers,
    'content-length': String(request.body.length),
    'x-amzn-trace-id': headers['x-amzn-trace-id'] ?? traceId(),
    'x-forwarded-for':
      forwarded === undefined ? request.sourceIp : `${forwarded}, ${request.sourceIp}`,
    'x-forwarded-port': port,
    'x-forwarded-proto': 'http',
  };
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** Repeated parameters are joined with commas. */
function queryOf(rawQuery: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    query[name] = query[name] === undefined ? value : `${query[name]},${value}`;
  }
  return query;
}

/** `21/Nov/2026:03:00:00 +0000`. */
function accessLogTime(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
