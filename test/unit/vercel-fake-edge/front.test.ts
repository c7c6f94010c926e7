import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mapOf, textOf } from '../../fakes/vercel/core/json.ts';
import {
  createSmallWorld,
  jsonOf,
  request,
  tells,
  handler,
  type SmallWorld,
} from './small-world.ts';

const TRIGGER = {
  topic: 'orders',
  consumer: 'c',
  maxDeliveries: null,
  retryAfterSeconds: 60,
  initialDelaySeconds: 0,
  maxConcurrency: null,
};
const ID = /^fra1::iad1::[a-z0-9]{5}-\d+-[0-9a-f]{12}$/;

describe('the edge', () => {
  let small: SmallWorld;
  beforeEach(() => {
    small = createSmallWorld();
  });
  afterEach(() => small.stop());

  it('knows no deployment at an address that leads to none', async () => {
    const deployment = small.deploy({ index: { code: tells('1') } });
    const url = await small.address(deployment);
    expect(await (await fetch(url)).text()).toBe('1');
    small.delete(deployment);
    const answer = await fetch(url);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-vercel-error')).toBe('DEPLOYMENT_NOT_FOUND');
    expect(answer.headers.get('x-vercel-id')).toMatch(/^fra1::[a-z0-9]{5}-\d+-[0-9a-f]{12}$/);
    expect(await answer.text()).toMatch(/DEPLOYMENT_NOT_FOUND/);
  });

  it('says what it is that matched no path', async () => {
    const url = await small.address(small.deploy({ 'api/a': { code: tells('1') } }));
    const answer = await fetch(`${url}/nowhere`);
    expect([answer.status, answer.headers.get('x-vercel-error')]).toEqual([404, 'NOT_FOUND']);
    expect(small.invocations).toEqual([]);
  });

  it('tells the function where the request came from, and gives it the address as it was', async () => {
    const deployment = small.deploy(
      { 'polyfaas/main': { code: tells('[request.url, request.headers]') } },
      { routes: [{ src: '/.*', dest: '/polyfaas/main' }] },
    );
    const url = await small.address(deployment);
    const answer = await fetch(`${url}/a%20b?c=%2F`, {
      headers: {
        'x-vercel-id': 'forged',
        'x-vercel-oidc-token': 'forged',
        'x-forwarded-for': '10.0.0.1',
        'x-matched-path': '/elsewhere',
        'x-own': 'kept',
      },
    });
    const told: unknown = await answer.json();
    const [path, headers]: readonly unknown[] = Array.isArray(told) ? told : [];
    const sent = (name: string): string => textOf(mapOf(headers)[name]);
    expect(path).toBe('/a%20b?c=%2F');
    const host = url.replace('http://', '');
    expect(headers).toMatchObject({
      host,
      'x-forwarded-host': host,
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '203.0.113.7',
      'x-matched-path': '/polyfaas/main',
      'x-vercel-deployment-url': 'orders-1.vercel.app',
      'x-own': 'kept',
    });
    const id = sent('x-vercel-id');
    expect(id).toMatch(ID);
    expect(id).toContain(`-${small.clock.now()}-`);
    expect(answer.headers.get('x-vercel-id')).toBe(id);
    expect(small.edge.ownerOfToken(sent('x-vercel-oidc-token'))).toEqual({
      projectId: 'prj_orders',
      deploymentId: 'dpl_1',
    });
  });

  it('takes its own tokens only, for an hour', async () => {
    const deployment = small.deploy({
      index: { code: tells("request.headers['x-vercel-oidc-token']") },
    });
    const token = jsonOf(await small.edge.call(deployment, request()));
    if (typeof token !== 'string') throw new Error('No token');
    expect(small.edge.ownerOfToken(token)).toBeDefined();
    expect(small.edge.ownerOfToken(`${token.slice(0, -6)}AAAAAA`)).toBeUndefined();
    expect(small.edge.ownerOfToken('')).toBeUndefined();
    await small.clock.advance(3_600_000);
    expect(small.edge.ownerOfToken(token)).toBeUndefined();
  });

  it.each([
    ['paused', 503, 'DEPLOYMENT_PAUSED'],
    ['disabled', 402, 'DEPLOYMENT_DISABLED'],
    ['firewall', 403, null],
  ] as const)('answers in place of a project that is closed: %s', async (gate, status, code) => {
    const own = await small.address(small.deploy({ index: { code: tells('1') } }));
    small.gate = gate;
    const answer = await fetch(own);
    small.gate = 'open';
    expect([answer.status, answer.headers.get('x-vercel-error')]).toEqual([status, code]);
    expect((await fetch(own)).status).toBe(200);
  });

  it('protects addresses of deployments, and lets the bypass through', async () => {
    small.protection = 'all_but_production';
    small.bypassSecrets.push('open-sesame');
    const deployment = small.deploy({
      index: { code: tells('process.env.VERCEL_AUTOMATION_BYPASS_SECRET') },
    });
    const own = await small.address(deployment);
    const alias = await small.address(deployment, true);
    const refused = await fetch(own);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('content-type')).toMatch(/text\/html/);
    expect(refused.headers.getSetCookie()[0]).toMatch(/^_vercel_sso_nonce=/);
    const status = async (url: string, secret: string): Promise<number> =>
      (await fetch(url, { headers: { 'x-vercel-protection-bypass': secret } })).status;
    expect(await status(own, 'wrong')).toBe(401);
    expect(await status(own, 'open-sesame')).toBe(200);
    expect((await fetch(`${own}/?x-vercel-protection-bypass=open-sesame`)).status).toBe(200);
    expect(await (await fetch(alias)).json()).toBe('open-sesame');
    small.protection = 'all';
    expect((await fetch(alias)).status).toBe(401);
    // Crons and queues come from inside.
    expect((await small.edge.call(deployment, request())).status).toBe(200);
  });

  it('keeps functions of queues private, and delivers to them', async () => {
    const deployment = small.deploy({
      'polyfaas/events/q': { code: tells('[request.url, request.headers]'), triggers: [TRIGGER] },
    });
    const url = await small.address(deployment);
    expect((await fetch(`${url}/polyfaas/events/q`)).status).toBe(404);
    const reply = await small.edge.deliver(
      deployment,
      'polyfaas/events/q',
      request('/', { method: 'POST', headers: ['ce-type', 'com.vercel.queue.v2beta'] }),
    );
    expect(jsonOf(reply)).toMatchObject([
      '/',
      {
        'ce-type': 'com.vercel.queue.v2beta',
        'x-matched-path': '/polyfaas/events/q',
        host: 'orders-1.vercel.app',
      },
    ]);
    expect(small.edge.busy()).toBe(false);
    await expect(small.edge.deliver(deployment, 'none', request())).rejects.toThrow(
      /no function none/,
    );
  });

  it('takes bodies of 4.5 MB at most, both ways', async () => {
    const code = handler(
      "  for await (const _ of request);\n  response.end(Buffer.alloc(Number(request.headers['x-size'] ?? 1)));",
    );
    const url = await small.address(small.deploy({ index: { code } }));
    const send = async (
      bytes: number,
      headers: Record<string, string> = {},
    ): Promise<unknown[]> => {
      const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(bytes), headers });
      await answer.arrayBuffer();
      return [answer.status, answer.headers.get('x-vercel-error')];
    };
    expect(await send(4_500_000)).toEqual([200, null]);
    expect(await send(4_500_001)).toEqual([413, 'FUNCTION_PAYLOAD_TOO_LARGE']);
    expect(await send(1, { 'x-size': '4500000' })).toEqual([200, null]);
    expect(await send(1, { 'x-size': '4500001' })).toEqual([
      500,
      'FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE',
    ]);
  });

  it('hands on binary and compressed bodies, repeated headers and cookies, and HEAD', async () => {
    const code = `import { gzipSync } from 'node:zlib';\n${handler(`
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.setHeader('Set-Cookie', ['a=1', 'b=2']);
  response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('X-Seen', request.rawHeaders.filter((each) => each.startsWith('v-')).join());
  response.end(gzipSync(Buffer.concat(chunks)));`)}`;
    const url = await small.address(small.deploy({ index: { code } }));
    const body = Buffer.from([0, 1, 2, 253, 254, 255]);
    const answer = await new Promise<{ cookies: unknown; seen: unknown; body: Buffer }>(
      (resolve, reject) => {
        const outgoing = httpRequest(url, { method: 'POST', headers: { 'x-two': ['v-1', 'v-2'] } });
        outgoing.on('error', reject);
        outgoing.on('response', (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () =>
            resolve({
              cookies: incoming.headers['set-cookie'],
              seen: incoming.headers['x-seen'],
              body: Buffer.concat(chunks),
            }),
          );
        });
        outgoing.end(body);
      },
    );
    expect(answer).toEqual({ cookies: ['a=1', 'b=2'], seen: 'v-1,v-2', body: gzipSync(body) });
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await head.text()).toBe('');
  });

  it('adds the headers of routes to answers, and answers by their status', async () => {
    const deployment = small.deploy(
      { index: { code: handler("  response.setHeader('X-A', 'own').end('x');") } },
      {
        routes: [
          { src: '/', headers: { 'x-a': 'route' }, continue: true },
          { src: '/gone', status: 410 },
          { src: '/old', status: 308, headers: { Location: '/' } },
          { src: '/hidden', status: 404 },
        ],
      },
    );
    const url = await small.address(deployment);
    expect((await fetch(url)).headers.get('x-a')).toBe('route');
    expect((await fetch(`${url}/gone`)).status).toBe(410);
    const moved = await fetch(`${url}/old`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([308, '/']);
    expect((await fetch(`${url}/hidden`)).headers.get('x-vercel-error')).toBe('NOT_FOUND');
  });

  it('counts signed direct calls as the deployer’s, and never as writes', async () => {
    const deployment = small.deploy(
      { main: { code: tells('calls') } },
      { routes: [{ src: '/.*', dest: '/main' }] },
    );
    const url = await small.address(deployment);
    await fetch(`${url}/polyfaas/invoke?mode=async`, {
      method: 'POST',
      headers: { 'x-polyfaas-key': 'k1' },
    });
    await fetch(`${url}/polyfaas/invoke`, { method: 'POST' });
    await fetch(`${url}/users`, { method: 'POST', headers: { 'x-polyfaas-key': 'k1' } });
    expect(small.counted).toEqual([{ url: '/polyfaas/invoke?mode=async', isWrite: false }]);
    expect(small.invocations.map(({ startType }) => startType)).toEqual(['cold', 'hot', 'hot']);
  });

  it('closes addresses', async () => {
    const url = await small.address(small.deploy({ index: { code: tells('1') } }));
    await small.edge.closeHost(url.replace('http://', ''));
    const gone = await fetch(url);
    expect(gone.status).toBe(404);
    expect(gone.headers.get('x-vercel-error')).toBe('DEPLOYMENT_NOT_FOUND');
  });
});
