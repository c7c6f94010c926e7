/** Requests of those who mean ill, and of clients that behave badly. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGoogle, type Google } from '../gcp-shim/google.ts';
import { policy, start, type Running } from '../gcp-shim/instance.ts';
import { raw, statusIn } from './raw.ts';

let google: Google;
let running: Running;

beforeEach(async () => {
  google = await startGoogle();
});

afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await google[Symbol.asyncDispose]();
});

const route = (path = '/{rest+}') =>
  policy({ type: 'http', methods: ['ANY'], path, enabled: true }, { source: '' });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const errors = () => running.lines.filter(({ severity }) => severity === 'ERROR');

describe('a path', () => {
  it('of ours with broken escapes is not found, and no failure of the function', async () => {
    running = await start(google, { queue: () => {} });
    for (const path of ['/polyfaas/events/%E0%A4%A', '/polyfaas/relay/%', '/polyfaas/%zz']) {
      expect((await fetch(`${running.url}${path}`, { method: 'POST' })).status).toBe(404);
    }
    expect(errors()).toEqual([]);
  });

  it('that only looks like one of ours is anybody’s', async () => {
    google.set({ bindings: [route()] });
    running = await start(google, { http: (request: Request) => new Response(request.url) });
    for (const path of [
      '//polyfaas/invoke',
      '/Polyfaas/invoke',
      '/%70olyfaas/invoke',
      '/polyfaas',
    ]) {
      const heard = await raw(running.url, `POST ${path} HTTP/1.1\r\nhost: a.b\r\n\r\n`);
      expect([path, statusIn(heard)]).toEqual([path, 200]);
    }
  });

  it('in a whole URL is that path', async () => {
    google.set({ bindings: [route('/orders')] });
    running = await start(google, { http: (request: Request) => new Response(request.url) });
    const heard = await raw(
      running.url,
      'GET http://a.b/orders?x=1 HTTP/1.1\r\nhost: a.b\r\nx-forwarded-proto: https\r\n\r\n',
    );
    expect(heard).toContain('https://a.b/orders?x=1');
    const ours = await raw(
      running.url,
      'POST http://a.b/polyfaas/events/b1 HTTP/1.1\r\nhost: a.b\r\ncontent-length: 0\r\n\r\n',
    );
    expect(statusIn(ours)).toBe(401);
  });

  it('is not taken out of a host that is none', async () => {
    google.set({ bindings: [route('/admin/x')] });
    running = await start(google, { http: () => new Response('reached') });
    for (const host of ['a/admin', 'a b', 'a?', 'a:b']) {
      const heard = await raw(running.url, `GET /x HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      expect([host, statusIn(heard)]).toEqual([host, 400]);
    }
    expect(statusIn(await raw(running.url, 'OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n'))).toBe(400);
    expect(errors()).toEqual([]);
  });

  it('of ours takes POST alone, and answers HEAD without a body', async () => {
    running = await start(google, { queue: () => {} });
    const heard = await raw(running.url, 'HEAD /polyfaas/invoke HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(statusIn(heard)).toBe(405);
    expect(heard.endsWith('\r\n\r\n')).toBe(true);
    const options = await fetch(`${running.url}/polyfaas/async`, { method: 'OPTIONS' });
    expect(options.status).toBe(405);
  });
});

describe('a body', () => {
  it('beyond what Cloud Run takes is not kept in memory', async () => {
    google.set({ bindings: [route()] });
    let calls = 0;
    running = await start(google, { http: () => new Response(String(++calls)) });
    const body = Buffer.alloc(33_554_433);
    const reply = await fetch(`${running.url}/x`, { method: 'POST', body });
    expect(reply.status).toBe(413);
    expect(calls).toBe(0);
  });

  it('that breaks off is nobody’s failure', async () => {
    google.set({ bindings: [route()] });
    running = await start(google, { http: () => new Response('x') });
    const cut = 'POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc';
    expect(await raw(running.url, cut, { firstMs: 50 })).toBe('');
    await pause(100);
    expect(errors()).toEqual([]);
    expect((await fetch(`${running.url}/x`)).status).toBe(200);
  });
});

describe('an answer of the handler', () => {
  it('is given once, also when it is 404 and the settings are new', async () => {
    google.set({ bindings: [route()] });
    let calls = 0;
    running = await start(google, {
      http: () => {
        calls += 1;
        return new Response('none', { status: 404 });
      },
    });
    google.set({ keys: 'k2:other-other-other-other' });
    await pause(1_050);
    const reply = await fetch(`${running.url}/things/1`, { method: 'POST' });
    expect([reply.status, await reply.text(), calls]).toEqual([404, 'none', 1]);
    expect(google.reads()).toBe(0);
  });

  it('has no body, and no length of one, where there is none', async () => {
    google.set({ bindings: [route()] });
    running = await start(google, {
      http: (request: Request) =>
        request.url.endsWith('/304')
          ? new Response(null, { status: 304, headers: { etag: '"a"' } })
          : request.url.endsWith('/204')
            ? new Response(null, { status: 204 })
            : new Response('body', { headers: { 'content-length': '4' } }),
    });
    for (const [method, path, status] of [
      ['GET', '/304', 304],
      ['GET', '/204', 204],
      ['HEAD', '/x', 200],
    ] as const) {
      const heard = await raw(running.url, `${method} ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
      expect([statusIn(heard), heard.endsWith('\r\n\r\n')]).toEqual([status, true]);
    }
  });
});
