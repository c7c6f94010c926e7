/** The data plane of queues. */
import { childText, readXml, writeXml, type XmlNode } from '../../../aws/core/xml.ts';
import type { QueueItem, WireReply, World } from '../../core/ports.ts';
import type { PlaneRequest } from '../../core/service.ts';
import type { Account, Accounts } from '../accounts.ts';
import { addressOf, checkToken, headersOfMetadata, metadataOf, type Address } from '../address.ts';
import { listing, pageOf } from '../blob/container-operations.ts';
import {
  answer,
  authenticationFailed,
  invalidQuery,
  missingQuery,
  outOfRange,
  permissionMismatch,
  StorageFault,
} from '../fault.ts';
import { checkChildName } from '../names.ts';
import { QUEUE_ROLES, queueScope } from '../roles.ts';

const MAX_MESSAGE_BYTES = 65_536;
const WEEK_SECONDS = 7 * 86_400;

export class QueuePlane {
  readonly #world: World;
  readonly #accounts: Accounts;

  constructor(world: World, accounts: Accounts) {
    this.#world = world;
    this.#accounts = accounts;
  }

  handle(request: PlaneRequest): Promise<WireReply> {
    return answer(request, this.#world.clock.now(), () => {
      const address = addressOf(this.#accounts, request.url);
      if (!checkToken(this.#world, request)) {
        throw authenticationFailed('The Authorization header is missing.');
      }
      const { child, rest = '' } = address;
      if (child === undefined) return this.#onAccount(request, address);
      if (rest === '') return this.#onQueue(request, address, child);
      if (rest === 'messages') return this.#onMessages(request, address, child);
      const [, id] = /^messages\/([^/]+)$/.exec(rest) ?? [];
      if (id !== undefined) return this.#onMessage(request, address, child, id);
      throw new StorageFault(
        400,
        'InvalidUri',
        'The requested URI does not represent any resource on the server.',
      );
    });
  }

  #onAccount(request: PlaneRequest, { account, query }: Address): WireReply {
    if (request.method !== 'GET' || query.get('comp') !== 'list') throw unsupported(query);
    this.#authorize(request, account, undefined, QUEUE_ROLES.readQueue);
    const prefix = query.get('prefix') ?? '';
    const withMetadata = (query.get('include') ?? '').split(',').includes('metadata');
    const found = [...account.queues]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([one], [other]) => (one < other ? -1 : 1));
    const page = pageOf(found, query);
    const queues = page.items.map(([name, { metadata }]) =>
      writeXml('Queue', { Name: name, ...(withMetadata && { Metadata: metadata }) }),
    );
    const endpoint = `${this.#world.planes.queue}/${account.name}/`;
    const inner = `<Queues>${queues.join('')}</Queues>`;
    return listing(` ServiceEndpoint="${endpoint}"`, query, inner, page.next);
  }

  #onQueue(request: PlaneRequest, { account, query }: Address, name: string): WireReply {
    const { method } = request;
    const comp = query.get('comp');
    if (method === 'PUT' && comp === null) {
      this.#authorize(request, account, name, QUEUE_ROLES.write);
      return this.#create(account, name, metadataOf(request.headers));
    }
    if (method === 'DELETE' && comp === null) {
      this.#authorize(request, account, name, QUEUE_ROLES.write);
      this.#accounts.removeQueue(account, name);
      return { status: 204 };
    }
    if ((method === 'GET' || method === 'HEAD') && comp === 'metadata') {
      this.#authorize(request, account, name, QUEUE_ROLES.readQueue);
      const queue = account.queue(name);
      const count = String(queue.all().length);
      const headers = headersOfMetadata(queue.metadata);
      return { status: 200, headers: { ...headers, 'x-ms-approximate-messages-count': count } };
    }
    if (method === 'PUT' && comp === 'metadata') {
      this.#authorize(request, account, name, QUEUE_ROLES.write);
      account.queue(name).metadata = metadataOf(request.headers);
      return { status: 204 };
    }
    throw unsupported(query);
  }

  #create(account: Account, name: string, metadata: Readonly<Record<string, string>>): WireReply {
    checkChildName(name);
    const queue = account.queues.get(name);
    if (queue) {
      if (isSame(queue.metadata, metadata)) return { status: 204 };
      throw new StorageFault(409, 'QueueAlreadyExists', 'The specified queue already exists.');
    }
    account.checkFree('q', name, this.#world.clock.now());
    this.#accounts.addQueue(account, name, metadata);
    return { status: 201 };
  }

  #onMessages(request: PlaneRequest, { account, query }: Address, name: string): WireReply {
    const { method } = request;
    if (method === 'POST') {
      this.#authorize(request, account, name, QUEUE_ROLES.add);
      return this.#put(request, account, query, name);
    }
    if (method === 'GET') {
      const isPeek = query.get('peekonly') === 'true';
      const roles = isPeek ? QUEUE_ROLES.read : QUEUE_ROLES.process;
      this.#authorize(request, account, name, roles);
      const queue = account.queue(name);
      const max = numberOf(query, 'numofmessages', 1, 32) ?? 1;
      const visibility = numberOf(query, 'visibilitytimeout', 1, WEEK_SECONDS) ?? 30;
      const items = isPeek ? queue.peek(max) : queue.receive(max, visibility * 1000);
      return messages(
        200,
        items.map((item) => messageOf(item, isPeek ? 'peek' : 'get')),
      );
    }
    if (method === 'DELETE') {
      this.#authorize(request, account, name, QUEUE_ROLES.process);
      account.queue(name).clear();
      return { status: 204 };
    }
    throw unsupported(query);
  }

  #put(request: PlaneRequest, account: Account, query: URLSearchParams, name: string): WireReply {
    const queue = account.queue(name);
    const delay = numberOf(query, 'visibilitytimeout', 0, WEEK_SECONDS) ?? 0;
    const ttl =
      numberOf(query, 'messagettl', Number.NEGATIVE_INFINITY, 2_147_483_647) ?? WEEK_SECONDS;
    if (ttl === 0 || ttl < -1) {
      const reason = 'Value must be greater than or equal to 1, or -1 to indicate an infinite TTL.';
      throw invalidQuery('messagettl', String(ttl), reason);
    }
    if (ttl > 0 && delay >= ttl) {
      const reason = 'messagettl must be greater than visibilitytimeout';
      throw invalidQuery('visibilitytimeout', String(delay), reason);
    }
    const text = textOf(request.body);
    if (text === undefined) {
      throw new StorageFault(
        400,
        'MissingRequiredXmlNode',
        'A required XML node was not specified in the request body.',
        { details: { XmlNodeName: 'MessageText' } },
      );
    }
    const ttlMs = ttl === -1 ? Number.POSITIVE_INFINITY : ttl * 1000;
    return messages(201, [messageOf(queue.put(text, delay * 1000, ttlMs), 'put')]);
  }

  #onMessage(
    request: PlaneRequest,
    { account, query }: Address,
    name: string,
    id: string,
  ): WireReply {
    const { method } = request;
    if (method !== 'DELETE' && method !== 'PUT') throw unsupported(query);
    const roles = method === 'DELETE' ? QUEUE_ROLES.process : QUEUE_ROLES.write;
    this.#authorize(request, account, name, roles);
    const queue = account.queue(name);
    const receipt = query.get('popreceipt');
    if (receipt === null) throw missingQuery('popreceipt');
    if (method === 'DELETE') {
      queue.delete(id, receipt);
      return { status: 204 };
    }
    const visibility = numberOf(query, 'visibilitytimeout', 0, WEEK_SECONDS);
    if (visibility === undefined) throw missingQuery('visibilitytimeout');
    const text = request.body.length > 0 ? textOf(request.body) : undefined;
    const item = queue.update(id, receipt, visibility * 1000, text);
    return {
      status: 204,
      headers: {
        'x-ms-popreceipt': item.popReceipt,
        'x-ms-time-next-visible': new Date(item.nextVisibleAt).toUTCString(),
      },
    };
  }

  #authorize(
    request: PlaneRequest,
    account: Account,
    queue: string | undefined,
    roles: readonly string[],
  ): void {
    const scope = queue === undefined ? account.id : queueScope(account.id, queue);
    if (request.caller && this.#world.roles.allows(request.caller, scope, roles)) return;
    throw permissionMismatch();
  }
}

/** The message's text of the body; a fault when it is too long, or no XML. */
function textOf(body: Buffer): string | undefined {
  let document: XmlNode;
  try {
    document = readXml(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    throw new StorageFault(400, 'InvalidXmlDocument', 'XML specified is not syntactically valid.');
  }
  const text = childText(document, 'MessageText');
  if (Buffer.byteLength(text ?? '') <= MAX_MESSAGE_BYTES) return text;
  throw new StorageFault(
    413,
    'RequestBodyTooLarge',
    'The request body is too large and exceeds the maximum permissible limit.',
    { details: { MaxLimit: String(MAX_MESSAGE_BYTES) } },
  );
}

function messageOf(item: QueueItem, form: 'put' | 'get' | 'peek'): string {
  return writeXml('QueueMessage', {
    MessageId: item.messageId,
    InsertionTime: new Date(item.insertedAt).toUTCString(),
    ExpirationTime: new Date(item.expiresAt).toUTCString(),
    ...(form !== 'peek' && {
      PopReceipt: item.popReceipt,
      TimeNextVisible: new Date(item.nextVisibleAt).toUTCString(),
    }),
    ...(form !== 'put' && { DequeueCount: item.dequeueCount, MessageText: item.text }),
  });
}

function messages(status: number, items: readonly string[]): WireReply {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="utf-8"?><QueueMessagesList>${items.join('')}</QueueMessagesList>`,
  };
}

function numberOf(
  query: URLSearchParams,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^-?\d+$/.test(text)) throw invalidQuery(name, text);
  const value = Number(text);
  if (value < least || value > most) throw outOfRange(name, text, least, most);
  return value;
}

function isSame(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

function unsupported(query: URLSearchParams): StorageFault {
  const comp = query.get('comp');
  if (comp !== null) return invalidQuery('comp', comp);
  return new StorageFault(
    405,
    'UnsupportedHttpVerb',
    "The resource doesn't support specified Http Verb.",
  );
}
