import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FuncManifest } from '../../../providers/vercel/manifest.ts';
import { deliveryHeaders, startBroker, type Broker } from './broker.ts';
import { call, manifest, policy, RETRY, start, type Running } from './running.ts';

let broker: Broker;
let running: Running | undefined;

beforeEach(async () => {
  broker = await startBroker();
});

afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  running = undefined;
  await broker[Symbol.asyncDispose]();
});

async function serve(change: Partial<FuncManifest>, handlers: object): Promise<Running> {
  const queueEndpoint = broker.url;
  running = await start(manifest({ queueEndpoint, timeoutSeconds: 2, ...change }), handlers);
  return running;
}

function deliver(body: unknown, change: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${running?.url}/polyfaas/events/b1`, {
    method: 'POST',
    headers: deliveryHeaders(change),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const QUEUE = { serves: { bindingId: 'b1' }, bindings: [policy()] } as const;

describe('a message of a queue', () => {
  it('reaches the handler in the normal form once its lease is held, and is acknowledged', async () => {
    const seen: unknown[] = [];
    await serve(QUEUE, { queue: (batch: unknown) => void seen.push(batch, ...broker.leases) });
    const reply = await deliver({ $polyfaas: { attributes: { a: 'b' }, group: 'g' }, data: 7 });
    expect(reply.status).toBe(200);
    const message = { id: 'm1', data: 7, attributes: { a: 'b' }, attempt: 1, group: 'g' };
    expect(seen).toEqual([
      { source: 'orders', messages: [{ ...message, time: '2026-01-02T03:04:05.000Z' }] },
      'hold 32',
    ]);
    expect(broker.leases).toEqual(['hold 32', 'done']);
  });

  it('is the data itself where it is not marked', async () => {
    const seen: unknown[] = [];
    await serve(QUEUE, {
      queue: ({ messages }: { messages: readonly { data: unknown }[] }) =>
        void seen.push(messages[0]?.data),
    });
    for (const text of ['""', '"7"', '7', 'null', '{"$polyfaas":1}', '1e21']) await deliver(text);
    await deliver('no json', { 'content-type': 'text/plain' });
    expect(seen).toEqual(['', '7', 7, null, { $polyfaas: 1 }, 1e21, 'no json']);
  });

  it('that fails rests as long as was declared, and is set aside after the last attempt', async () => {
    const bindings = [policy(undefined, { deadLetter: 'dead' })];
    await serve({ ...QUEUE, bindings }, { queue: () => Promise.reject(new TypeError('no')) });
    for (const count of ['1', '2', '3']) {
      const message = { $polyfaas: { attributes: { a: 'b' } }, data: 'poison' };
      const reply = await deliver(message, { 'ce-vqsdeliverycount': count });
      expect(reply.status).toBe(207);
    }
    const held = 'hold 32';
    expect(broker.leases).toEqual([held, 'hold 7', held, 'hold 14', held, 'done']);
    expect(broker.sent).toMatchObject([
      {
        topic: 'dead',
        payload: { $polyfaas: { id: 'm1', attributes: { a: 'b' } }, data: 'poison' },
      },
    ]);
  });

  it('stays where the dead-letter topic does not take it', async () => {
    broker.status = (_method, path) => (path.endsWith('/topic/dead') ? 403 : undefined);
    const bindings = [policy(undefined, { deadLetter: 'dead' })];
    await serve({ ...QUEUE, bindings }, { queue: () => Promise.reject(new Error('no')) });
    expect((await deliver(1, { 'ce-vqsdeliverycount': '3' })).status).toBe(500);
    expect(broker.leases).toEqual(['hold 32', 'hold 60']);
  });

  it('that took the process down each time is given up without the handler', async () => {
    let calls = 0;
    const bindings = [policy(undefined, { deadLetter: 'dead' })];
    await serve({ ...QUEUE, bindings }, { queue: () => void ++calls });
    expect((await deliver('poison', { 'ce-vqsdeliverycount': '4' })).status).toBe(202);
    expect([calls, broker.sent.length, broker.leases.at(-1)]).toEqual([0, 1, 'done']);
  });

  it('comes again when the handler names it, and when it takes too long', async () => {
    await serve(
      { ...QUEUE, timeoutSeconds: 0.1 },
      {
        queue: ({ messages }: { messages: readonly { data: unknown }[] }) =>
          messages[0]?.data === 'hang' ? new Promise(() => {}) : { retry: ['m1'] },
      },
    );
    expect((await deliver('again')).status).toBe(207);
    expect((await deliver('hang')).status).toBe(207);
    expect(broker.leases).toEqual(['hold 31', 'hold 7', 'hold 31', 'hold 7']);
  });

  it('runs for nobody who has no receipt of the queue', async () => {
    let calls = 0;
    await serve(QUEUE, { queue: () => void ++calls });
    expect((await deliver(1, { 'ce-vqsreceipthandle': 'forged' })).status).toBe(401);
    expect((await deliver(1, { 'x-vercel-oidc-token': 'forged' })).status).toBe(401);
    expect((await deliver(1, { 'ce-type': 'another' })).status).toBe(400);
    expect((await fetch(`${running?.url}/polyfaas/events/b1`)).status).toBe(405);
    broker.status = () => 503;
    expect((await deliver(1)).status).toBe(503);
    expect(calls).toBe(0);
  });
});

describe('a message of a topic', () => {
  const topic = (change: object = {}) =>
    ({
      type: 'topic',
      topic: 'users',
      enabled: true,
      create: false,
      retry: RETRY,
      ...change,
    }) as const;

  it('arrives with its subject and the trace of its producer, if it passes the filter', async () => {
    const seen: unknown[] = [];
    const bindings = [policy(topic({ filter: { tenant: ['blue'] } }))];
    await serve(
      { serves: { bindingId: 'b1' }, bindings },
      {
        topic: (event: unknown, context: { trace?: { traceparent: string } }) =>
          void seen.push(event, context.trace?.traceparent.split('-')[1]),
      },
    );
    const message = (tenant: string): object => ({
      $polyfaas: { attributes: { tenant, subject: 'registered' } },
      data: 1,
    });
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { 'x-vercel-queue-traceparent': `00-${trace}-00f067aa0ba902b7-01` };
    expect((await deliver(message('red'), headers)).status).toBe(202);
    expect((await deliver(message('blue'), headers)).status).toBe(200);
    const time = '2026-01-02T03:04:05.000Z';
    const attributes = { tenant: 'blue' };
    expect(seen).toEqual([
      { id: 'm1', source: 'users', time, data: 1, attributes, subject: 'registered' },
      trace,
    ]);
    expect(broker.leases).toEqual(['hold 32', 'done', 'hold 32', 'done']);
  });

  it('from before the binding is not for it', async () => {
    let calls = 0;
    const since = Date.parse('2026-01-02T03:04:06Z');
    const bindings = [policy(topic(), { since })];
    await serve({ serves: { bindingId: 'b1' }, bindings }, { topic: () => void ++calls });
    expect((await deliver(1)).status).toBe(202);
    expect((await deliver(1, { 'ce-vqscreatedat': '2026-01-02T03:04:06.000Z' })).status).toBe(200);
    expect(calls).toBe(1);
  });
});

describe('asynchronous calls', () => {
  const rules = {
    ...RETRY,
    maxAttempts: 2,
    maxAgeSeconds: 60,
    onSuccess: 'succeeded',
    onFailure: 'failed',
  };
  const ASYNC = { serves: 'async', async: rules } as const;
  const HANDLERS = {
    invoke: (input: { fail?: boolean }, context: { requestId: string; attempt: number }) => {
      if (input.fail === true) throw new Error('no');
      return { requestId: context.requestId, attempt: context.attempt };
    },
  };
  const message = (data: object, sentAt = new Date().toISOString()): object => ({
    $polyfaas: { id: 'r1', requestId: 'r1', sentAt },
    data,
  });
  const now = (): Record<string, string> => ({ 'ce-vqscreatedat': new Date().toISOString() });

  it('that are signed are taken into their topic, and run nothing', async () => {
    let calls = 0;
    const { url } = await serve({ async: rules }, { invoke: () => void ++calls });
    const headers = { 'x-vercel-oidc-token': 'oidc' };
    const reply = await call(
      url,
      { kind: 'invoke', data: { n: 1 } },
      {
        query: '?mode=async',
        headers,
      },
    );
    expect(reply.status).toBe(202);
    expect(await reply.json()).toMatchObject({ $polyfaas: { version: 'v1' } });
    expect(broker.sent).toMatchObject([
      { topic: 'polyfaas-async', payload: { $polyfaas: { requestId: 'r1' }, data: { n: 1 } } },
    ]);
    const forged = { query: '?mode=async', headers, secret: 'another-secret-another-secret' };
    expect((await call(url, { kind: 'invoke' }, forged)).status).toBe(401);
    broker.status = () => 413;
    expect(
      (
        await call(
          url,
          { kind: 'invoke', data: 2 },
          { ...forged, secret: 'topsecret-topsecret-topsecret' },
        )
      ).status,
    ).toBe(413);
    expect(calls).toBe(0);
  });

  it('are not taken by a deployment without queues', async () => {
    const { url } = await serve({}, HANDLERS);
    const reply = await call(url, { kind: 'invoke' }, { query: '?mode=async' });
    expect(reply.status).toBe(501);
  });

  it('run, and tell their destination what came of them', async () => {
    await serve(ASYNC, HANDLERS);
    expect((await deliver(message({ n: 1 }), now())).status).toBe(200);
    const about = { requestId: 'r1', function: 'main', version: 'v1' };
    expect(broker.sent).toMatchObject([
      {
        topic: 'succeeded',
        payload: {
          ...about,
          attempts: 1,
          input: { n: 1 },
          output: { requestId: 'r1', attempt: 1 },
        },
      },
    ]);
    const bad = message({ fail: true });
    expect((await deliver(bad, now())).status).toBe(207);
    expect((await deliver(bad, { ...now(), 'ce-vqsdeliverycount': '2' })).status).toBe(207);
    expect(broker.leases).toEqual(['hold 32', 'done', 'hold 32', 'hold 7', 'hold 32', 'done']);
    expect(broker.sent.at(-1)).toMatchObject({
      topic: 'failed',
      payload: { ...about, attempts: 2, input: { fail: true }, error: { message: 'no' } },
    });
  });

  it('that are too old do not run', async () => {
    await serve(ASYNC, HANDLERS);
    const old = message({ n: 1 }, '2026-01-02T03:04:05Z');
    expect((await deliver(old)).status).toBe(202);
    expect(broker.sent).toMatchObject([{ topic: 'failed' }]);
  });

  it('do not run again because their destination takes nothing', async () => {
    broker.status = (_method, path) => (path.endsWith('/topic/succeeded') ? 403 : undefined);
    await serve(ASYNC, HANDLERS);
    expect((await deliver(message({ n: 1 }), now())).status).toBe(200);
    expect(broker.leases.at(-1)).toBe('done');
    const [waiting] = broker.sent;
    expect(waiting).toMatchObject({ topic: 'polyfaas-async', delaySeconds: '30' });
    broker.status = () => undefined;
    expect((await deliver(waiting?.payload)).status).toBe(202);
    expect(broker.sent.at(-1)).toMatchObject({ topic: 'succeeded', payload: { requestId: 'r1' } });
  });
});
