import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../../function/json.types.ts';
import type { HttpEvent } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { object, text, type ContractContext } from '../context.ts';
import type { HttpReply } from '../http-client.ts';
import type { ServerlessManager } from '../subject.ts';

const http = casesOf('http');

async function routed(
  t: ContractContext,
  ...routes: readonly Omit<HttpEvent, 'type'>[]
): Promise<ServerlessManager> {
  const events = routes.map((route) => ({ type: 'http', ...route }) as const);
  return (await t.deployed({ events })).manager;
}

/** A function that takes all there is, for cases that only send requests. */
async function open(t: ContractContext): Promise<ServerlessManager> {
  return (await t.standing({ events: [{ type: 'http' }] })).manager;
}

function json(reply: HttpReply): JsonObject {
  const value: JsonValue = JSON.parse(reply.text);
  return object(value);
}

/** Requests and responses. */
export const HTTP_CASES: readonly ContractCase[] = [
  http('normal-form', 'A request arrives as it was sent', ['event.http'], async (t) => {
    const manager = await routed(t, { method: 'POST', path: '/orders/{id}' });
    const reply = await t.fetch(manager, '/orders/7?a=1&b=%C3%BC', {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'x-own': 'value' },
      body: 'grüße',
    });
    assert.equal(reply.status, 200);
    const seen = json(reply);
    assert.equal(seen['method'], 'POST');
    assert.equal(seen['path'], '/orders/7');
    assert.deepEqual(seen['query'], [
      ['a', '1'],
      ['b', 'ü'],
    ]);
    assert.equal(Buffer.from(text(seen['body']), 'base64').toString(), 'grüße');
    assert.equal(seen['route'], '/orders/{id}');
    assert.deepEqual(seen['params'], { id: '7' });
    const headers = object(seen['headers']);
    assert.equal(headers['content-type'], 'text/plain');
    assert.equal(headers['x-own'], 'value');
    assert.equal(seen['functionName'], 'main');
    assert.ok(text(seen['requestId']).length > 0);
  }),
  http(
    'default-route',
    'A route without method and path takes everything',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      for (const path of ['/', '/a', '/a/b/c']) {
        const seen = json(await t.fetch(manager, path, { method: 'PATCH' }));
        assert.deepEqual([seen['method'], seen['path']], ['PATCH', path]);
      }
    },
  ),
  http(
    'params-decoded',
    'Path parameters are decoded, the path is not',
    ['event.http'],
    async (t) => {
      const manager = await routed(t, { path: '/files/{folder}/{name}' });
      const seen = json(await t.fetch(manager, '/files/a%20b/gr%C3%BCn%2Fx'));
      assert.deepEqual(seen['params'], { folder: 'a b', name: 'grün/x' });
      assert.equal(seen['path'], '/files/a%20b/gr%C3%BCn%2Fx');
    },
  ),
  http(
    'params-rest',
    'A parameter with a plus takes the rest of the path',
    ['event.http'],
    async (t) => {
      const manager = await routed(t, { path: '/files/{rest+}' });
      const seen = json(await t.fetch(manager, '/files/a/b/c'));
      assert.deepEqual(seen['params'], { rest: 'a/b/c' });
    },
  ),
  http('most-exact', 'The most exact of two routes is taken', ['event.http'], async (t) => {
    const manager = await routed(t, { path: '/orders/{id}' }, { path: '/orders/new' });
    assert.equal(json(await t.fetch(manager, '/orders/new'))['route'], '/orders/new');
    assert.equal(json(await t.fetch(manager, '/orders/7'))['route'], '/orders/{id}');
  }),
  http(
    'not-found',
    'A path without a route is 404, and the function does not run',
    ['event.http'],
    async (t) => {
      const manager = await routed(t, { path: '/ping' });
      for (const path of ['/', '/pin', '/ping/more', '/Ping']) {
        assert.equal((await t.fetch(manager, path)).status, 404, path);
      }
      assert.equal(t.reports('http').length, 0);
    },
  ),
  http(
    'wrong-method',
    'A method without a route is 405 and says which are allowed',
    ['event.http'],
    async (t) => {
      const manager = await routed(t, { method: ['GET', 'POST'], path: '/ping' });
      const reply = await t.fetch(manager, '/ping', { method: 'DELETE' });
      assert.equal(reply.status, 405);
      const allowed = (reply.header('allow') ?? '').split(',').map((method) => method.trim());
      assert.ok(allowed.includes('GET') && allowed.includes('POST'), `allow: ${allowed.join()}`);
      assert.equal(t.reports('http').length, 0);
    },
  ),
  http(
    'query-lists',
    'Repeated query parameters all arrive, in order',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      const seen = json(await t.fetch(manager, '/q?a=1&a=2&b=&a=3&c=x%26y'));
      assert.deepEqual(seen['query'], [
        ['a', '1'],
        ['a', '2'],
        ['b', ''],
        ['a', '3'],
        ['c', 'x&y'],
      ]);
    },
  ),
  http('body-binary', 'Bytes arrive and leave as they are', ['event.http'], async (t) => {
    const manager = await open(t);
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => 255 - index);
    const seen = json(
      await t.fetch(manager, '/upload', {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: bytes,
      }),
    );
    assert.deepEqual([...Buffer.from(text(seen['body']), 'base64')], [...bytes]);
    const reply = await t.fetch(manager, '/binary');
    assert.equal(reply.header('content-type'), 'application/octet-stream');
    assert.deepEqual(
      [...reply.body],
      Array.from({ length: 256 }, (_, index) => index),
    );
  }),
  http(
    'body-chunked',
    'A body whose length is not told ahead arrives whole, or is refused with 411',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      const init = { method: 'POST', body: 'in pieces', isChunked: true };
      const reply = await t.fetch(manager, '/pieces', init);
      if (reply.status === 411) return;
      assert.equal(reply.status, 200);
      assert.equal(Buffer.from(text(json(reply)['body']), 'base64').toString(), 'in pieces');
    },
  ),
  http(
    'body-empty',
    'A request without a body has none, and 204 has none either',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      assert.equal(json(await t.fetch(manager, '/none', { method: 'POST' }))['body'], '');
      const reply = await t.fetch(manager, '/empty');
      assert.equal(reply.status, 204);
      assert.equal(reply.body.length, 0);
    },
  ),
  http('cookies', 'Every Set-Cookie reaches the caller on its own', ['event.http'], async (t) => {
    const manager = await open(t);
    const reply = await t.fetch(manager, '/cookies');
    // Names of attributes have no case (RFC 6265), and platforms that write them anew choose their own.
    const cookies = reply.all('set-cookie').map((cookie) => cookie.toLowerCase());
    assert.deepEqual(cookies, ['a=1; path=/', 'b=2; path=/']);
  }),
  http(
    'status',
    'Status and headers of the response are kept, redirects included',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      const teapot = await t.fetch(manager, '/teapot');
      assert.equal(teapot.status, 418);
      assert.equal(teapot.header('x-kind'), 'teapot');
      assert.equal(teapot.text, 'short and stout');
      const moved = await t.fetch(manager, '/moved');
      assert.equal(moved.status, 302);
      assert.equal(moved.header('location'), '/elsewhere');
    },
  ),
  http('head', 'HEAD is served by a GET route, without a body', ['event.http'], async (t) => {
    const manager = await routed(t, { method: 'GET', path: '/teapot' });
    const reply = await t.fetch(manager, '/teapot', { method: 'HEAD' });
    assert.equal(reply.status, 418);
    assert.equal(reply.header('x-kind'), 'teapot');
    assert.equal(reply.body.length, 0);
  }),
  http(
    'failure',
    'A handler that throws is a 500 that tells nothing but a request id',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      const reply = await t.fetch(manager, '/throw');
      assert.equal(reply.status, 500);
      assert.ok(!reply.text.includes('a detail that callers must not see'));
      assert.ok(!reply.text.includes('    at '), 'no stack');
      assert.equal((await t.fetch(manager, '/teapot')).status, 418);
    },
  ),
  http(
    'no-response',
    'A handler that answers no Response is a server error',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      const { status } = await t.fetch(manager, '/wrong');
      assert.ok(status === 500 || status === 502, `status ${status}`);
    },
  ),
  http(
    'timeout',
    'A handler that takes too long is a 504',
    ['event.http', 'instance.timeout'],
    async (t) => {
      const { manager } = await t.deployed({ timeoutSeconds: 1, events: [{ type: 'http' }] });
      await t.fetch(manager, '/ping');
      t.script('http', [{ hold: true }]);
      const { status } = await t.drive(t.fetch(manager, '/ping'));
      assert.equal(status, 504);
    },
  ),
  http(
    'body-limit',
    'A body over the route’s limit is 413, and the function does not run',
    ['event.http'],
    async (t) => {
      const manager = await routed(t, { path: '/ping', maxBodyBytes: 1000 });
      const large = await t.fetch(manager, '/ping', { method: 'POST', body: 'x'.repeat(1001) });
      assert.equal(large.status, 413);
      assert.equal(t.reports('http').length, 0);
      const small = await t.fetch(manager, '/ping', { method: 'POST', body: 'x'.repeat(1000) });
      assert.equal(small.status, 200);
    },
  ),
  http(
    'reserved-headers',
    'Headers of the library’s own that a stranger sends do not arrive',
    ['event.http'],
    async (t) => {
      const manager = await open(t);
      const seen = json(await t.fetch(manager, '/any', { headers: { 'x-polyfaas-warm': '1' } }));
      assert.equal(object(seen['headers'])['x-polyfaas-warm'], undefined);
    },
  ),
  http(
    'trace',
    'The trace context of a request arrives',
    ['event.http', 'trace.propagation'],
    async (t) => {
      const manager = await open(t);
      const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
      const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
      const seen = json(await t.fetch(manager, '/any', { headers }));
      assert.equal(text(object(seen['trace'])['traceparent']).split('-')[1], traceId);
    },
  ),
  http(
    'streaming',
    'A streamed response begins before the handler has ended',
    ['event.http', 'event.http.streaming'],
    async (t) => {
      const manager = await routed(t, {});
      t.script('stream-page', [{ hold: true }]);
      let received = '';
      const reply = t.fetch(manager, '/stream', {
        onChunk: (part) => {
          received += part;
          if (received.startsWith('first;')) t.witness.release(t.app);
        },
      });
      assert.equal((await t.drive(reply)).text, 'first;last');
    },
  ),
  http(
    'url',
    'The origin is told by deploy, configureEvent and describe alike',
    ['event.http'],
    async (t) => {
      const { manager, deployment } = await t.deployed({ events: [{ type: 'http', path: '/a' }] });
      const url = (await manager.describe('main'))?.url;
      assert.ok(url);
      assert.equal(deployment.url, url);
      const added = await manager.configureEvent('main', { type: 'http', path: '/b' });
      assert.ok(added.url?.startsWith(url));
    },
  ),
  http('url-kept', 'The origin stays the same from deploy to deploy', ['event.http'], async (t) => {
    const events = [{ type: 'http', path: '/ping' } as const];
    const first = await t.deployed({ events });
    const { deployment } = await t.deployed({ variant: 'two', events });
    assert.equal(deployment.url, first.deployment.url);
  }),
];
