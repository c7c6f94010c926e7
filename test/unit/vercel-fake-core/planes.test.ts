import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WireFaults } from '../../fakes/vercel/core/faults.ts';
import { answerOf, PlaneServers } from '../../fakes/vercel/core/server.ts';
import { ManualClock } from '../../support/manual-clock.ts';

let servers: PlaneServers;
let faults: WireFaults;

beforeEach(() => {
  faults = new WireFaults();
  servers = new PlaneServers({
    clock: new ManualClock(0),
    intercept: (exchange) => faults.pass(exchange),
  });
});

afterEach(() => servers.stop());

describe('planes', () => {
  it('answer what their part answers', async () => {
    const origin = await servers.open({
      name: 'shop.vercel.app',
      handle: async ({ method, url, body }) =>
        answerOf({ status: 201, body: { method, url, body: body.toString() } }),
    });
    const response = await fetch(`${origin}/a?b=c`, { method: 'POST', body: 'hello' });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ method: 'POST', url: '/a?b=c', body: 'hello' });
  });

  it('have the address of before when they are opened again', async () => {
    const plane = { name: 'shop', handle: async () => answerOf({ status: 200 }) };
    const origin = await servers.open(plane);
    await servers.close('shop');
    expect(await servers.open(plane)).toBe(origin);
  });

  it('go wrong as the edge does, for calls of the deployer; invocations are no writes', async () => {
    const origin = await servers.open({
      name: 'shop',
      handle: async () => answerOf({ status: 200, body: 'ran' }),
      isDeployers: ({ headers }) => headers.includes('x-signed'),
    });
    const call = (): Promise<Response> =>
      fetch(origin, { method: 'POST', headers: { 'x-signed': '1' } });
    faults.arm({ call: 0, kind: '500' });
    expect((await fetch(origin, { method: 'POST' })).status).toBe(200);
    const failed = await call();
    expect(failed.status).toBe(500);
    expect(failed.headers.get('x-vercel-error')).toBe('INTERNAL_UNEXPECTED_ERROR');
    expect(await (await call()).text()).toBe('ran');
    expect(faults.writes).toBe(0);
  });

  it('tell their part when the client goes away', async () => {
    const began = Promise.withResolvers<AbortSignal | undefined>();
    const origin = await servers.open({
      name: 'shop',
      handle: ({ signal }) => {
        began.resolve(signal);
        return new Promise(() => {});
      },
    });
    const gone = new AbortController();
    const call = fetch(origin, { signal: gone.signal });
    const signal = await began.promise;
    gone.abort();
    await expect(call).rejects.toThrow('aborted');
    if (signal?.aborted === false) await once(signal, 'abort');
    expect(signal?.aborted).toBe(true);
  });

  it('send what stays open piece by piece, until the client goes away', async () => {
    const ended = Promise.withResolvers<void>();
    const more = Promise.withResolvers<void>();
    async function* pieces(): AsyncGenerator<string> {
      try {
        yield 'first\n';
        await more.promise;
        for (;;) {
          yield 'again\n';
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended.resolve();
      }
    }
    const origin = await servers.open({
      name: 'logs',
      handle: async () => answerOf({ status: 200, stream: pieces() }),
    });
    const gone = new AbortController();
    const response = await fetch(origin, { signal: gone.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('first\n');
    more.resolve();
    expect((await reader?.read())?.value).toContain('again');
    gone.abort();
    await ended.promise;
  });
});
