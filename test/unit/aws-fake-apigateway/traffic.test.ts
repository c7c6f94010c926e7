import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  makeApi,
  startGateway,
  startIssuer,
  type Issuer,
  type SmallApi,
  type SmallGateway,
} from './support.ts';

let g: SmallGateway;
let api: SmallApi;
beforeEach(async () => {
  g = await startGateway();
  api = await makeApi(g);
});
afterEach(() => g.stop());

async function route(...keys: readonly string[]): Promise<void> {
  const { ApiId, Target } = api;
  for (const RouteKey of keys) await g.client.createRoute({ ApiId, RouteKey, Target });
}

async function routeOf(path: string, method = 'GET'): Promise<unknown> {
  const reply = await fetch(api.url + path, { method });
  if (reply.status !== 200) return reply.status;
  const event: unknown = await reply.json();
  return typeof event === 'object' && event && 'routeKey' in event ? event.routeKey : undefined;
}

describe('routing', () => {
  it('takes the most exact route', async () => {
    await route(
      'GET /a/{id}',
      'GET /a/new',
      'ANY /a/{id}',
      'ANY /{rest+}',
      'GET /a/{rest+}',
      '$default',
    );
    expect(await routeOf('/a/new')).toBe('GET /a/new');
    expect(await routeOf('/a/7')).toBe('GET /a/{id}');
    expect(await routeOf('/a/7', 'POST')).toBe('ANY /a/{id}');
    expect(await routeOf('/a/7/8')).toBe('GET /a/{rest+}');
    expect(await routeOf('/b')).toBe('ANY /{rest+}');
    expect(await routeOf('/')).toBe('$default');
  });

  it('answers 404 where no route is', async () => {
    await route('GET /ping');
    for (const path of ['/', '/pin', '/ping/more', '/Ping', '/ping/']) {
      expect(await routeOf(path)).toBe(404);
    }
    expect(await routeOf('/ping', 'POST')).toBe(404);
    expect(await (await fetch(`${api.url}/x`)).json()).toEqual({ message: 'Not Found' });
  });

  it('makes an event with decoded parameters, a decoded path and stage variables', async () => {
    const { ApiId } = api;
    await route('POST /files/{folder}/{name}');
    await g.client.updateStage({ ApiId, StageName: '$default', StageVariables: { cors: 'x' } });
    const reply = await fetch(`${api.url}/files/a%20b/gr%C3%BCn%2Fx?q=%C3%BC`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'grüße',
    });
    expect(await reply.json()).toMatchObject({
      version: '2.0',
      routeKey: 'POST /files/{folder}/{name}',
      rawPath: '/files/a b/grün/x',
      rawQueryString: 'q=%C3%BC',
      pathParameters: { folder: 'a b', name: 'grün/x' },
      stageVariables: { cors: 'x' },
      body: 'grüße',
      isBase64Encoded: false,
      requestContext: { apiId: ApiId, http: { method: 'POST' } },
    });
  });
});

describe('failures', () => {
  it('are 500 for a function that throws, answers wrongly, or may not be invoked', async () => {
    await route('$default');
    for (const path of ['/throw', '/object']) {
      const reply = await fetch(api.url + path);
      expect(reply.status).toBe(500);
      expect(await reply.json()).toEqual({ message: 'Internal Server Error' });
    }
    await g.aws.client.removePermission({ FunctionName: 'orders', StatementId: api.ApiId });
    expect((await fetch(api.url)).status).toBe(500);
  });

  it('are 503 for a function that takes longer than the integration waits', async () => {
    const slow = await makeApi(g, 1000);
    await g.client.createRoute({ ApiId: slow.ApiId, RouteKey: '$default', Target: slow.Target });
    const reply = fetch(`${slow.url}/hold`);
    const status = reply.then((one) => one.status);
    for (;;) {
      const done = await Promise.race([status, new Promise((resolve) => setTimeout(resolve, 20))]);
      if (done !== undefined) break;
      await g.aws.clock.advance(500);
    }
    expect(await status).toBe(503);
  });

  it('are 413 for a body of more than 10 MB', async () => {
    await route('$default');
    const status = await new Promise((resolve, reject) => {
      const sent = request(api.url, { method: 'POST' }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      });
      sent.on('error', reject);
      sent.end(Buffer.alloc(10_500_000));
    });
    expect(status).toBe(413);
  });
});

describe('throttling', () => {
  it('is by route, on simulated time', async () => {
    const { ApiId } = api;
    await route('GET /a', 'GET /b');
    const limits = { ThrottlingBurstLimit: 2, ThrottlingRateLimit: 1 };
    const stage = { ApiId, StageName: '$default', RouteSettings: { 'GET /a': limits } };
    await g.client.updateStage(stage);
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await fetch(`${api.url}/a`)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    expect((await fetch(`${api.url}/b`)).status).toBe(200);
    const reply = await fetch(`${api.url}/a`);
    expect(await reply.json()).toEqual({ message: 'Too Many Requests' });
    await g.aws.clock.advance(1000);
    expect((await fetch(`${api.url}/a`)).status).toBe(200);
    expect((await fetch(`${api.url}/a`)).status).toBe(429);
  });
});

describe('CORS', () => {
  it('is answered by the gateway, and the function’s own headers are dropped', async () => {
    const { ApiId } = api;
    await route('POST /a', 'GET /a');
    const CorsConfiguration = {
      AllowOrigins: ['https://shop.example'],
      AllowMethods: ['POST'],
      AllowHeaders: ['x-own'],
      AllowCredentials: true,
      MaxAge: 60,
    };
    await g.client.updateApi({ ApiId, CorsConfiguration });
    const origin = 'https://shop.example';
    const headers = { origin, 'access-control-request-method': 'POST' };
    const early = await fetch(`${api.url}/a`, { method: 'OPTIONS', headers });
    expect(early.status).toBe(204);
    expect(early.headers.get('access-control-allow-origin')).toBe(origin);
    expect(early.headers.get('access-control-allow-headers')).toBe('x-own');
    const reply = await fetch(`${api.url}/a`, { headers: { origin } });
    expect(reply.headers.get('access-control-allow-origin')).toBe(origin);
    const other = await fetch(`${api.url}/a`, { headers: { origin: 'https://evil.example' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    await g.client.deleteCorsConfiguration({ ApiId });
    const own = await fetch(`${api.url}/a`, { headers: { origin } });
    expect(own.headers.get('access-control-allow-origin')).toBe('handler');
  });
});

describe('JWT authorizer', () => {
  let issuer: Issuer;
  beforeEach(async () => {
    issuer = await startIssuer(() => g.aws.clock.now());
    const { ApiId, Target } = api;
    const { AuthorizerId } = await g.client.createAuthorizer({
      ApiId,
      AuthorizerType: 'JWT',
      Name: 'jwt',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: issuer.url, Audience: ['orders-api'] },
    });
    const jwt = { ApiId, Target, AuthorizationType: 'JWT', AuthorizerId } as const;
    await g.client.createRoute({ ...jwt, RouteKey: 'GET /open' });
    const AuthorizationScopes = ['orders:read', 'orders:all'];
    await g.client.createRoute({ ...jwt, RouteKey: 'GET /scoped', AuthorizationScopes });
  });
  afterEach(() => issuer.stop());

  async function call(path: string, token: string | undefined): Promise<Response> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return fetch(api.url + path, { headers });
  }

  it('lets a valid token through, with its claims as texts', async () => {
    const token = await issuer.token({ sub: 'user-7', roles: ['a', 'b'], admin: true });
    const reply = await call('/open', token);
    expect(reply.status).toBe(200);
    const now = Math.floor(g.aws.clock.now() / 1000);
    expect(await reply.json()).toMatchObject({
      requestContext: {
        authorizer: {
          jwt: {
            claims: {
              sub: 'user-7',
              roles: '[a b]',
              admin: 'true',
              exp: String(now + 600),
              iss: issuer.url,
              aud: 'orders-api',
            },
            scopes: null,
          },
        },
      },
    });
    const client = await issuer.token({ aud: undefined, client_id: 'orders-api' });
    expect((await call('/open', client)).status).toBe(200);
  });

  it('answers 401 without a token that holds', async () => {
    const now = Math.floor(g.aws.clock.now() / 1000);
    const wrong = [
      undefined,
      '',
      'a.b.c',
      await issuer.token({}, { own: false }),
      await issuer.token({ exp: now - 1 }),
      await issuer.token({ nbf: now + 60 }),
      await issuer.token({ aud: 'another' }),
      await issuer.token({ iss: 'https://another.example' }),
    ];
    for (const token of wrong) {
      const reply = await call('/open', token);
      expect(reply.status).toBe(401);
      expect(await reply.json()).toEqual({ message: 'Unauthorized' });
      expect(reply.headers.get('www-authenticate')).toContain('Bearer');
    }
  });

  it('goes by simulated time', async () => {
    const token = await issuer.token({});
    await g.aws.clock.advance(599_000);
    expect((await call('/open', token)).status).toBe(200);
    await g.aws.clock.advance(2000);
    expect((await call('/open', token)).status).toBe(401);
  });

  it('wants any one of the scopes', async () => {
    const without = await call('/scoped', await issuer.token({ scope: 'other' }));
    expect([without.status, await without.json()]).toEqual([403, { message: 'Forbidden' }]);
    const reply = await call('/scoped', await issuer.token({ scope: 'other orders:all' }));
    expect(reply.status).toBe(200);
  });
});
