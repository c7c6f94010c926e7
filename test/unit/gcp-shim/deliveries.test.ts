import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BindingPolicy } from '../../../providers/gcp/manifest.ts';
import { encodeDocumentEvent } from '../../fakes/gcp/eventarc/document-event.ts';
import { startGoogle, type Google } from './google.ts';
import { policy, RETRY, start, type Running } from './instance.ts';

const DEAD = { topic: 'projects/p/topics/orders-dead' };

let google: Google;
let running: Running | undefined;

beforeEach(async () => {
  google = await startGoogle();
});

afterEach(async () => {
  await running?.[Symbol.asyncDispose]();
  await google[Symbol.asyncDispose]();
});

async function serve(policies: readonly BindingPolicy[], handlers: object): Promise<Running> {
  google.set({ bindings: policies });
  running = await start(google, handlers);
  return running;
}

describe('a message of a queue', () => {
  it('reaches the handler in the normal form, without our own attributes', async () => {
    const seen: unknown[] = [];
    const { push } = await serve([policy()], { queue: (batch: unknown) => void seen.push(batch) });
    const reply = await push('/polyfaas/events/b1?policy=d1', {
      data: { n: 1 },
      attributes: { color: 'grün', 'polyfaas-function': 'other' },
      orderingKey: 'g',
      attempt: 2,
    });
    expect(reply.status).toBe(200);
    expect(seen).toEqual([
      {
        source: 'orders',
        messages: [
          {
            id: 'm1',
            data: { n: 1 },
            attributes: { color: 'grün' },
            time: '2026-01-02T03:04:05.000Z',
            attempt: 2,
            group: 'g',
          },
        ],
      },
    ]);
  });

  it('that fails is asked for again, and set aside after the last attempt', async () => {
    const { push } = await serve([policy(undefined, { deadLetter: DEAD })], {
      queue: () => {
        throw new TypeError('no');
      },
    });
    const path = '/polyfaas/events/b1';
    expect((await push(path, { data: 1, attempt: 1 })).status).toBe(500);
    expect((await push(path, { data: 1, attempt: 2 })).status).toBe(500);
    expect(google.published).toEqual([]);
    expect((await push(path, { data: 1, attempt: 3, attributes: { a: 'b' } })).status).toBe(200);
    expect(google.published).toEqual([
      {
        topic: DEAD.topic,
        data: '1',
        attributes: {
          a: 'b',
          'polyfaas-function': 'main',
          'polyfaas-binding': 'b1',
          'polyfaas-reason': 'TypeError: no',
        },
        orderingKey: undefined,
      },
    ]);
  });

  it('is not acknowledged while the dead-letter topic does not take it', async () => {
    google.status = (path) => (path.includes(':publish') ? 404 : 200);
    const { push } = await serve([policy(undefined, { deadLetter: DEAD })], {
      queue: () => Promise.reject(new Error('no')),
    });
    expect((await push('/polyfaas/events/b1', { attempt: 3 })).status).toBe(500);
    expect(google.published).toEqual([]);
  });

  it('whose attempts did not all come here is run all the same, at least once', async () => {
    let calls = 0;
    const { push } = await serve([policy(undefined, { deadLetter: DEAD })], {
      queue: () => void ++calls,
    });
    // Pub/Sub counts what was refused at the door, too: without an instance, or while a grant spreads.
    expect((await push('/polyfaas/events/b1', { attempt: 40 })).status).toBe(200);
    expect(calls).toBe(1);
    expect(google.published).toEqual([]);
  });

  it('that the handler names in its answer comes again', async () => {
    const { push } = await serve([policy()], { queue: () => ({ retry: ['m1'] }) });
    expect((await push('/polyfaas/events/b1', { attempt: 1 })).status).toBe(500);
  });

  it('that takes too long is answered in time', async () => {
    google.manifest satisfies { timeoutSeconds: number };
    Object.assign(google.manifest, { timeoutSeconds: 0.05 });
    const { push } = await serve([policy()], { queue: () => new Promise(() => {}) });
    expect((await push('/polyfaas/events/b1', { attempt: 1 })).status).toBe(504);
  });
});

describe('what is delivered to whom', () => {
  it('nobody else may deliver', async () => {
    const { push } = await serve([policy()], { queue: () => {} });
    const path = '/polyfaas/events/b1';
    for (const claims of [
      { email: 'other@p.iam.gserviceaccount.com' },
      { aud: 'https://other.run.app' },
      { iss: 'https://evil.example' },
      { email_verified: false },
      { exp: 1 },
    ]) {
      expect((await push(path, {}, await google.idToken(claims))).status).toBe(401);
    }
    expect((await push(path, {}, 'no.token.at-all')).status).toBe(401);
    expect((await push(path, {})).status).toBe(200);
  });

  it('a signature that Cloud Run took away counts on a private service only', async () => {
    const { push } = await serve([policy()], { queue: () => {} });
    const [head = '', body = ''] = (await google.idToken()).split('.');
    const checked = `${head}.${body}.SIGNATURE_REMOVED_BY_GOOGLE`;
    expect((await push('/polyfaas/events/b1', {}, checked)).status).toBe(200);
    await running?.[Symbol.asyncDispose]();
    google.set({ isPublic: true });
    running = await start(google, { queue: () => {} });
    expect((await running.push('/polyfaas/events/b1', {}, checked)).status).toBe(401);
    expect((await running.push('/polyfaas/events/b1', {})).status).toBe(200);
  });

  it('a binding that is newer than the settings of this instance makes it look again', async () => {
    const seen: unknown[] = [];
    google.set({ bindings: [] });
    running = await start(google, {
      queue: (batch: { source: string }) => void seen.push(batch.source),
    });
    google.set({ bindings: [policy(undefined, { source: 'new', digest: 'd2' })] });
    expect((await running.push('/polyfaas/events/b1?policy=d2', {})).status).toBe(200);
    expect(seen).toEqual(['new']);
    expect(google.reads()).toBe(1);
  });

  it('what may be bound is not acknowledged while the settings cannot be read', async () => {
    google.set({ bindings: [] });
    running = await start(google, { queue: () => {} });
    google.status = (path) => (path.endsWith(':access') ? 503 : 200);
    expect((await running.push('/polyfaas/events/b1?policy=d2', {})).status).toBe(500);
  });

  it('what is bound to nothing waits until its subscription is gone, and paths that are none are not found', async () => {
    const { push, url } = await serve([policy()], { queue: () => {} });
    expect((await push('/polyfaas/events/gone', {})).status).toBe(500);
    expect((await push('/polyfaas/elsewhere', {})).status).toBe(404);
    expect((await fetch(`${url}/polyfaas/events/b1`)).status).toBe(405);
  });
});

describe('objects', () => {
  const event = {
    type: 'object',
    bucket: 'pictures',
    on: ['created', 'deleted'],
    prefix: 'in/',
    suffix: '.png',
    enabled: true,
    create: false,
    retry: RETRY,
  } as const;
  const notify = (attributes: Record<string, string>, data: object = {}) => ({
    data,
    attributes: { objectId: 'in/größe 1.png', eventType: 'OBJECT_FINALIZE', ...attributes },
  });

  it('arrive as what happened to them', async () => {
    const seen: unknown[] = [];
    const { push } = await serve([policy(event, { source: 'pictures' })], {
      object: (change: unknown) => void seen.push(change),
    });
    const path = '/polyfaas/events/b1';
    const at = { eventTime: '2026-01-02T03:04:05.678Z' };
    await push(path, notify(at, { size: '7', contentType: 'image/png', etag: 'e' }));
    await push(path, notify({ ...at, eventType: 'OBJECT_DELETE' }, { size: '7' }));
    // Written over, of another kind, and not asked for.
    await push(path, notify({ eventType: 'OBJECT_DELETE', overwrittenByGeneration: '2' }));
    await push(path, notify({ eventType: 'OBJECT_METADATA_UPDATE' }));
    await push(path, notify({ objectId: 'in/a.jpg' }));
    const common = { id: 'm1', source: 'pictures', key: 'in/größe 1.png', time: at.eventTime };
    expect(seen).toEqual([
      { ...common, type: 'created', sizeBytes: 7, etag: 'e', contentType: 'image/png' },
      { ...common, type: 'deleted', sizeBytes: 0 },
    ]);
  });
});

describe('tables', () => {
  const event = {
    type: 'table',
    table: 'users',
    from: 'latest',
    enabled: true,
    create: true,
    retry: RETRY,
    batchSize: 1,
    batchWindowSeconds: 0,
  } as const;
  const bytes = encodeDocumentEvent(
    {
      name: 'projects/p/databases/(default)/documents/users/7',
      fields: { count: 2 },
      createdMs: 1,
      updatedMs: 2,
    },
    undefined,
  );

  it('are relayed into the topic of the binding, in the order of their rows', async () => {
    const relay = { topic: 'projects/p/topics/relay' };
    const { url } = await serve([policy(event, { relay })], { table: () => {} });
    const reply = await fetch(`${url}/polyfaas/relay/b1`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await google.idToken()}`,
        'content-type': 'application/protobuf',
        'ce-id': 'e1',
        'ce-time': '2026-01-02T03:04:05Z',
        'ce-document': 'users/gr%C3%B6%C3%9Fe',
      },
      body: new Uint8Array(bytes),
    });
    expect(reply.status).toBe(202);
    expect(google.published).toEqual([
      {
        topic: relay.topic,
        data: bytes.toString('utf8'),
        attributes: {
          'polyfaas-ce-id': 'e1',
          'polyfaas-ce-time': '2026-01-02T03:04:05Z',
          'polyfaas-ce-document': 'users/größe',
        },
        orderingKey: 'users/größe',
      },
    ]);
  });

  it('arrive from there as changes of rows', async () => {
    const seen: unknown[] = [];
    const { push } = await serve([policy(event, { source: 'users' })], {
      table: (batch: unknown) => void seen.push(batch),
    });
    await push('/polyfaas/events/b1', {
      bytes,
      attributes: {
        'polyfaas-ce-id': 'e1',
        'polyfaas-ce-time': '2026-01-02T03:04:05Z',
        'polyfaas-ce-document': 'users/7',
      },
    });
    expect(seen).toEqual([
      {
        source: 'users',
        records: [
          {
            sequenceNumber: '2026-01-02T03:04:05.000Z-e1',
            type: 'insert',
            time: '2026-01-02T03:04:05.000Z',
            key: { id: '7' },
            newImage: { id: '7', count: 2 },
          },
        ],
      },
    ]);
  });
});

describe('asynchronous calls', () => {
  const rules = {
    maxAttempts: 2,
    maxAgeSeconds: 60,
    topic: { topic: 'projects/p/topics/async' },
    onSuccess: { topic: 'projects/p/topics/done' },
    onFailure: { topic: 'projects/p/topics/failed' },
  };
  const call = (input: unknown, attempt = 1, sentAt = new Date().toISOString()) => ({
    data: { input },
    attempt,
    attributes: { 'polyfaas-request-id': 'r1', 'polyfaas-sent-at': sentAt },
  });

  async function serveCalls(): Promise<Running> {
    google.set({ async: rules });
    running = await start(google, {
      invoke: (input: { fail?: boolean }, context: { requestId: string; attempt: number }) => {
        if (input.fail === true) throw new Error('no');
        return { got: input, requestId: context.requestId, attempt: context.attempt };
      },
    });
    return running;
  }

  it('tell their destination what came of them', async () => {
    const { push } = await serveCalls();
    expect((await push('/polyfaas/async', call({ n: 1 }))).status).toBe(200);
    const [told] = google.published;
    expect(told?.topic).toBe(rules.onSuccess.topic);
    expect(JSON.parse(told?.data ?? '')).toEqual({
      requestId: 'r1',
      function: 'main',
      version: 'v1',
      attempts: 1,
      input: { n: 1 },
      output: { got: { n: 1 }, requestId: 'r1', attempt: 1 },
    });
  });

  it('are repeated, and given up after the last attempt or when they are too old', async () => {
    const { push } = await serveCalls();
    expect((await push('/polyfaas/async', call({ fail: true }))).status).toBe(500);
    expect((await push('/polyfaas/async', call({ fail: true }, 2))).status).toBe(200);
    const longAgo = new Date(Date.now() - 100_000).toISOString();
    expect((await push('/polyfaas/async', call({ n: 1 }, 1, longAgo))).status).toBe(200);
    expect(
      google.published.map(({ topic, data }) => [topic, JSON.parse(data).error.message]),
    ).toEqual([
      [rules.onFailure.topic, 'no'],
      [rules.onFailure.topic, 'The invocation is too old.'],
    ]);
  });

  it('do not run again because their destination takes nothing: the outcome alone waits', async () => {
    google.status = (path) => (path.includes('/done:publish') ? 404 : 200);
    const { push } = await serveCalls();
    expect((await push('/polyfaas/async', call({ n: 1 }))).status).toBe(200);
    const [waiting] = google.published;
    expect(waiting?.topic).toBe(rules.topic.topic);
    google.status = () => 200;
    const message = {
      bytes: Buffer.from(waiting?.data ?? ''),
      attributes: waiting?.attributes ?? {},
    };
    expect((await push('/polyfaas/async', message)).status).toBe(200);
    expect(google.published.at(-1)?.topic).toBe(rules.onSuccess.topic);
    expect(google.published.at(-1)?.data).toBe(waiting?.data);
  });
});
