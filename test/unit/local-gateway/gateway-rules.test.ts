import { describe, expect, it } from 'vitest';
import type { NormalHttpEvent } from '../../../src/spi/index.ts';
import { openGateway, ORDERS, reply, route, sendToOrders } from './support.ts';

const CORS: NonNullable<NormalHttpEvent['cors']> = {
  origins: ['https://shop.test'],
  methods: ['GET', 'PUT'],
  headers: ['content-type'],
  exposeHeaders: ['x-total'],
  credentials: true,
  maxAgeSeconds: 60,
};

const own = async (): Promise<ReturnType<typeof reply>> =>
  reply('ok', { headers: ['Access-Control-Allow-Origin', 'https://evil.test', 'Vary', 'Accept'] });

const preflight = (origin: string, method: string, headers?: string): Record<string, string> => ({
  origin,
  'access-control-request-method': method,
  ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
});

describe('CORS', () => {
  const routes = [
    route('/a', { methods: ['GET', 'PUT'], cors: CORS }),
    route('/plain', { methods: ['GET'] }),
  ];

  it('answers a preflight itself', async () => {
    let calls = 0;
    const open = await openGateway(routes, async () => reply(String((calls += 1))));
    const answered = await sendToOrders(open, '/a', {
      method: 'OPTIONS',
      headers: preflight('https://shop.test', 'PUT', 'content-type'),
    });
    expect(answered.status).toBe(204);
    expect(answered.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.test',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '60',
    });
    expect(answered.headers.vary).toContain('Origin');
    expect(calls).toBe(0);
  });

  it.each([
    ['a foreign origin', preflight('https://evil.test', 'PUT')],
    ['a header that is not allowed', preflight('https://shop.test', 'PUT', 'x-other')],
  ])('gives no permission to %s', async (_, headers) => {
    const open = await openGateway(routes, own);
    const answered = await sendToOrders(open, '/a', { method: 'OPTIONS', headers });
    expect(answered.status).toBe(204);
    expect(answered.headers['access-control-allow-origin']).toBeUndefined();
    expect(answered.headers['access-control-allow-methods']).toBeUndefined();
  });

  it('leaves OPTIONS to the routes where none has CORS', async () => {
    const open = await openGateway(routes, own);
    const headers = preflight('https://shop.test', 'GET');
    expect((await sendToOrders(open, '/plain', { method: 'OPTIONS', headers })).status).toBe(405);
    expect((await sendToOrders(open, '/a', { method: 'OPTIONS' })).status).toBe(405);
  });

  it('puts its own headers in place of the handler’s', async () => {
    const open = await openGateway(routes, own);
    const allowed = await sendToOrders(open, '/a', { headers: { origin: 'https://shop.test' } });
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.test',
      'access-control-expose-headers': 'x-total',
      vary: 'Accept, Origin',
    });
    const foreign = await sendToOrders(open, '/a', { headers: { origin: 'https://evil.test' } });
    expect([foreign.status, foreign.headers['access-control-allow-origin']]).toEqual([
      200,
      undefined,
    ]);
    const plain = await sendToOrders(open, '/plain');
    expect(plain.headers['access-control-allow-origin']).toBe('https://evil.test');
  });

  it('lets the page read refusals', async () => {
    const open = await openGateway(
      [route('/a', { cors: CORS, rateLimit: { requestsPerSecond: 1, burst: 1 } })],
      own,
    );
    const ask = () => sendToOrders(open, '/a', { headers: { origin: 'https://shop.test' } });
    await ask();
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers['access-control-allow-origin']).toBe('https://shop.test');
  });
});

describe('the rate limit', () => {
  const limited = route('/a', { rateLimit: { requestsPerSecond: 0.5, burst: 2 } });

  it('refuses what is too much, and says when to come back', async () => {
    const open = await openGateway([limited], own);
    const ask = () => sendToOrders(open, '/a');
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const refused = await ask();
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '2']);
    await open.clock.advance(2_000);
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429]);
  });

  it('is not reset by a deploy that leaves it as it is', async () => {
    const open = await openGateway([limited], own);
    await sendToOrders(open, '/a');
    await sendToOrders(open, '/a');
    await open.gateway.setRoutes(ORDERS, [limited]);
    expect((await sendToOrders(open, '/a')).status).toBe(429);
  });
});
