/** Requests as API Gateway and function URLs send them, and the replies that they get. */
import { describe, expect, it } from 'vitest';
import { encodeRoutePolicies } from '../../../providers/aws/route-policy.ts';
import type { Binding, NormalHttpEvent } from '../../../src/spi/index.ts';
import { gatewayEvent, type GatewayOptions } from './events.ts';
import { entryOf, lambdaContext } from './inside.ts';

const ORIGIN = 'https://shop.example';
const CORS: NonNullable<NormalHttpEvent['cors']> = {
  origins: [ORIGIN],
  methods: ['GET', 'POST'],
  headers: ['content-type', 'x-own'],
  exposeHeaders: ['x-kind'],
  credentials: true,
  maxAgeSeconds: 120,
};

interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

type HttpHandler = (request: Request, context: HttpAbout) => unknown;

interface HttpAbout {
  readonly route: string;
  readonly params: unknown;
  readonly claims: unknown;
  readonly clientAddress: unknown;
  readonly trace: unknown;
}

async function send(http: HttpHandler, options: GatewayOptions, remainingMs = 5_000) {
  const entry = entryOf({ http });
  const context = lambdaContext({ getRemainingTimeInMillis: () => remainingMs });
  const reply: unknown = await entry.handler(gatewayEvent(options), context);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests look at what it holds
  return reply as Reply;
}

function rules(event: Partial<NormalHttpEvent>): Readonly<Record<string, string>> {
  const full: NormalHttpEvent = {
    type: 'http',
    enabled: true,
    methods: ['ANY'],
    path: '/{path+}',
    ...event,
  };
  const binding: Binding = { id: 'http-1', origin: 'spec', event: full };
  return encodeRoutePolicies([binding]);
}

const about: HttpHandler = async (request, context) => {
  const { route, params, claims, clientAddress, trace } = context;
  return Response.json({
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    body: Buffer.from(await request.arrayBuffer()).toString('latin1'),
    route,
    params,
    claims: claims ?? null,
    clientAddress,
    trace: trace ?? null,
  });
};

async function seen(options: GatewayOptions): Promise<Readonly<Record<string, unknown>>> {
  const { body = '' } = await send(about, options);
  return JSON.parse(body);
}

const ran = (): never => {
  throw new Error('the handler ran');
};

describe('a request', () => {
  it('arrives as it was sent', async () => {
    const request = await seen({
      method: 'POST',
      path: '/orders/a%20b',
      query: 'a=1&a=2&b=%C3%BC',
      routeKey: 'POST /orders/{id}',
      headers: {
        'content-type': 'application/octet-stream',
        'x-polyfaas-warm': '1',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from([0, 1, 255]).toString('base64'),
      isBase64Encoded: true,
      claims: { sub: 'user-7' },
      pathParameters: { id: 'a b' },
    });
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://abc123.execute-api.eu-central-1.amazonaws.com/orders/a%20b?a=1&a=2&b=%C3%BC',
      body: '\u0000\u0001\u00ff',
      route: '/orders/{id}',
      params: { id: 'a b' },
      claims: { sub: 'user-7' },
      clientAddress: '192.0.2.1',
      headers: { cookie: 'a=1; b=2', 'content-type': 'application/octet-stream' },
      trace: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    });
    expect(request['headers']).not.toHaveProperty('x-polyfaas-warm');
  });

  it.each([
    ['/', { path: '' }],
    ['/a/b%2Fc/%C3%BC', { path: 'a/b/c/ü' }],
  ])('by a function URL is of the one route: %s', async (path, params) => {
    expect(await seen({ path })).toMatchObject({ route: '/{path+}', params });
  });

  it('decodes each parameter, and leaves the path as it is', async () => {
    const path = '/files/a%20b/gr%C3%BCn%2Fx';
    const request = await seen({ path, routeKey: 'ANY /files/{folder}/{name}' });
    expect(request).toMatchObject({ params: { folder: 'a b', name: 'grün/x' } });
    expect(request['url']).toContain(path);
  });

  it.each([
    [
      '/files/a b/grün/x',
      { folder: 'a b', name: 'grün/x' },
      'ANY /files/{folder}/{name}',
      '/files/a%20b/gr%C3%BCn%2Fx',
    ],
    ['/files/a b/c', { rest: 'a b/c' }, 'ANY /files/{rest+}', '/files/a%20b/c'],
    [
      '/v1/files/a?b/c@d',
      { folder: 'a?b', name: 'c@d' },
      'ANY /files/{folder}/{name}',
      '/v1/files/a%3Fb/c@d',
    ],
    ['/files/100%', { name: '100%' }, 'ANY /files/{name}', '/files/100%25'],
    ['/files/a%20b', { name: 'a%20b' }, 'ANY /files/{name}', '/files/a%20b'],
  ])(
    'has its path back where the gateway decoded it: %s',
    async (path, pathParameters, routeKey, sent) => {
      const { url } = await seen({ path, routeKey, pathParameters });
      expect(new URL(String(url)).pathname).toBe(sent);
    },
  );

  it('takes the gateway’s word for the parameters behind a path that is mapped', async () => {
    const request = await seen({
      path: '/v1/orders/7',
      routeKey: 'GET /orders/{id}',
      pathParameters: { id: '7' },
    });
    expect(request['params']).toEqual({ id: '7' });
  });
});

describe('a response', () => {
  it('keeps status, headers and cookies', async () => {
    const reply = await send(() => {
      const headers = new Headers({ 'x-kind': 'teapot', 'content-length': '15' });
      headers.append('set-cookie', 'a=1; Path=/');
      headers.append('set-cookie', 'b=2; Path=/');
      headers.append('x-many', '1');
      headers.append('x-many', '2');
      return new Response('short and stout', { status: 418, headers });
    }, {});
    expect(reply).toMatchObject({
      statusCode: 418,
      headers: { 'x-kind': 'teapot', 'x-many': '1, 2' },
      cookies: ['a=1; Path=/', 'b=2; Path=/'],
      body: 'short and stout',
    });
    expect(reply.headers).not.toHaveProperty('content-length');
  });

  it('is base64 where it is no text', async () => {
    const bytes = Uint8Array.of(0, 255, 1);
    const headers = { 'content-type': 'application/octet-stream' };
    const reply = await send(() => new Response(bytes, { headers }), {});
    expect(reply).toMatchObject({ isBase64Encoded: true, body: 'AP8B' });
    const packed = { 'content-type': 'text/plain', 'content-encoding': 'gzip' };
    const zipped = await send(() => new Response('x', { headers: packed }), {});
    expect(zipped).toMatchObject({ isBase64Encoded: true, body: 'eA==' });
  });

  it('that streams is sent whole', async () => {
    const reply = await send(() => {
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode('first;'));
          await new Promise((resolve) => setTimeout(resolve, 5));
          controller.enqueue(new TextEncoder().encode('last'));
          controller.close();
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/plain' } });
    }, {});
    expect(reply.body).toBe('first;last');
  });

  it('has no body for HEAD and for 204', async () => {
    const head = await send(() => new Response('pong'), { method: 'HEAD' });
    expect(head).toMatchObject({ statusCode: 200 });
    expect(head.body).toBeUndefined();
    const empty = await send(() => new Response(null, { status: 204 }), {});
    expect(empty.body).toBeUndefined();
  });

  it.each([
    ['throws', (): never => ran()],
    ['returns no Response', (): unknown => 'not a response'],
    ['returns too much', (): Response => new Response('x'.repeat(6_400_000))],
  ])('is a 500 that tells a request id only, when the handler %s', async (_what, handler) => {
    const reply = await send(handler, {});
    expect(reply.statusCode).toBe(500);
    expect(reply.headers['x-request-id']).toBe('aws-1');
    expect(JSON.parse(reply.body ?? '')).toEqual({
      error: 'The function failed.',
      requestId: 'aws-1',
    });
  });

  it('is a 504 when the time runs out', async () => {
    const reply = await send(() => new Promise(() => {}), {}, 40);
    expect(reply.statusCode).toBe(504);
  });
});

describe('the rules of a route', () => {
  const preflight = (origin: string, change: Readonly<Record<string, string>> = {}) => ({
    method: 'OPTIONS',
    path: '/ping',
    routeKey: 'OPTIONS /{path+}',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-own',
      ...change,
    },
    stageVariables: rules({ methods: ['GET', 'POST'], cors: CORS }),
  });

  it('answer a preflight without the handler', async () => {
    const { statusCode, headers } = await send(ran, preflight(ORIGIN));
    expect(statusCode).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '120',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type, x-own',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    });
  });

  it('let HEAD through wherever GET is', async () => {
    const asked = preflight(ORIGIN, { 'access-control-request-method': 'HEAD' });
    const { headers } = await send(ran, asked);
    expect(headers).toHaveProperty('access-control-allow-origin', ORIGIN);
  });

  it.each([
    ['origin', preflight('https://evil.example')],
    ['method', preflight(ORIGIN, { 'access-control-request-method': 'DELETE' })],
    ['header', preflight(ORIGIN, { 'access-control-request-headers': 'x-foreign' })],
  ])('give no permission to another %s', async (_what, options) => {
    const { statusCode, headers } = await send(ran, options);
    expect(statusCode).toBe(204);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('add their headers to every response, failures too', async () => {
    const options = {
      path: '/ping',
      routeKey: 'GET /{path+}',
      headers: { origin: ORIGIN },
      stageVariables: rules({ methods: ['GET', 'POST'], cors: CORS }),
    };
    const handlers = [() => new Response('pong', { headers: { vary: 'Accept' } }), ran];
    for (const handler of handlers) {
      const { headers } = await send(handler, options);
      expect(headers['access-control-allow-origin']).toBe(ORIGIN);
      expect(headers['access-control-expose-headers']).toBe('x-kind');
      expect(headers['vary']).toMatch(/Origin/);
    }
    const answer = (await send(handlers[0] ?? ran, options)).headers['vary'];
    expect(answer).toBe('Accept, Origin');
  });

  it('allow any origin, without credentials', async () => {
    const cors = { ...CORS, origins: ['*'], credentials: false };
    const { headers } = await send(() => new Response('pong'), {
      path: '/ping',
      routeKey: 'ANY /ping',
      headers: { origin: ORIGIN },
      stageVariables: rules({ path: '/ping', cors }),
    });
    expect(headers['access-control-allow-origin']).toBe('*');
  });

  it('refuse a method, and name those that the path takes', async () => {
    const reply = await send(ran, {
      method: 'DELETE',
      path: '/ping',
      routeKey: 'ANY /ping',
      stageVariables: rules({ path: '/ping', methods: ['GET', 'POST'] }),
    });
    expect(reply.statusCode).toBe(405);
    expect(reply.headers['allow']?.split(', ')).toEqual(expect.arrayContaining(['GET', 'POST']));
  });

  it('limit the body', async () => {
    const options = (body: string) => ({
      method: 'POST',
      path: '/ping',
      routeKey: 'ANY /ping',
      body,
      stageVariables: rules({ path: '/ping', maxBodyBytes: 4 }),
    });
    expect((await send(ran, options('12345'))).statusCode).toBe(413);
    expect((await send(ran, options('üüü'))).statusCode).toBe(413);
    expect((await send(() => new Response('ok'), options('1234'))).statusCode).toBe(200);
  });

  it('want all of the scopes', async () => {
    const jwt = {
      issuer: 'https://i',
      audience: ['a'],
      jwksUri: 'https://i/k',
      scopes: ['r', 'w'],
    };
    const options = (scope: string) => ({
      path: '/ping',
      routeKey: 'ANY /ping',
      claims: { scope },
      stageVariables: rules({ path: '/ping', jwt }),
    });
    expect((await send(ran, options('r other'))).statusCode).toBe(403);
    expect((await send(() => new Response('ok'), options('w r'))).statusCode).toBe(200);
  });

  it('that are not known yet serve nobody', async () => {
    const stageVariables = rules({ path: '/ping' });
    const reply = await send(ran, { path: '/new', routeKey: 'ANY /new', stageVariables });
    expect(reply.statusCode).toBe(503);
  });

  it('serve `/` by the route that takes every path', async () => {
    const { body = '' } = await send(about, {
      path: '/',
      routeKey: 'ANY /',
      stageVariables: rules({}),
    });
    expect(JSON.parse(body)).toMatchObject({ route: '/{path+}', params: { path: '' } });
  });
});

describe('a Lambda handler', () => {
  const answer = {
    statusCode: 201,
    headers: { 'X-From': 'lambda' },
    cookies: ['a=1'],
    body: '{"a":1}',
    isBase64Encoded: false,
    more: 'kept',
  };

  it('has its answer passed on as it is', async () => {
    const event = gatewayEvent({ path: '/any', method: 'POST', body: 'grüße' });
    const entry = entryOf(async (given) => {
      expect(given).toBe(event);
      return answer;
    });
    expect(await entry.handler(event, lambdaContext())).toBe(answer);
  });

  it('gets the headers of the route added', async () => {
    const stageVariables = rules({ methods: ['GET'], cors: CORS });
    const options = { path: '/a', routeKey: 'GET /{path+}', headers: { origin: ORIGIN } };
    const entry = entryOf(async () => answer);
    const reply = await entry.handler(
      gatewayEvent({ ...options, stageVariables }),
      lambdaContext(),
    );
    expect(reply).toMatchObject({
      ...answer,
      headers: { 'X-From': 'lambda', 'access-control-allow-origin': ORIGIN },
    });
  });
});
