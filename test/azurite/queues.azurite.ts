/**
 * Queues as the adapter and its shim use them, on Azurite and on our fake: their own functions, and what the hosts of
 * functions ask. Both must do the same. As with blobs, who asks is not compared: see `blobs.azurite.ts`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enqueue } from '../../providers/azure/invoke/enqueue.ts';
import { MESSAGE_MARK } from 'polyfaas/function';
import { ASYNC_QUEUE } from '../../providers/azure/manifest.ts';
import { send } from '../../providers/azure/shim/send.ts';
import { callOf } from './deploys.ts';
import { startIdentity, type LocalServer } from './front.ts';
import { SUBJECTS, type Subject } from './subjects.ts';
import { ask, brief, messagesIn, type Answer, type Message } from './wire.ts';

const NEVER = 'Fri, 31 Dec 9999 23:59:59 GMT';
/** Of the text of a message, and so of its base64. */
const MOST_BYTES = 65_536;

describe.each(SUBJECTS)('queues on $name', ({ start }) => {
  let subject: Subject;
  let identity: LocalServer;
  let queues = 0;
  beforeAll(async () => {
    subject = await start();
    identity = await startIdentity(subject.token);
    process.env['IDENTITY_ENDPOINT'] = identity.url;
    process.env['IDENTITY_HEADER'] = 'header';
  });
  afterAll(async () => {
    delete process.env['IDENTITY_ENDPOINT'];
    delete process.env['IDENTITY_HEADER'];
    await identity.stop();
    await subject.stop();
  });

  const at = (path: string, method: string, body?: string, headers = {}): Promise<Answer> =>
    ask(subject, method, `${subject.queues}/${path}`, {
      headers,
      ...(body !== undefined && { body }),
    });

  /** A client for one new queue. */
  async function made(name?: string) {
    queues += 1;
    const queue = name ?? `queue-${queues}`;
    expect(brief(await at(queue, 'PUT'))).toBe('201');
    const one = ({ MessageId = '', PopReceipt = '' }: Message): string =>
      `${queue}/messages/${MessageId}?popreceipt=${encodeURIComponent(PopReceipt)}`;
    return {
      url: `${subject.queues}/${queue}`,
      put: (text: string, query = ''): Promise<Answer> =>
        at(`${queue}/messages${query}`, 'POST', xml(text)),
      get: async (query = ''): Promise<readonly Message[]> => {
        const answer = await at(`${queue}/messages${query}`, 'GET');
        expect(answer).toMatchObject({
          status: 200,
          headers: { 'content-type': 'application/xml' },
        });
        return messagesIn(answer);
      },
      refused: async (query: string): Promise<string> =>
        brief(await at(`${queue}/messages${query}`, 'GET')),
      update: (message: Message, seconds: number, text?: string): Promise<Answer> =>
        at(`${one(message)}&visibilitytimeout=${seconds}`, 'PUT', text && xml(text)),
      delete: async (message: Message): Promise<string> => brief(await at(one(message), 'DELETE')),
    };
  }

  it('take asynchronous invocations of the adapter', async () => {
    const invoke = (input: string): Promise<void> =>
      enqueue(
        subject.azure,
        { app: 'shop', stage: 'dev', name: 'orders' },
        { queueEndpoint: subject.queues },
        { input, mode: 'async', requestId: 'r-1', trace: undefined, idempotent: false },
        callOf(subject),
      );
    await expect(invoke('hello')).rejects.toMatchObject({ status: 404, code: 'QueueNotFound' });
    const queue = await made(ASYNC_QUEUE);
    await invoke('hello <&> wörld');
    const [message, ...more] = await queue.get('?numofmessages=32&visibilitytimeout=60');
    expect(more).toEqual([]);
    expect(message).toMatchObject({ DequeueCount: '1', ExpirationTime: NEVER });
    expect(envelopeOf(message)).toMatchObject({
      [MESSAGE_MARK]: { id: 'r-1', requestId: 'r-1', sentAt: expect.any(String) },
      data: 'hello <&> wörld',
    });
    await expect(invoke('x'.repeat(MOST_BYTES))).rejects.toMatchObject({
      status: 413,
      code: 'RequestBodyTooLarge',
    });
  });

  it('take what the shim sends, at once or later', async () => {
    const queue = await made();
    const target = { service: 'storageQueue', url: queue.url } as const;
    await send(target, { now: 'ü' });
    await send(target, 'later', { delaySeconds: 1.4 });
    await send(target, 'last', { delaySeconds: 10_000_000 });
    const first = await queue.get('?numofmessages=32');
    expect(first.map(envelopeOf)).toEqual([{ now: 'ü' }]);
    await subject.pass(1_100);
    const second = await queue.get('?numofmessages=32');
    expect(second.map(envelopeOf)).toEqual(['later']);
    expect(second[0]).toMatchObject({ ExpirationTime: NEVER, DequeueCount: '1' });
    await expect(send(target, 'x'.repeat(MOST_BYTES))).rejects.toThrow(
      /answered 413 .*RequestBodyTooLarge/s,
    );
    await expect(send({ ...target, url: `${subject.queues}/none` }, 'x')).rejects.toThrow(
      /answered 404 .*QueueNotFound/s,
    );
  });

  it('tell of a message as it was put, received and peeked at', async () => {
    const queue = await made();
    const answer = await queue.put('aGk=', '?visibilitytimeout=0&messagettl=-1');
    expect(answer).toMatchObject({ status: 201, headers: { 'content-type': 'application/xml' } });
    const [put = {}] = messagesIn(answer);
    const told = ['ExpirationTime', 'InsertionTime', 'MessageId', 'PopReceipt', 'TimeNextVisible'];
    expect(Object.keys(put).toSorted()).toEqual(told);
    expect(put['TimeNextVisible']).toBe(put['InsertionTime']);
    const [peeked = {}] = await queue.get('?peekonly=true');
    expect(peeked).toEqual({
      MessageId: put['MessageId'],
      InsertionTime: put['InsertionTime'],
      ExpirationTime: NEVER,
      DequeueCount: '0',
      MessageText: 'aGk=',
    });
    const [got = {}] = await queue.get('?visibilitytimeout=60');
    expect(Object.keys(got).toSorted()).toEqual(
      ['DequeueCount', ...told, 'MessageText'].toSorted(),
    );
    expect(got).toMatchObject({ MessageId: put['MessageId'], MessageText: 'aGk=' });
    expect(got['PopReceipt']).not.toBe(put['PopReceipt']);
    expect(await queue.get()).toEqual([]);
    expect(await queue.get('?peekonly=true')).toEqual([]);
    const [later = {}] = messagesIn(await queue.put('aGk=', '?visibilitytimeout=90'));
    expect(secondsBetween(later, 'InsertionTime', 'TimeNextVisible')).toBe(90);
    expect(secondsBetween(later, 'InsertionTime', 'ExpirationTime')).toBe(7 * 86_400);
  });

  it('give a message again that nobody deleted, and not one that expired', async () => {
    const queue = await made();
    await queue.put('Zmlyc3Q=', '?messagettl=-1');
    await queue.put('c2Vjb25k', '?messagettl=1');
    const both = await queue.get('?numofmessages=2&visibilitytimeout=1');
    expect(both.map(({ MessageText }) => MessageText)).toEqual(['Zmlyc3Q=', 'c2Vjb25k']);
    await subject.pass(1_500);
    const again = await queue.get('?numofmessages=2');
    expect(again).toMatchObject([{ MessageText: 'Zmlyc3Q=', DequeueCount: '2' }]);
    expect(again[0]?.['MessageId']).toBe(both[0]?.['MessageId']);
  });

  it('change and delete a message for who holds it', async () => {
    const queue = await made();
    const [put = {}] = messagesIn(await queue.put('b25l'));
    const [held = {}] = await queue.get();
    const updated = await queue.update(held, 0, 'dHdv');
    expect(updated).toMatchObject({
      status: 204,
      headers: {
        'x-ms-popreceipt': expect.any(String),
        'x-ms-time-next-visible': expect.stringMatching(/GMT$/),
      },
    });
    const [again = {}] = await queue.get();
    expect(again).toMatchObject({ MessageText: 'dHdv', DequeueCount: '2' });
    const hidden = await queue.update(again, 60);
    const now = { ...again, PopReceipt: hidden.headers['x-ms-popreceipt'] ?? '' };
    expect(await queue.get()).toEqual([]);
    for (const old of [put, held, again, { ...again, PopReceipt: 'nonsense' }]) {
      expect(await queue.delete(old)).toBe('400 PopReceiptMismatch');
      expect(brief(await queue.update(old, 0))).toBe('400 PopReceiptMismatch');
    }
    const other = { ...now, MessageId: '00000000-0000-4000-8000-000000000000' };
    expect(await queue.delete(other)).toBe('404 MessageNotFound');
    expect(await queue.delete(now)).toBe('204');
    expect(await queue.delete(now)).toBe('404 MessageNotFound');
    expect(brief(await queue.update(now, 0))).toBe('404 MessageNotFound');
  });

  it('have bounds', async () => {
    const queue = await made();
    const put = async (query: string, text = 'aGk='): Promise<string> =>
      brief(await queue.put(text, query));
    expect(await put('', 'a'.repeat(MOST_BYTES))).toBe('201');
    expect(await put('', 'a'.repeat(MOST_BYTES + 1))).toBe('413 RequestBodyTooLarge');
    expect(await put('', '')).toBe('201');
    expect(await put('?visibilitytimeout=604800&messagettl=-1')).toBe('201');
    const range = '400 OutOfRangeQueryParameterValue';
    expect(await put('?visibilitytimeout=604801&messagettl=-1')).toBe(range);
    expect(await put('?visibilitytimeout=-1')).toBe(range);
    const value = '400 InvalidQueryParameterValue';
    expect(await put('?messagettl=0')).toBe(value);
    expect(await put('?visibilitytimeout=10&messagettl=10')).toBe(value);
    expect(await put('?visibilitytimeout=9&messagettl=10')).toBe('201');
    expect(await queue.refused('?numofmessages=33')).toBe(range);
    expect(await queue.refused('?visibilitytimeout=0')).toBe(range);
    expect(await queue.refused('?visibilitytimeout=604801')).toBe(range);
  });

  it('are made, described, listed and deleted', async () => {
    const { url } = await made('jobs');
    expect(brief(await at('jobs', 'PUT'))).toBe('204');
    expect(brief(await at('jobs', 'PUT', undefined, { 'x-ms-meta-a': '1' }))).toBe(
      '409 QueueAlreadyExists',
    );
    expect(brief(await at('Jobs', 'PUT'))).toBe('400 InvalidResourceName');
    expect(brief(await at('jo--bs', 'PUT'))).toBe('400 InvalidResourceName');
    expect(brief(await at('jo', 'PUT'))).toBe('400 OutOfRangeInput');
    expect(brief(await at('j'.repeat(64), 'PUT'))).toBe('400 OutOfRangeInput');
    await send({ service: 'storageQueue', url }, 1, { delaySeconds: 60 });
    expect(await at('jobs?comp=metadata', 'GET')).toMatchObject({
      status: 200,
      headers: { 'x-ms-approximate-messages-count': '1' },
    });
    expect(brief(await at('jobs?comp=metadata', 'PUT', undefined, { 'x-ms-meta-b': '2' }))).toBe(
      '204',
    );
    expect(brief(await at('jobs/messages', 'DELETE'))).toBe('204');
    expect((await at('jobs?comp=metadata', 'HEAD')).headers).toMatchObject({
      'x-ms-approximate-messages-count': '0',
      'x-ms-meta-b': '2',
    });
    const listed = await at('?comp=list&prefix=job&include=metadata', 'GET');
    expect(listed.text).toContain(
      '<Queue><Name>jobs</Name><Metadata><b>2</b></Metadata></Queue></Queues>',
    );
    expect(brief(await at('jobs', 'DELETE'))).toBe('204');
    expect(brief(await at('jobs', 'DELETE'))).toBe('404 QueueNotFound');
  });

  it('are missing in the same words', async () => {
    const none = '404 QueueNotFound';
    const missing = await at('none/messages', 'POST', xml('aGk='));
    expect(brief(missing)).toBe(none);
    expect(missing.headers['content-type']).toBe('application/xml');
    expect(missing.text).toMatch(
      /<Code>QueueNotFound<\/Code>\s*<Message>The specified queue does not exist/,
    );
    expect(brief(await at('none/messages', 'GET'))).toBe(none);
    expect(brief(await at('none/messages', 'DELETE'))).toBe(none);
    expect(brief(await at('none/messages/x?popreceipt=y', 'DELETE'))).toBe(none);
    expect(brief(await at('none?comp=metadata', 'GET'))).toBe(none);
    expect(brief(await at('none?comp=metadata', 'HEAD'))).toBe(none);
  });
});

function xml(text: string): string {
  return `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`;
}

function envelopeOf(message: Message | undefined): unknown {
  return JSON.parse(Buffer.from(message?.['MessageText'] ?? '', 'base64').toString('utf8'));
}

function secondsBetween(message: Message, from: string, to: string): number {
  return (Date.parse(message[to] ?? '') - Date.parse(message[from] ?? '')) / 1000;
}
