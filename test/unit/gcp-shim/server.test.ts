import { signedCall, type DirectEndpoint } from 'polyfaas/spi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGoogle, type Google } from './google.ts';
import { policy, start, type Running } from './instance.ts';

let google: Google;
let running: Running;

beforeEach(async () => {
  google = await startGoogle();
});

afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await google[Symbol.asyncDispose]();
});

const HANDLERS = {
  invoke: (input: { op?: string }) => {
    if (input.op === 'throw') throw new RangeError('no');
    return input.op === 'hang' ? new Promise(() => {}) : { got: input };
  },
  http: async (request: Request) =>
    new Response(`${request.method} ${await request.text()}`, {
      status: 201,
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    }),
};

function call(body: object, secret = 'topsecret-topsecret-topsecret'): Promise<Response> {
  const endpoint: DirectEndpoint = {
    url: `${running.url}/polyfaas/invoke`,
    headers: {},
    key: { id: 'k1', secret },
    functionId: 'shop/dev/main',
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- bodies of direct calls, written out
  const sent = body as Parameters<typeof signedCall>[1];
  const signed = signedCall(endpoint, sent, {
    requestId: crypto.randomUUID(),
    timeMs: Date.now(),
  });
  return fetch(endpoint.url, { method: 'POST', ...signed });
}

describe('direct calls', () => {
  it('answer with codes that tell them apart where only codes are counted', async () => {
    Object.assign(google.manifest, { timeoutSeconds: 0.2 });
    running = await start(google, HANDLERS);
    const codes: number[] = [];
    for (const body of [
      { kind: 'verify' },
      { kind: 'warm', holdMs: 0 },
      { kind: 'invoke', data: { n: 1 } },
      { kind: 'invoke', data: { op: 'throw' } },
      { kind: 'invoke', data: { op: 'hang' } },
    ]) {
      codes.push((await call(body)).status);
    }
    expect(codes).toEqual([208, 208, 200, 500, 504]);
    expect((await call({ kind: 'invoke' }, 'another-secret-another-secret')).status).toBe(401);
    const calls = running.lines.filter(({ polyfaas }) => polyfaas === 'call');
    expect(calls.map(({ kind, outcome }) => `${String(kind)} ${String(outcome)}`)).toEqual([
      'invoke ok',
      'invoke error',
      'invoke timeout',
    ]);
  });

  it('are none when somebody only looks whether anybody is let in', async () => {
    running = await start(google, HANDLERS);
    expect((await fetch(`${running.url}/polyfaas/`)).status).toBe(208);
  });

  it('hold the result, or the error as it was thrown', async () => {
    running = await start(google, HANDLERS);
    const good = await (await call({ kind: 'invoke', data: { n: 1 } })).json();
    expect(good).toMatchObject({ $polyfaas: { version: 'v1' }, data: { got: { n: 1 } } });
    const bad = await (await call({ kind: 'invoke', data: { op: 'throw' } })).json();
    expect(bad).toMatchObject({ error: { name: 'RangeError', message: 'no' } });
  });

  it('may be signed with a key that was made while the instance ran', async () => {
    running = await start(google, HANDLERS);
    google.set({ keys: 'k2:new-new-new-new-new-new,k1:topsecret-topsecret-topsecret' });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    const endpoint = {
      url: `${running.url}/polyfaas/invoke`,
      headers: {},
      key: { id: 'k2', secret: 'new-new-new-new-new-new' },
      functionId: 'shop/dev/main',
    };
    const signed = signedCall(
      endpoint,
      { kind: 'verify' },
      { requestId: crypto.randomUUID(), timeMs: Date.now() },
    );
    expect((await fetch(endpoint.url, { method: 'POST', ...signed })).status).toBe(208);
  });
});

describe('http', () => {
  const route = (path: string) =>
    policy({ type: 'http', methods: ['ANY'], path, enabled: true }, { source: '' });

  it('hands requests over as they were sent, and answers whole', async () => {
    google.set({ bindings: [route('/orders')] });
    running = await start(google, HANDLERS);
    const reply = await fetch(`${running.url}/orders?x=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"not json',
    });
    expect(reply.status).toBe(201);
    expect(reply.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await reply.text()).toBe('POST {"not json');
    expect((await fetch(`${running.url}/other`)).status).toBe(404);
  });

  it('finds a route that was bound while the instance ran', async () => {
    running = await start(google, HANDLERS);
    google.set({ bindings: [route('/orders')] });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await fetch(`${running.url}/orders`)).status).toBe(201);
    expect(google.reads()).toBe(1);
  });

  it('does not let those who ask for what is not there make it read each time', async () => {
    running = await start(google, HANDLERS);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    for (let asked = 0; asked < 20; asked += 1) await fetch(`${running.url}/nowhere`);
    // Once a second: a busy machine may need more than one.
    expect(google.reads()).toBeGreaterThan(0);
    expect(google.reads()).toBeLessThan(20);
  });

  it('goes on with the settings that it has when they cannot be read again', async () => {
    google.set({ bindings: [route('/orders')] });
    running = await start(google, HANDLERS);
    google.status = (path) => (path.endsWith(':access') ? 503 : 200);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await fetch(`${running.url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${running.url}/orders`)).status).toBe(201);
    expect(running.lines.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('status 503'),
    );
  });
});
