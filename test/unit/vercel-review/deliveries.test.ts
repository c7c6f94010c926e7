/** Deliveries that break off, come twice, are forged, or are larger than a request may be. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FuncManifest } from '../../../providers/vercel/manifest.ts';
import { partOf } from '../../../providers/vercel/shim/multipart.ts';
import { Queues } from '../../../providers/vercel/shim/queues.ts';
import { deliveryHeaders, startBroker, type Broker } from '../vercel-shim/broker.ts';
import { call, manifest, policy, RETRY, start, type Running } from '../vercel-shim/running.ts';

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

/** As Vercel Queues announces a message that is too large for a request. */
function announce(id: string): Promise<Response> {
  const { 'ce-vqsreceipthandle': _receipt, ...headers } = deliveryHeaders({
    'ce-vqsmessageid': id,
  });
  return fetch(`${running?.url}/polyfaas/events/b1`, { method: 'POST', headers });
}

const QUEUE = { serves: { bindingId: 'b1' }, bindings: [policy()] } as const;
const RULES = {
  ...RETRY,
  maxAttempts: 2,
  maxAgeSeconds: 60,
  onSuccess: 'succeeded',
  onFailure: 'failed',
};

describe('a message that is larger than a delivery may be', () => {
  it('is fetched, which takes its lease, and goes the way of all others', async () => {
    const seen: unknown[] = [];
    await serve(QUEUE, {
      queue: ({ messages }: { messages: readonly object[] }) => {
        seen.push(...messages);
        throw new Error('no');
      },
    });
    const body = JSON.stringify({ $polyfaas: { group: 'g' }, data: 'ü\r\n\r\n--b/2' });
    broker.stored.push({ id: 'm9', count: 2, contentType: 'application/json', body });
    expect((await announce('m9')).status).toBe(207);
    expect(seen).toMatchObject([{ id: 'm9', data: 'ü\r\n\r\n--b/2', group: 'g', attempt: 2 }]);
    expect(broker.leases).toEqual(['hold 32', 'hold 14']);
  });

  it('runs for nobody when the queue does not have it', async () => {
    let calls = 0;
    await serve(QUEUE, { queue: () => void ++calls });
    expect((await announce('m8')).status).toBe(401);
    broker.status = () => 410;
    expect((await announce('m8')).status).toBe(202);
    broker.status = () => 503;
    expect((await announce('m8')).status).toBe(503);
    expect(calls).toBe(0);
  });

  it('is read from its one part alone', () => {
    const bytes = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));
    const type = 'multipart/mixed; boundary=x';
    const part = partOf(type, bytes('preamble\n--x\nA: 1\nb:2 \n\nbo\n--xy\ndy\n--x--\n'));
    expect([part?.headers, part?.body.toString()]).toEqual([
      { a: '1', b: '2' },
      'bo\r\n--xy\r\ndy',
    ]);
    expect(partOf(type, bytes('--x\nA: 1\n\n\n--x--'))?.body.toString()).toBe('');
    for (const cut of ['', '--x', '--x\nA: 1', '--x\nA: 1\n\nbo', '--x--\n']) {
      expect(partOf(type, bytes(cut))).toBeUndefined();
    }
    expect(partOf('application/json', bytes('--x\nA: 1\n\nbo\n--x--'))).toBeUndefined();
  });
});

describe('what breaks off', () => {
  it('between the dead letter and the acknowledgement leaves one dead letter', async () => {
    const bindings = [policy(undefined, { deadLetter: 'dead' })];
    await serve({ ...QUEUE, bindings }, { queue: () => Promise.reject(new Error('no')) });
    for (const count of ['3', '4']) await deliver('poison', { 'ce-vqsdeliverycount': count });
    await deliver('another', { 'ce-vqsdeliverycount': '3', 'ce-vqsmessageid': 'm2' });
    const keys = broker.sent.map(({ key }) => key);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it('between the outcome of a call and the acknowledgement tells its destination once', async () => {
    const createdAt = { 'ce-vqscreatedat': new Date().toISOString() };
    await serve({ serves: 'async', async: RULES }, { invoke: () => 1 });
    const message = { $polyfaas: { id: 'r1', requestId: 'r1' }, data: {} };
    await deliver(message, createdAt);
    // Sent, but the answer was lost: it waits in its own topic, and is passed on from there.
    broker.status = (_method, path) => (path.endsWith('/topic/succeeded') ? 403 : undefined);
    await deliver(message, createdAt);
    broker.status = () => undefined;
    const waiting = broker.sent.find(({ topic }) => topic === 'polyfaas-async');
    await deliver(waiting?.payload, { ...createdAt, 'ce-vqsmessageid': 'm2' });
    // The same id of a request may be given to two calls.
    await deliver(message, { ...createdAt, 'ce-vqsmessageid': 'm3' });
    const [first, passedOn, other] = broker.sent.filter(({ topic }) => topic === 'succeeded');
    expect([first?.key, passedOn?.key === first?.key, other?.key === first?.key]).toEqual([
      expect.any(String),
      true,
      false,
    ]);
    expect(waiting?.key).not.toBe(first?.key);
  });

  it('and is signed, is put into its topic once, also by another instance', async () => {
    const { url } = await serve({ async: RULES }, { invoke: () => null });
    const options = { query: '?mode=async', headers: { 'x-vercel-oidc-token': 'oidc' } };
    await call(url, { kind: 'invoke', data: 1 }, options);
    await call(url, { kind: 'invoke', data: 2 }, options);
    const [one, two] = broker.sent;
    expect(one?.key).toMatch(/^[\w-]{43}$/);
    expect(two?.key).not.toBe(one?.key);
  });

  it('because the queue says nothing ends in time', async () => {
    await using silent = await silence();
    const queues = new Queues(
      { queueEndpoint: silent.url, region: 'fra1' },
      { 'x-vercel-oidc-token': 'oidc' },
    );
    const lease = { topic: 't', consumer: 'c', receipt: 'r', region: 'fra1' };
    await expect(queues.hold(lease, 30, 100)).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('forged deliveries', () => {
  it('never take the token of the function to another place of the service', async () => {
    const paths: string[] = [];
    let calls = 0;
    await serve(QUEUE, { queue: () => void ++calls });
    broker.status = (_method, path) => {
      paths.push(path);
      return 200;
    };
    for (const change of [
      { 'ce-vqsqueuename': '..' },
      { 'ce-vqsconsumergroup': '.' },
      { 'ce-vqsreceipthandle': '..' },
      { 'ce-vqsmessageid': '..', 'ce-vqsreceipthandle': '' },
    ]) {
      expect((await deliver(1, change)).status).toBe(400);
    }
    expect([paths, calls]).toEqual([[], 0]);
  });

  it('of a lease that another delivery has by now are let go', async () => {
    let calls = 0;
    await serve(QUEUE, { queue: () => void ++calls });
    broker.status = () => 409;
    expect((await deliver(1)).status).toBe(202);
    expect(calls).toBe(0);
  });
});

describe('an asynchronous call', () => {
  it('that the queue refuses is told apart from one that it cannot take now', async () => {
    const { url } = await serve({ async: RULES }, { invoke: () => null });
    const later = (status: number): Promise<Response> => {
      broker.status = () => status;
      const headers = { 'x-vercel-oidc-token': 'oidc' };
      return call(url, { kind: 'invoke', data: status }, { query: '?mode=async', headers });
    };
    expect([(await later(403)).status, (await later(503)).status]).toEqual([424, 503]);
  });
});

async function silence(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
