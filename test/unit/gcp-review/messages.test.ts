/** Messages at the edge of what Pub/Sub takes, and of what others publish. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BindingPolicy } from '../../../providers/gcp/manifest.ts';
import { encodeDocumentEvent } from '../../fakes/gcp/eventarc/document-event.ts';
import { checkMessages } from '../../fakes/gcp/pubsub/message.ts';
import { startGoogle, type Google } from '../gcp-shim/google.ts';
import { policy, RETRY, start, type Running } from '../gcp-shim/instance.ts';

const DEAD = { topic: 'projects/p/topics/orders-dead' };
const PATH = '/polyfaas/events/b1';

let google: Google;
let running: Running;

beforeEach(async () => {
  google = await startGoogle();
});

afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await google[Symbol.asyncDispose]();
});

async function serve(policies: readonly BindingPolicy[], handlers: object): Promise<Running> {
  google.set({ bindings: policies });
  running = await start(google, handlers);
  return running;
}

/** What Pub/Sub says of all that was published: nothing. */
function expectTaken(): void {
  for (const { data, attributes, orderingKey } of google.published) {
    const sent = { data: Buffer.from(data), attributes, ...(orderingKey && { orderingKey }) };
    expect(() => checkMessages([sent])).not.toThrow();
  }
}

describe('a message that is set aside', () => {
  it('is taken whatever attributes it has', async () => {
    const fail = (): never => {
      throw new Error(`${'x'.repeat(242)}😀 and ${'größer '.repeat(400)}`);
    };
    const { push } = await serve([policy(undefined, { deadLetter: DEAD })], { queue: fail });
    const many = Object.fromEntries(
      Array.from({ length: 99 }, (_, index) => [`a${index}`, 'ü'.repeat(512)]),
    );
    const schema = { googclient_schemaencoding: 'JSON', googclient_schemarevisionid: 'a1' };
    for (const attributes of [many, { ...many, last: 'x' }, schema]) {
      expect((await push(PATH, { data: 1, attempt: 3, attributes })).status).toBe(200);
    }
    expectTaken();
    const [first, full, bare] = google.published.map(({ attributes }) => attributes);
    // What tells most comes first where there is little room.
    expect(first).toMatchObject({ ...many, 'polyfaas-reason': expect.stringMatching(/^Error: x/) });
    expect(full).toEqual({ ...many, last: 'x' });
    expect(bare).toEqual({
      'polyfaas-function': 'main',
      'polyfaas-binding': 'b1',
      'polyfaas-reason': expect.stringMatching(/^Error: x/),
    });
    for (const { attributes } of google.published) {
      expect(JSON.stringify(attributes)).not.toMatch(/\\ud[89a-f]/i);
    }
  });

  it('may be one that cannot be read at all', async () => {
    const table = {
      type: 'table',
      table: 'users',
      from: 'latest',
      enabled: true,
      create: true,
      retry: RETRY,
      batchSize: 1,
      batchWindowSeconds: 0,
    } as const;
    const { push } = await serve([policy(table, { deadLetter: DEAD })], { table: () => {} });
    const broken = { bytes: Buffer.from([0xff, 0xff]) };
    expect((await push(PATH, { ...broken, attempt: 1 })).status).toBe(500);
    expect((await push(PATH, { ...broken, attempt: 3 })).status).toBe(200);
    expect((await push(PATH, { bytes: Buffer.alloc(0), attempt: 3 })).status).toBe(200);
    expect(google.published.map(({ attributes }) => attributes['polyfaas-reason'])).toEqual([
      expect.stringMatching(/^RangeError/),
      expect.stringMatching(/^RangeError/),
    ]);
  });

  it('is tried again where Pub/Sub gave up in the middle', async () => {
    const answers = [409, 499];
    google.status = (path) => (path.includes(':publish') ? (answers.shift() ?? 200) : 200);
    const { push } = await serve([policy(undefined, { deadLetter: DEAD })], {
      queue: () => Promise.reject(new Error('no')),
    });
    expect((await push(PATH, { attempt: 3 })).status).toBe(200);
    expect(google.published).toHaveLength(1);
  });
});

describe('a message without a count of its attempts', () => {
  it('is handled, and said once to have none', async () => {
    const { push, lines } = await serve([policy()], {
      queue: () => Promise.reject(new Error('no')),
    });
    expect((await push(PATH, {})).status).toBe(500);
    expect((await push(PATH, {})).status).toBe(500);
    const told = lines.filter(({ message }) => String(message).includes('dead-letter policy'));
    expect(told).toHaveLength(1);
  });
});

describe('a message for a binding that had this id before', () => {
  it('does not fire the schedule that has it now', async () => {
    let fired = 0;
    const schedule = {
      type: 'schedule',
      when: { every: { minutes: 5 } },
      timezone: 'UTC',
      input: null,
      enabled: true,
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it is due by is not looked at here
    const event = schedule as unknown as BindingPolicy['binding']['event'];
    const { push, url } = await serve([policy(event)], { schedule: () => void ++fired });
    expect((await push(PATH, { data: 1 })).status).toBe(500);
    expect(fired).toBe(0);
    const tick = await fetch(`${url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await google.idToken()}` },
      body: '{"bindingId":"b1","input":null}',
    });
    expect([tick.status, fired]).toEqual([200, 1]);
  });
});

describe('events of others', () => {
  const bus = {
    type: 'bus',
    bus: 'shop',
    pattern: {},
    enabled: true,
    create: false,
    retry: RETRY,
  } as const;

  it('may be CloudEvents in the structured mode', async () => {
    const seen: unknown[] = [];
    const { push } = await serve([policy({ ...bus, pattern: { type: ['paid'] } })], {
      bus: (event: unknown) => void seen.push(event),
    });
    const event = {
      specversion: '1.0',
      id: 'e1',
      source: '/till',
      type: 'paid',
      time: '2026-01-02T03:04:05Z',
      subject: 'o7',
    };
    const attributes = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
    await push(PATH, { data: { ...event, data: { n: 1 } }, attributes });
    const data_base64 = Buffer.from('{"n":2}').toString('base64');
    await push(PATH, { data: { ...event, data_base64 }, attributes });
    await push(PATH, { data: { ...event, type: 'other' }, attributes });
    const { specversion: _, ...rest } = { ...event, time: '2026-01-02T03:04:05.000Z' };
    expect(seen).toEqual([
      expect.objectContaining({ ...rest, data: { n: 1 } }),
      expect.objectContaining({ ...rest, data: { n: 2 } }),
    ]);
  });

  it('may have no attributes, or bad ones', async () => {
    const seen: { id: string; source: string; type: string; time: string }[] = [];
    const { push } = await serve([policy(bus, { source: 'shop' })], {
      bus: (event: (typeof seen)[0]) => void seen.push(event),
    });
    await push(PATH, { data: [1], attributes: { 'ce-id': '', 'ce-time': 'yesterday' } });
    await push(PATH, {
      data: 'text',
      attributes: { 'content-type': 'application/cloudevents+json' },
    });
    await push(PATH, { bytes: Buffer.alloc(0) });
    const bare = { id: 'm1', source: 'shop', type: '', time: '2026-01-02T03:04:05.000Z' };
    expect(seen).toEqual([
      expect.objectContaining({ ...bare, data: [1] }),
      expect.objectContaining({ ...bare, data: 'text' }),
      expect.objectContaining({ ...bare, data: '' }),
    ]);
  });

  it('may have an attribute of any name', async () => {
    const seen: Record<string, string>[] = [];
    const { url } = await serve([policy()], {
      queue: (batch: { messages: readonly { attributes: Record<string, string> }[] }) =>
        void seen.push(...batch.messages.map(({ attributes }) => attributes)),
    });
    await fetch(`${url}${PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await google.idToken()}` },
      body: '{"message":{"messageId":"1","attributes":{"__proto__":"a","constructor":"b"}},"deliveryAttempt":1}',
    });
    expect(Object.entries(seen[0] ?? {})).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe('a change of a table', () => {
  const table = {
    type: 'table',
    table: 'users',
    from: 'latest',
    enabled: true,
    create: true,
    retry: RETRY,
    batchSize: 1,
    batchWindowSeconds: 0,
  } as const;
  const relay = { topic: 'projects/p/topics/relay' };
  const change = (id: string): Buffer =>
    encodeDocumentEvent(
      {
        name: `projects/p/databases/(default)/documents/users/${id}`,
        fields: { n: 1 },
        createdMs: 1,
        updatedMs: 2,
      },
      undefined,
    );

  async function relayed(document: string, body: Buffer): Promise<number> {
    const reply = await fetch(`${running.url}/polyfaas/relay/b1`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await google.idToken()}`,
        'ce-id': 'e1',
        'ce-time': '2026-01-02T03:04:05Z',
        'ce-subject': `documents/${document}`,
        'ce-document': document,
      },
      body: new Uint8Array(body),
    });
    return reply.status;
  }

  it('is relayed whatever its document is called', async () => {
    await serve([policy(table, { relay })], { table: () => {} });
    const utf8 = Buffer.from('größe').toString('latin1');
    const long = 'ä'.repeat(750);
    expect(await relayed('users/100%', change('100%'))).toBe(202);
    expect(await relayed(`users/${utf8}`, change('größe'))).toBe(202);
    expect(await relayed(`users/${encodeURIComponent(long)}`, change(long))).toBe(202);
    expectTaken();
    const [percent, plain, cut] = google.published;
    expect(percent?.orderingKey).toBe('users/100%');
    expect(plain?.orderingKey).toBe('users/größe');
    expect(cut?.attributes).toEqual({
      'polyfaas-ce-id': 'e1',
      'polyfaas-ce-time': '2026-01-02T03:04:05Z',
    });
    expect(cut?.orderingKey).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has the key that Firestore wrote, whatever became of it in a header', async () => {
    const keys: unknown[] = [];
    const { push } = await serve([policy(table, { source: 'users' })], {
      table: (batch: { records: readonly { key: unknown }[] }) =>
        void keys.push(...batch.records.map(({ key }) => key)),
    });
    await push(PATH, { bytes: change('größe'), attributes: { 'polyfaas-ce-document': 'users/x' } });
    await push(PATH, { bytes: change('ä'.repeat(750)) });
    expect(keys).toEqual([{ id: 'größe' }, { id: 'ä'.repeat(750) }]);
  });
});

describe('an asynchronous call', () => {
  const rules = {
    maxAttempts: 2,
    maxAgeSeconds: 60,
    topic: { topic: 'projects/p/topics/async' },
    onSuccess: null,
    onFailure: null,
  };
  const call = (sentAt: string) => ({
    data: { input: 1 },
    attributes: { 'polyfaas-request-id': 'r1', 'polyfaas-sent-at': sentAt },
  });

  it('of somebody whose clock is behind is not too old', async () => {
    google.set({ async: rules });
    let calls = 0;
    running = await start(google, { invoke: () => ++calls });
    const { push } = running;
    const behind = new Date(Date.now() - 3_600_000).toISOString();
    expect((await push('/polyfaas/async', call(behind))).status).toBe(200);
    expect(calls).toBe(0);
    const now = new Date().toISOString();
    const sent = { ...call(behind), publishTime: now };
    expect((await push('/polyfaas/async', sent)).status).toBe(200);
    const never = { ...call('never'), publishTime: now };
    expect((await push('/polyfaas/async', never)).status).toBe(200);
    expect(calls).toBe(2);
  });

  it('runs although no instance was free for it so far, or the process ended', async () => {
    google.set({ async: rules });
    let calls = 0;
    running = await start(google, { invoke: () => ++calls });
    const late = { ...call(new Date().toISOString()), attempt: 5 };
    expect((await running.push('/polyfaas/async', late)).status).toBe(200);
    expect(calls).toBe(1);
  });

  it('waits for rules that were made just now', async () => {
    running = await start(google, { invoke: () => 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    google.set({ async: rules });
    const sent = call(new Date().toISOString());
    expect((await running.push('/polyfaas/async', sent)).status).toBe(200);
  });
});

describe('a line of the log', () => {
  it('stays whole when it is long', async () => {
    const { push, lines } = await serve([policy()], {
      queue: (_: unknown, context: { log: { info(text: string, fields: object): void } }) => {
        context.log.info('ü'.repeat(300_000), { text: '\u0001'.repeat(300_000) });
        context.log.info('kept', { text: 'x'.repeat(100_000) });
      },
    });
    await push(PATH, { attempt: 1 });
    const [long, kept] = lines.filter(({ polyfaas }) => polyfaas === 'log');
    expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThan(256_000);
    expect(long?.['message']).toMatch(/^ü+\.\.\. \(300000 characters\)$/);
    expect(long).toMatchObject({ requestId: 'm1', severity: 'INFO' });
    const shortened = /^x{11000,12000}\.\.\. \(\d+ characters left out\)$/;
    expect(kept?.['fields']).toEqual({ text: expect.stringMatching(shortened) });
  });
});
