import { createServer } from 'node:http';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequest, type RequestParts } from 'polyfaas/function';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function request(changes: Partial<RequestParts> = {}): Request {
  return createRequest({
    method: 'POST',
    url: 'https://shop.example/orders?tag=a&tag=b',
    headers: ['Content-Type', 'application/json', 'X-Tag', 'a', 'X-Tag', 'b'],
    body: bytes('{"id":7}'),
    ...changes,
  });
}

describe('createRequest', () => {
  it('makes a Request', () => {
    const made = request();
    expect(made).toBeInstanceOf(Request);
    expect([made.method, made.url]).toEqual(['POST', 'https://shop.example/orders?tag=a&tag=b']);
    expect(new URL(made.url).searchParams.getAll('tag')).toEqual(['a', 'b']);
    expect(made.headers).toBeInstanceOf(Headers);
    expect(made.headers.get('x-tag')).toBe('a, b');
    expect(Object.prototype.toString.call(made)).toBe('[object Request]');
    expect(inspect(made)).toContain("method: 'POST'");
  });

  it('reads the body in every form', async () => {
    expect(await request().json()).toEqual({ id: 7 });
    expect(await request().text()).toBe('{"id":7}');
    expect(new Uint8Array(await request().arrayBuffer())).toEqual(bytes('{"id":7}'));
    expect(await request().bytes()).toEqual(bytes('{"id":7}'));
    expect(await (await request().blob()).text()).toBe('{"id":7}');
    const headers = ['content-type', 'application/x-www-form-urlencoded'];
    const form = await request({ headers, body: bytes('a=1&a=2') }).formData();
    expect(form.getAll('a')).toEqual(['1', '2']);
    expect(await new Response(request().body).text()).toBe('{"id":7}');
  });

  it('carries binary bytes, of a view as well, and keeps its own', async () => {
    const whole = Uint8Array.from({ length: 256 }, (_, index) => index);
    const read = await request({ body: whole }).bytes();
    expect(read).toEqual(whole);
    read[0] = 9;
    expect(whole[0]).toBe(0);
    const view = await request({ body: whole.subarray(10, 12) }).arrayBuffer();
    expect([...new Uint8Array(view)]).toEqual([10, 11]);
  });

  it('reads a body once', async () => {
    const made = request();
    expect(made.bodyUsed).toBe(false);
    await made.text();
    expect(made.bodyUsed).toBe(true);
    await expect(made.json()).rejects.toBeInstanceOf(TypeError);
    expect(() => made.clone()).toThrow(TypeError);
    expect(made.signal.aborted).toBe(false);
    await expect(made.text()).rejects.toBeInstanceOf(TypeError);
    expect(() => new Request(made)).toThrow(TypeError);
  });

  it.each(['GET', 'HEAD', 'get'])('drops the body of %s', async (method) => {
    const made = request({ method });
    expect(made.method).toBe(method.toUpperCase());
    expect(made.body).toBeNull();
    expect(await made.text()).toBe('');
    expect(made.bodyUsed).toBe(false);
    expect(made.clone().method).toBe(method.toUpperCase());
  });

  it('without a body fails to read JSON as a Request does', async () => {
    await expect(request({ body: null }).json()).rejects.toBeInstanceOf(SyntaxError);
  });

  it('is taken by new Request, clone and fetch', async () => {
    const copy = new Request(request(), { headers: { 'x-added': '1' } });
    expect([copy.url, copy.headers.get('x-added')]).toEqual([request().url, '1']);
    expect(await copy.json()).toEqual({ id: 7 });
    const original = request();
    original.headers.set('x-changed', 'yes');
    const clone = original.clone();
    expect([await clone.text(), await original.text()]).toEqual(['{"id":7}', '{"id":7}']);
    expect(clone.headers.get('x-changed')).toBe('yes');

    const touched = request();
    touched.headers.set('x-changed', 'first');
    expect(touched.signal.aborted).toBe(false);
    touched.headers.set('x-changed', 'second');
    expect(new Request(touched).headers.get('x-changed')).toBe('second');

    class Traced extends Request {}
    expect(new Traced('https://a.example')).toBeInstanceOf(Request);
    expect(new Request(request())).toBeInstanceOf(Request);

    const server = createServer((incoming, reply) => {
      incoming.pipe(reply.writeHead(200, { 'x-seen': String(incoming.headers['x-tag']) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const reply = await fetch(request({ url: `http://127.0.0.1:${port}/` }));
      expect([reply.headers.get('x-seen'), await reply.json()]).toEqual(['a, b', { id: 7 }]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('aborts with the client', () => {
    const controller = new AbortController();
    const made = request({ signal: controller.signal });
    controller.abort();
    expect(made.signal.aborted).toBe(true);
  });

  it('answers as the real one does', async () => {
    const names = fc.constantFrom(
      'accept',
      'X-One',
      'x-one',
      'cookie',
      'User-Agent',
      'content-type',
    );
    const values = fc.constantFrom('a', 'b, c', '*/*', 'text/plain', 'k=v; l=w', '');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'put', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.array(fc.tuple(names, values)),
        fc.uint8Array(),
        async (method, url, pairs, body) => {
          const light = createRequest({ method, url, headers: pairs.flat(), body });
          const hasBody = light.method !== 'GET' && light.method !== 'HEAD';
          const real = new Request(url, { method, headers: pairs, ...(hasBody ? { body } : {}) });
          expect([light.method, light.url]).toEqual([real.method, real.url]);
          expect([...light.headers]).toEqual([...real.headers]);
          expect([light.redirect, light.mode, light.cache]).toEqual([
            real.redirect,
            real.mode,
            real.cache,
          ]);
          expect(await light.bytes()).toEqual(await real.bytes());
          expect(light.bodyUsed).toBe(real.bodyUsed);
        },
      ),
    );
  });
});
