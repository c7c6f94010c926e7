import { describe, expect, it } from 'vitest';
import { ServerlessError, type FunctionRef } from '../../../src/spi/index.ts';
import type { LocalHttpRequest } from '../../../providers/local/ports.ts';
import {
  openGateway,
  ORDERS,
  rejection,
  reply,
  route,
  send,
  sendRaw,
  sendToOrders,
} from './support.ts';

/** Answers with what it was asked. */
const echo = async (
  ref: FunctionRef,
  request: LocalHttpRequest,
): Promise<ReturnType<typeof reply>> =>
  reply(
    JSON.stringify({
      name: ref.name,
      method: request.method,
      url: request.url,
      http: request.http,
    }),
  );

describe('the gateway finds functions', () => {
  it('by path prefix, which the handler does not see', async () => {
    const open = await openGateway([route('/{path+}')], echo);
    expect(open.url).toBe(`http://127.0.0.1:${open.port}/~shop/dev/orders`);
    const answered = await send(open.port, '/~shop/dev/orders/a/7?x=1&x=2');
    expect(JSON.parse(answered.text)).toEqual({
      name: 'orders',
      method: 'GET',
      url: `http://127.0.0.1:${open.port}/a/7?x=1&x=2`,
      http: { route: '/{path+}', params: { path: 'a/7' }, clientAddress: '127.0.0.1' },
    });
    expect(JSON.parse((await send(open.port, '/~shop/dev/orders')).text).url).toBe(
      `http://127.0.0.1:${open.port}/`,
    );
  });

  it('by host name, underscores and capitals included', async () => {
    const open = await openGateway([route('/a')], echo);
    const mail: FunctionRef = { app: 'shop', stage: 'dev', name: 'sendMail_v2' };
    const ask = async (host: string, target: string): Promise<number> =>
      (await send(open.port, target, { headers: { host } })).status;
    expect(await ask('sendmail_v2.dev.shop.localhost', '/a')).toBe(404);
    await open.gateway.setRoutes(mail, [route('/a', {}, mail)]);
    expect(await ask('orders.dev.shop.localhost:1', '/a')).toBe(200);
    expect(await ask('sendmail_v2.dev.shop.localhost', '/a')).toBe(200);
    expect(await ask('orders.dev.shop.localhost', '/~shop/dev/orders/a')).toBe(404);
    expect(await ask('nobody.dev.shop.localhost', '/a')).toBe(404);
  });

  it('and refuses hosts that are not its own', async () => {
    const open = await openGateway([route('/a')], echo, {
      options: { allowedHosts: ['dev.example.test'] },
    });
    const ask = async (host: string): Promise<number> =>
      (await send(open.port, '/~shop/dev/orders/a', { headers: { host } })).status;
    expect(await ask('evil.test')).toBe(421);
    expect(await ask('localhost.evil.test')).toBe(421);
    expect(await ask('10.0.0.1')).toBe(421);
    expect(await ask('not a host')).toBe(400);
    expect(await ask('DEV.example.test:99')).toBe(200);
    expect(await ask('localhost')).toBe(200);
    expect(
      (
        await send(open.port, '/~shop/dev/orders/a', {
          headers: ['host', 'localhost', 'host', 'evil.test'],
        })
      ).status,
    ).toBe(400);
  });

  it('by the authority of a target in absolute form, whatever the Host header says', async () => {
    const open = await openGateway([route('/a')], async (_, { url, headers }) =>
      reply(JSON.stringify({ url, headers })),
    );
    const ask = (target: string, host: string): Promise<string> =>
      sendRaw(open.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const foreign = await ask('http://evil.test/~shop/dev/orders/a', 'localhost');
    expect(foreign).toMatch(/^HTTP\/1\.1 421 /);
    const own = await ask('http://LocalHost:3000/~shop/dev/orders/a', 'evil.test');
    expect(own).toMatch(/^HTTP\/1\.1 200 /);
    expect(own).toContain('{"url":"http://localhost:3000/a","headers":["Host","localhost:3000"]}');
    const byName = await ask('http://orders.dev.shop.localhost/a?b', '127.0.0.1');
    expect(byName).toContain(
      '{"url":"http://orders.dev.shop.localhost/a?b","headers":["Host","orders.dev.shop.localhost"]}',
    );
    expect(await ask('http://me:secret@localhost/~shop/dev/orders/a', 'localhost')).toContain(
      '{"url":"http://localhost/a",',
    );
    expect(await ask('http://[bad/a', 'localhost')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await ask('http://[bad/a', 'evil.test')).toMatch(/^HTTP\/1\.1 4/);
    // It must be there all the same.
    const without = await sendRaw(
      open.port,
      'GET http://localhost/~shop/dev/orders/a HTTP/1.1\r\nConnection: close\r\n\r\n',
    );
    expect(without).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('and answers what it cannot route', async () => {
    const open = await openGateway([route('/a', { methods: ['GET', 'PUT'] })], echo);
    const missing = await sendToOrders(open, '/b');
    expect(missing.status).toBe(404);
    expect(JSON.parse(missing.text)).toEqual({
      error: 'No route matches the path.',
      requestId: missing.headers['x-request-id'],
    });
    const wrong = await sendToOrders(open, '/a', { method: 'POST', body: 'x' });
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, PUT']);
    expect((await sendToOrders(open, '/%')).status).toBe(400);
    expect((await send(open.port, '/')).status).toBe(404);
    expect((await send(open.port, '/~shop/dev/nobody/a')).status).toBe(404);
    expect((await send(open.port, '*', { method: 'OPTIONS' })).status).toBe(400);
  });

  it('and shows the handler the path that it matched, dot segments resolved', async () => {
    const open = await openGateway(
      [route('/public/{path+}'), route('/admin', { methods: ['POST'] })],
      echo,
    );
    expect((await sendToOrders(open, '/public/../admin')).status).toBe(405);
    expect((await sendToOrders(open, '/public/%2e%2E/admin')).status).toBe(405);
    const inside = await sendToOrders(open, '/public/a/./../b');
    expect(JSON.parse(inside.text).url).toBe(`http://127.0.0.1:${open.port}/public/b`);
  });

  it('answers HEAD by the GET route, without a body', async () => {
    const open = await openGateway([route('/a', { methods: ['GET'] })], echo);
    const answered = await sendToOrders(open, '/a', { method: 'HEAD' });
    expect(answered.status).toBe(200);
    expect(answered.text).toBe('');
    expect(Number(answered.headers['content-length'])).toBeGreaterThan(0);
  });
});

describe('the gateway listens', () => {
  it('from the first route to the last, and then on the same port again', async () => {
    const open = await openGateway([route('/a')], echo);
    await open.gateway.setRoutes(ORDERS, []);
    expect(open.gateway.url(ORDERS)).toBeUndefined();
    await expect(send(open.port, '/~shop/dev/orders/a')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await open.gateway.setRoutes(ORDERS, [route('/b')]);
    expect(open.gateway.url(ORDERS)).toBe(open.url);
    expect((await sendToOrders(open, '/a')).status).toBe(404);
    expect((await sendToOrders(open, '/b')).status).toBe(200);
  });

  it('does not listen for routes that are disabled', async () => {
    const open = await openGateway([route('/a', { enabled: false })], echo);
    expect(open.url).toBe('');
  });

  it('says what to do about a port in use', async () => {
    const first = await openGateway([route('/a')], echo);
    const error = await rejection(
      openGateway([route('/a')], echo, { options: { port: first.port } }),
    );
    expect(ServerlessError.isInstance(error) && error.code).toBe('CONFLICT');
    expect(String(error)).toContain(`Port ${first.port} on 127.0.0.1 is in use`);
    expect(String(error)).toContain('providerOptions.local.port');
  });

  it('keeps the old routes when new ones are wrong', async () => {
    const open = await openGateway([route('/a')], echo);
    const error = await rejection(open.gateway.setRoutes(ORDERS, [route('/{x+}/b')]));
    expect(ServerlessError.isInstance(error) && error.code).toBe('INVALID_ARGUMENT');
    expect((await sendToOrders(open, '/a')).status).toBe(200);
  });

  it('warns when other machines can reach it', async () => {
    const open = await openGateway([route('/a')], echo, { options: { host: '0.0.0.0' } });
    expect(open.warnings.map((warning) => warning.fields)).toEqual([{ host: '0.0.0.0' }]);
    expect(open.url).toContain('http://127.0.0.1:');
  });
});
