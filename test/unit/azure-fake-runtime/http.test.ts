import { describe, expect, it } from 'vitest';
import { HOST_JSON, httpApp, makeRuntime, request } from './setup.ts';

describe('HTTP functions', () => {
  it('get the request and give the answer, byte for byte', async () => {
    const host = makeRuntime().start(
      httpApp(`async (request, context) => ({
        status: 201,
        headers: { 'x-path': request.params.path, 'x-trace': context.traceContext.traceParent },
        cookies: [{ name: 'a', value: '1' }, { name: 'b', value: '2', httpOnly: true, sameSite: 'Lax' }],
        body: Buffer.from(await request.arrayBuffer()).reverse(),
      })`),
    );
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const reply = await request(host, '/a/b%20c?x=1&x=2', {
      method: 'POST',
      headers: { traceparent },
      body: Buffer.from([0, 1, 255]),
    });
    expect(reply.status).toBe(201);
    expect([...reply.bytes]).toEqual([255, 1, 0]);
    expect(reply.headers['x-path']).toBe('a/b c');
    expect(reply.headers['x-trace']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
    expect(reply.setCookies).toEqual(['a=1; path=/', 'b=2; path=/; samesite=lax; httponly']);
  });

  it('are found by method and route, without regard to case', async () => {
    const host = makeRuntime().start({
      'main.cjs': `const { app } = require('@azure/functions');
const answer = (name) => ({ handler: (request) => ({ jsonBody: { name, ...request.params } }) });
app.http('rest', { methods: ['GET'], route: 'items/{*rest}', ...answer('rest') });
app.http('one', { methods: ['GET'], route: 'items/{id}', ...answer('one') });
app.http('number', { methods: ['GET'], route: 'items/{id:int}', ...answer('number') });
app.http('list', { methods: ['GET'], route: 'items/list', ...answer('list') });
app.http('save', { methods: ['PUT'], route: 'items/{id}', ...answer('save') });`,
    });
    const asked = async (url: string, method = 'GET'): Promise<string | number> => {
      const { status, text } = await request(host, url, { method });
      return status === 200 ? text : status;
    };
    expect(await asked('/ITEMS/List')).toBe('{"name":"list"}');
    expect(await asked('/items/7')).toBe('{"name":"number","id":"7"}');
    expect(await asked('/items/a%2Fb')).toBe('{"name":"one","id":"a%2Fb"}');
    expect(await asked('/items/a/b')).toBe('{"name":"rest","rest":"a/b"}');
    expect(await asked('/items/7', 'PUT')).toBe('{"name":"save","id":"7"}');
    expect(await asked('/items/7', 'DELETE')).toBe(404);
    expect(await asked('/items/7', 'HEAD')).toBe(404);
    expect(await asked('/other')).toBe(404);
  });

  it('stand below the prefix of host.json, `api` by default', async () => {
    const runtime = makeRuntime();
    const files = httpApp(`() => ({ body: 'here' })`);
    const plain = runtime.start({ ...files, 'host.json': '{"version":"2.0"}' });
    expect((await request(plain, '/api/x')).text).toBe('here');
    expect((await request(plain, '/x')).status).toBe(404);
    const settings = { AzureFunctionsJobHost__extensions__http__routePrefix: 'v1' };
    const set = runtime.start({ ...files, 'host.json': HOST_JSON }, { settings });
    expect((await request(set, '/v1/x')).text).toBe('here');
  });

  it('ask for a key when they are not anonymous', async () => {
    const host = makeRuntime().start(httpApp(`() => ({})`, `authLevel: 'function',`));
    expect((await request(host, '/')).status).toBe(401);
    expect((await request(host, '/', { keyLevel: 'function' })).status).toBe(200);
    expect((await request(host, '/', { keyLevel: 'admin' })).status).toBe(200);
  });

  it('answer 500 without a word when they throw, and 204 when they answer nothing', async () => {
    const runtime = makeRuntime();
    const host = runtime.start(
      httpApp(`(request) => { if (request.params.path) throw new TypeError('secret'); }`),
    );
    expect(await request(host, '/x')).toMatchObject({ status: 500, text: '' });
    expect((await request(host, '/')).status).toBe(204);
    const failed = runtime.executions.find(({ success }) => !success);
    expect(failed).toMatchObject({ functionName: 'http', httpStatus: 500 });
    expect(failed?.error?.message).toMatch(/^Result: Failure\nException: secret\nStack: TypeError/);
  });

  it('of a function that is disabled are not there', async () => {
    const settings = { 'AzureWebJobs.http.Disabled': 'true' };
    const host = makeRuntime().start(httpApp(`() => ({})`), { settings });
    expect((await request(host, '/')).status).toBe(404);
  });
});
