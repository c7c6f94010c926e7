import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childText, readXml } from '../../fakes/aws/core/xml.ts';
import type { Caller } from '../../fakes/azure/core/ports.ts';
import { accountId, Scene } from './support.ts';

let scene: Scene;
const QUEUE = '/shopdata/jobs';
const MESSAGES = `${QUEUE}/messages`;
const DAY = 86_400_000;

beforeEach(async () => {
  scene = await new Scene().start();
  await scene.account('shopdata');
  await scene.queue('PUT', QUEUE);
});
afterEach(() => scene.stop());

interface Message {
  readonly id: string;
  readonly receipt: string;
  readonly count: number;
  readonly text: string | undefined;
}

function messagesOf(xml: string): readonly Message[] {
  return readXml(xml).children.map((node) => ({
    id: childText(node, 'MessageId') ?? '',
    receipt: childText(node, 'PopReceipt') ?? '',
    count: Number(childText(node, 'DequeueCount') ?? '0'),
    text: childText(node, 'MessageText'),
  }));
}

async function put(text: string, query = ''): Promise<Message> {
  const body = `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`;
  const reply = await scene.queue('POST', `${MESSAGES}${query}`, { body });
  const [message] = reply.status === 201 ? messagesOf(reply.text) : [];
  if (!message) throw new Error(`${reply.status} ${reply.text}`);
  return message;
}

async function get(query = ''): Promise<readonly Message[]> {
  return messagesOf((await scene.queue('GET', `${MESSAGES}${query}`)).text);
}

async function refused(method: string, path: string, body?: string): Promise<string> {
  const reply = await scene.queue(method, path, body === undefined ? {} : { body });
  return `${reply.status} ${reply.headers.get('x-ms-error-code')}`;
}

describe('a queue over the wire', () => {
  it('is made once, and has a name that is good', async () => {
    expect((await scene.queue('PUT', QUEUE)).status).toBe(204);
    const other = await scene.queue('PUT', QUEUE, { headers: { 'x-ms-meta-a': 'b' } });
    expect(other.status).toBe(409);
    expect(other.text).toContain('<Code>QueueAlreadyExists</Code>');
    expect(await refused('PUT', '/shopdata/a_b')).toBe('400 InvalidResourceName');
    expect(await refused('PUT', '/shopdata/ab')).toBe('400 OutOfRangeInput');
    expect((await scene.queue('GET', '/shopdata?comp=list')).text).toContain('<Name>jobs</Name>');
    await put('a');
    const metadata = await scene.queue('GET', `${QUEUE}?comp=metadata`);
    expect(metadata.headers.get('x-ms-approximate-messages-count')).toBe('1');
    expect((await scene.queue('DELETE', QUEUE)).status).toBe(204);
    expect(await refused('DELETE', QUEUE)).toBe('404 QueueNotFound');
    expect(await refused('PUT', QUEUE)).toBe('409 QueueBeingDeleted');
    expect(await refused('GET', MESSAGES)).toBe('404 QueueNotFound');
  });

  it('hides a message that was got, until it is deleted or its time is over', async () => {
    await put('first');
    const [message] = await get('?visibilitytimeout=60');
    expect(message).toMatchObject({ text: 'first', count: 1 });
    expect(await get()).toEqual([]);
    await scene.clock.advance(60_000);
    const [again] = await get();
    expect(again).toMatchObject({ id: message?.id, count: 2 });
    const path = (receipt = ''): string =>
      `${MESSAGES}/${message?.id}?popreceipt=${encodeURIComponent(receipt)}`;
    expect(await refused('DELETE', path(message?.receipt))).toBe('400 PopReceiptMismatch');
    expect((await scene.queue('DELETE', path(again?.receipt))).status).toBe(204);
    expect(await refused('DELETE', path(again?.receipt))).toBe('404 MessageNotFound');
    expect(await refused('DELETE', `${MESSAGES}/${message?.id}`)).toBe(
      '400 MissingRequiredQueryParameter',
    );
  });

  it('changes a message, and with it the receipt', async () => {
    await put('first');
    const [message] = await get();
    const receipt = encodeURIComponent(message?.receipt ?? '');
    const path = `${MESSAGES}/${message?.id}?popreceipt=${receipt}&visibilitytimeout=5`;
    const body = '<QueueMessage><MessageText>second</MessageText></QueueMessage>';
    const reply = await scene.queue('PUT', path, { body });
    expect(reply.status).toBe(204);
    expect(reply.headers.get('x-ms-popreceipt')).not.toBe(message?.receipt);
    expect(await refused('PUT', path)).toBe('400 PopReceiptMismatch');
    await scene.clock.advance(5_000);
    expect(await get('?peekonly=true')).toMatchObject([{ text: 'second', count: 1, receipt: '' }]);
  });

  it('delays messages, and forgets them after seven days or as they say', async () => {
    await put('late', '?visibilitytimeout=30');
    await put('short', '?messagettl=10');
    await put('for ever', '?messagettl=-1');
    expect((await get('?peekonly=true&numofmessages=32')).map(({ text }) => text)).toEqual([
      'short',
      'for ever',
    ]);
    await scene.clock.advance(30_000);
    expect((await get('?peekonly=true&numofmessages=32')).map(({ text }) => text)).toEqual([
      'late',
      'for ever',
    ]);
    await scene.clock.advance(7 * DAY);
    expect(scene.world.queues.peek('shopdata', 'jobs').map(({ text }) => text)).toEqual([
      'for ever',
    ]);
  });

  it('refuses what is out of range', async () => {
    const body = '<QueueMessage><MessageText>a</MessageText></QueueMessage>';
    const tooLong = body.replace('>a<', `>${'a'.repeat(65_537)}<`);
    expect(await refused('POST', MESSAGES, tooLong)).toBe('413 RequestBodyTooLarge');
    expect((await put('a'.repeat(65_536))).id).not.toBe('');
    expect(await refused('POST', MESSAGES, '<QueueMessage>')).toBe('400 InvalidXmlDocument');
    expect(await refused('POST', `${MESSAGES}?visibilitytimeout=604801`, body)).toBe(
      '400 OutOfRangeQueryParameterValue',
    );
    expect(await refused('POST', `${MESSAGES}?visibilitytimeout=9&messagettl=9`, body)).toBe(
      '400 InvalidQueryParameterValue',
    );
    expect(await refused('GET', `${MESSAGES}?numofmessages=33`)).toBe(
      '400 OutOfRangeQueryParameterValue',
    );
    expect(await refused('POST', '/shopdata/none/messages', body)).toBe('404 QueueNotFound');
    const headers = {
      authorization: `Bearer ${scene.token({ kind: 'observer', principalId: '' })}`,
    };
    const reply = await fetch(`${scene.world.planes.queue}${MESSAGES}`, { headers });
    expect(reply.headers.get('x-ms-error-code')).toBe('MissingRequiredHeader');
    const nobody = await fetch(`${scene.world.planes.queue}${MESSAGES}`);
    expect(nobody.status).toBe(403);
  });

  it('is open to those whose roles say so', async () => {
    const caller: Caller = { kind: 'identity', principalId: 'worker' };
    const scope = `${accountId('shopdata')}/queueServices/default/queues/jobs`;
    const body = '<QueueMessage><MessageText>a</MessageText></QueueMessage>';
    const may = async (): Promise<readonly number[]> => [
      (await scene.queue('POST', MESSAGES, { caller, body })).status,
      (await scene.queue('GET', MESSAGES, { caller })).status,
      (await scene.queue('PUT', QUEUE, { caller })).status,
    ];
    expect(await may()).toEqual([403, 403, 403]);
    scene.grant('worker', 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a', scope);
    expect(await may()).toEqual([201, 403, 403]);
    scene.grants.clear();
    scene.grant('worker', '8a0f0c08-91a1-4084-bc3d-661d67233fed', scope);
    expect(await may()).toEqual([403, 200, 403]);
    scene.grant('worker', '974c5e8b-45b9-4653-ba55-5f855dd0fb88', accountId('shopdata'));
    expect(await may()).toEqual([201, 200, 204]);
  });
});

describe('the port of queues', () => {
  it('tells when a message may have become visible', async () => {
    const { queues } = scene.world;
    let told = 0;
    queues.onMessage(() => {
      told += 1;
    });
    queues.put('shopdata', 'jobs', 'now');
    queues.put('shopdata', 'jobs', 'later', { delaySeconds: 10 });
    expect(told).toBe(1);
    expect(queues.nextVisibleAt('shopdata', 'jobs')).toBe(scene.clock.now() + 10_000);
    await scene.clock.advance(10_000);
    expect(told).toBe(2);
    const [first, second] = queues.receive('shopdata', 'jobs', 5, 60);
    expect([first?.text, second?.text]).toEqual(['now', 'later']);
    queues.release('shopdata', 'jobs', first?.messageId ?? '', first?.popReceipt ?? '', 0);
    expect(told).toBe(3);
    expect(queues.delete('shopdata', 'jobs', second?.messageId ?? '', 'other')).toBe(false);
    expect(
      queues.delete('shopdata', 'jobs', second?.messageId ?? '', second?.popReceipt ?? ''),
    ).toBe(true);
    expect(queues.drain('shopdata', 'jobs').map(({ text }) => text)).toEqual(['now']);
    expect(queues.peek('shopdata', 'jobs')).toEqual([]);
    expect(queues.urlOf('shopdata', 'jobs')).toBe(`${scene.world.planes.queue}/shopdata/jobs`);
  });
});
