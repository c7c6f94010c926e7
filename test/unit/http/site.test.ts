import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { bindHandler } from 'polyfaas/function';
import {
  createSite,
  OverdueError,
  type SiteParts,
  type SiteReply,
  type SiteRoute,
} from 'polyfaas/http';
import { afterEach, describe, expect, it } from 'vitest';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function front(
  routes: readonly SiteRoute[],
  handle: (request: Request) => Response | Promise<Response> = () => new Response('ok'),
  change: Partial<SiteParts> = {},
): (sent: Sent) => Promise<SiteReply & { readonly text: string }> {
  const handler = bindHandler({ default: { http: handle } });
  const runtime = handler.start(
    {
      app: 'shop',
      stage: 'dev',
      functionName: 'main',
      version: '1',
      memoryMb: 128,
      timeoutSeconds: 5,
      provider: 'toy',
      region: 'here',
    },
    { write: () => {} },
  );
  const site = createSite({
    routes,
    maxBodyBytes: 1_000,
    timeoutMs: 5_000,
    call: (request, http, { requestId, trace, signal }) =>
      runtime.call(
        { kind: 'http', event: request, http },
        { requestId, attempt: 1, deadline: Date.now() + 5_000, trace },
        signal,
      ),
    report: () => {},
    ...change,
  });
  return async ({ method = 'GET', path = '/', headers = {}, body }) => {
    const reply = await site.serve({
      method,
      url: `https://shop.example${path}`,
      headers: Object.entries(headers).flat(),
      body: body === undefined ? null : Buffer.from(body),
      requestId: 'r1',
    });
    return { ...reply, text: Buffer.from(reply.body ?? []).toString() };
  };
}

function route(id: string, event: Partial<SiteRoute['event']> = {}): SiteRoute {
  return { id, event: { methods: ['ANY'], path: '/{path+}', ...event } };
}

function header(reply: SiteReply, name: string): string | undefined {
  const index = reply.headers.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === name);
  return index < 0 ? undefined : reply.headers[index + 1];
}

describe('the front of a function', () => {
  it('takes the most exact route, with decoded parameters and the path as it was sent', async () => {
    const seen: string[] = [];
    const send = front(
      [route('one', { path: '/orders/{id}' }), route('two', { path: '/orders/new' })],
      (request) => {
        seen.push(new URL(request.url).pathname);
        return new Response(null);
      },
    );
    expect((await send({ path: '/orders/a%2Fb' })).status).toBe(200);
    expect((await send({ path: '/orders/new' })).status).toBe(200);
    expect(seen).toEqual(['/orders/a%2Fb', '/orders/new']);
  });

  it.each([
    ['/Orders', 404],
    ['/orders/', 404],
    ['/orders/%ZZ', 400],
  ])('answers %s with %d', async (path, status) => {
    const send = front([route('one', { path: '/orders' })]);
    const reply = await send({ path });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toMatchObject({ requestId: 'r1' });
  });

  it('tells which methods a path takes, and serves HEAD by GET without a body', async () => {
    const send = front([route('one', { path: '/a', methods: ['GET', 'POST'] })]);
    const refused = await send({ method: 'DELETE', path: '/a' });
    expect([refused.status, header(refused, 'allow')]).toEqual([405, 'GET, HEAD, POST']);
    const head = await send({ method: 'HEAD', path: '/a' });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('keeps cross-origin headers on failures, and takes them from no handler', async () => {
    const cors = {
      origins: ['https://a.example'],
      methods: ['GET'] as const,
      headers: ['x-own'],
      exposeHeaders: [],
      credentials: false,
      maxAgeSeconds: 5,
    };
    const send = front([route('one', { path: '/a', methods: ['GET'], cors })], () => {
      throw new Error('a detail that callers must not see');
    });
    const headers = { origin: 'https://a.example' };
    const failed = await send({ path: '/a', headers });
    expect(failed.status).toBe(500);
    expect(header(failed, 'access-control-allow-origin')).toBe('https://a.example');
    expect(failed.text).not.toContain('detail');
    const preflight = await send({
      method: 'OPTIONS',
      path: '/a',
      headers: { ...headers, 'access-control-request-method': 'GET' },
    });
    expect([preflight.status, header(preflight, 'access-control-max-age')]).toEqual([204, '5']);
    const stranger = await send({
      method: 'OPTIONS',
      path: '/a',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    expect(header(stranger, 'access-control-allow-origin')).toBeUndefined();
  });

  it('refuses bodies over the limit of the route, and headers that cannot be sent', async () => {
    let ran = 0;
    const send = front([route('one', { maxBodyBytes: 3 })], () => {
      ran += 1;
      return new Response('x');
    });
    expect((await send({ method: 'POST', body: 'four' })).status).toBe(413);
    expect(ran).toBe(0);
    expect((await send({ method: 'POST', body: 'abc' })).status).toBe(200);
  });

  it('answers in time, and tells the handler that nobody waits any more', async () => {
    let aborted = false;
    const send = front(
      [route('one')],
      (request) =>
        new Promise(() => {
          request.signal.addEventListener('abort', () => (aborted = true));
        }),
      { timeoutMs: 20 },
    );
    expect((await send({})).status).toBe(504);
    expect(aborted).toBe(true);
  });

  it('answers 504 for a handler that its own runtime ended in time', async () => {
    const late = (): Promise<never> => Promise.reject(new OverdueError('too long'));
    const send = front([route('one')], undefined, { call: late });
    expect((await send({})).status).toBe(504);
  });

  it('lets no header of the library’s own through', async () => {
    let seen: string | null = '';
    const send = front([route('one')], (request) => {
      seen = request.headers.get('x-polyfaas-warm');
      return new Response(null);
    });
    await send({ headers: { 'x-polyfaas-warm': '1' } });
    expect(seen).toBeNull();
  });
});

describe('tokens', () => {
  async function issuer(): Promise<{
    readonly jwksUri: string;
    token(claims?: Record<string, unknown>, audience?: string): Promise<string>;
    stop(): void;
  }> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' };
    const server = createServer((_request, response) => {
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return {
      jwksUri: `http://127.0.0.1:${port}/`,
      token: (claims = {}, audience = 'api') =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', kid: 'k' })
          .setIssuer('https://issuer.example')
          .setAudience(audience)
          .setExpirationTime('1h')
          .sign(privateKey),
      stop: () => server.close(),
    };
  }

  it('are verified by the issuer’s keys, for their audience and scopes', async () => {
    const { jwksUri, token } = await issuer();
    const jwt = { issuer: 'https://issuer.example', audience: ['api'], jwksUri, scopes: ['read'] };
    const send = front([route('one', { jwt })]);
    const bearer = async (claims: Record<string, unknown>, audience?: string): Promise<number> => {
      const authorization = `Bearer ${await token(claims, audience)}`;
      return (await send({ headers: { authorization } })).status;
    };
    expect(await bearer({ scope: 'read write' })).toBe(200);
    expect(await bearer({ scope: 'write' })).toBe(403);
    expect(await bearer({ scope: 'read' }, 'other')).toBe(401);
    expect((await send({})).status).toBe(401);
    expect((await send({ headers: { authorization: 'Bearer a.b.c' } })).status).toBe(401);
  });

  it('are answered with 503 while the keys cannot be had', async () => {
    const { jwksUri, token, stop } = await issuer();
    stop();
    const jwt = { issuer: 'https://issuer.example', audience: ['api'], jwksUri };
    const send = front([route('one', { jwt })]);
    const reply = await send({ headers: { authorization: `Bearer ${await token()}` } });
    expect(reply.status).toBe(503);
  });
});

it('a body that never ends is let go when its answer is overdue', async () => {
  let isCancelled = false;
  let chunks = 0;
  const endless = (): Response =>
    new Response(
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          chunks += 1;
          controller.enqueue(new TextEncoder().encode('data: x'));
        },
        cancel() {
          isCancelled = true;
        },
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    );
  const send = front([route('all')], endless, { timeoutMs: 60 });
  expect((await send({})).status).toBe(504);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isCancelled).toBe(true);
  expect(chunks).toBeGreaterThan(0);
});
