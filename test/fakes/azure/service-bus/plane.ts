/**
 * The REST API that messages are sent by: `POST /{namespace}/{entity}/messages`.
 * https://learn.microsoft.com/rest/api/servicebus/send-message-to-queue
 */
import { guidOf } from '../core/guid.ts';
import { isMap, textOf, type JsonMap } from '../core/json.ts';
import type { WireReply, World } from '../core/ports.ts';
import type { PlaneRequest } from '../core/service.ts';
import type { Broker } from './broker.ts';
import type { MessageDraft } from './message.ts';
import { skuOf } from './namespaces.ts';
import type { Resource } from './resource-tree/resource.ts';
import type { ResourceTree } from './resource-tree/tree.ts';
import type { SqlValue } from './sql/parse.ts';

export const SENDERS = [
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
  '090c5cfd-751d-490a-894a-3ce6f1109419',
];

/** Headers of HTTP itself, and of its clients: all others are properties of the message. */
const HTTP_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'brokerproperties',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'pragma',
  'sec-fetch-mode',
  'transfer-encoding',
  'user-agent',
]);
/** What the headers of a message may come to, and the message itself, on other tiers than Premium. */
const MAX_BYTES = 262_144;
const MAX_PREMIUM_BYTES = 1_048_576;

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class ServiceBusPlane {
  readonly #world: World;
  readonly #tree: ResourceTree;
  readonly #broker: Broker;

  constructor(world: World, tree: ResourceTree, broker: Broker) {
    this.#world = world;
    this.#tree = tree;
    this.#broker = broker;
  }

  handle(request: PlaneRequest): WireReply {
    try {
      return this.#send(request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message } = error;
      const at = new Date(this.#world.clock.now()).toISOString();
      const told = `${message} TrackingId:${guidOf(`${request.url} ${at}`)}, Timestamp:${at}`;
      return {
        status,
        headers: { 'content-type': 'application/xml; charset=utf-8' },
        body: `<Error><Code>${status}</Code><Detail>${escaped(told)}</Detail></Error>`,
      };
    }
  }

  #send(request: PlaneRequest): WireReply {
    const [path = ''] = request.url.split('?');
    const [, name = '', ...rest] = path.split('/').map((part) => decodeURIComponent(part));
    const isSending = rest.length > 1 && rest.at(-1)?.toLowerCase() === 'messages';
    const entityName = rest.slice(0, isSending ? -1 : undefined).join('/');
    const namespace = this.#tree.named('Microsoft.ServiceBus/namespaces', name);
    // The true service has a host name for each namespace, which nobody could resolve.
    if (!namespace) throw new Refusal(404, `There is no namespace '${name}'.`);
    this.#authenticate(request);
    if (!isSending || request.method !== 'POST') {
      throw new Refusal(
        request.method === 'POST' ? 404 : 405,
        `The operation ${request.method} ${path} is not supported.`,
      );
    }
    const entity =
      this.#tree.child(namespace, 'queues', entityName) ??
      this.#tree.child(namespace, 'topics', entityName);
    this.#authorize(request, namespace, entity, entityName);
    if (!entity) {
      throw new Refusal(
        404,
        `The messaging entity 'sb://${name}.servicebus.windows.net/${entityName}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.`,
      );
    }
    for (const draft of this.#drafts(request, namespace, entity)) this.#broker.send(entity, draft);
    return { status: 201 };
  }

  #authenticate({ headers, caller }: PlaneRequest): void {
    if (headers['authorization'] === undefined) {
      throw new Refusal(401, 'MissingToken: The authorization header was not found.');
    }
    if (!caller) {
      throw new Refusal(401, 'InvalidIssuer: Token issuer is invalid, or the token has expired.');
    }
  }

  #authorize(
    { caller }: PlaneRequest,
    namespace: Resource,
    entity: Resource | undefined,
    entityName: string,
  ): void {
    const scope = entity?.id ?? namespace.id;
    if (caller && this.#world.roles.allows(caller, scope, SENDERS)) return;
    throw new Refusal(
      401,
      `Unauthorized access. 'Send' claim(s) are required to perform this operation. Resource: 'sb://${namespace.name}.servicebus.windows.net/${entityName}'.`,
    );
  }

  #drafts(request: PlaneRequest, namespace: Resource, entity: Resource): readonly MessageDraft[] {
    const { headers, body } = request;
    const own = Object.entries(headers).filter(([name]) => !HTTP_HEADERS.has(name));
    const bytes = own.reduce((sum, [key, value]) => sum + key.length + value.length, body.length);
    const most = skuOf(namespace) === 'Premium' ? MAX_PREMIUM_BYTES : MAX_BYTES;
    if (bytes > most) {
      throw new Refusal(
        413,
        `The received message (size: ${bytes} bytes) exceeds the limit (${most} bytes) currently allowed on the link.`,
      );
    }
    if (headers['content-type']?.startsWith(BATCH) === true) {
      return batchOf(body.toString()).map((one) =>
        this.#draft(request, entity, {
          body: textOf(one['Body']),
          contentType: undefined,
          broker: mapOf(one['BrokerProperties']),
          properties: Object.fromEntries(
            Object.entries(mapOf(one['UserProperties'])).flatMap(([name, value]) =>
              isPlain(value) ? [[name, value] as const] : [],
            ),
          ),
        }),
      );
    }
    return [
      this.#draft(request, entity, {
        body: body.toString(),
        contentType: headers['content-type'],
        broker: brokerProperties(headers['brokerproperties']),
        properties: Object.fromEntries(own.map(([name, value]) => [name, propertyValue(value)])),
      }),
    ];
  }

  #draft({ url }: PlaneRequest, entity: Resource, message: Message): MessageDraft {
    const { broker } = message;
    const text = (name: string): string | undefined => textOf(broker[name]) || undefined;
    const sessionId = text('SessionId');
    if (entity.properties['requiresSession'] === true && sessionId === undefined) {
      throw new Refusal(
        400,
        'The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.',
      );
    }
    const now = this.#world.clock.now();
    const seconds = Number(broker['TimeToLive']);
    return {
      body: message.body,
      messageId: text('MessageId') ?? guidOf(`${url} ${now} ${(this.#sent += 1)}`),
      contentType: message.contentType,
      subject: text('Label'),
      sessionId,
      correlationId: text('CorrelationId'),
      to: text('To'),
      replyTo: text('ReplyTo'),
      applicationProperties: message.properties,
      enqueueAt: scheduledAt(broker['ScheduledEnqueueTimeUtc']) ?? now,
      timeToLiveMs: seconds > 0 ? seconds * 1000 : undefined,
    };
  }

  #sent = 0;
}

/** A message as it was sent: alone, or in a batch. */
interface Message {
  readonly body: string;
  readonly contentType: string | undefined;
  readonly broker: JsonMap;
  readonly properties: Readonly<Record<string, SqlValue>>;
}

/** https://learn.microsoft.com/rest/api/servicebus/send-message-batch */
const BATCH = 'application/vnd.microsoft.servicebus.json';

function batchOf(text: string): readonly JsonMap[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed) && parsed.length > 0 && parsed.every(isMap)) return parsed;
  } catch {
    // Told below.
  }
  throw new Refusal(400, 'The body is not a JSON list of messages.');
}

function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function brokerProperties(header: string | undefined): JsonMap {
  if (header === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(header);
    if (isMap(parsed)) return parsed;
  } catch {
    // Told below.
  }
  throw new Refusal(400, 'The BrokerProperties header is not a JSON object.');
}

function scheduledAt(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  // RFC 1123, as `Date.toUTCString` writes it, or ISO 8601.
  const time = Date.parse(textOf(value));
  if (!Number.isNaN(time)) return time;
  throw new Refusal(
    400,
    'The BrokerProperties header has a ScheduledEnqueueTimeUtc that is no time.',
  );
}

/** Texts are quoted; numbers and booleans are not. What is neither is a text as it stands. */
function propertyValue(header: string): SqlValue {
  try {
    const value: unknown = JSON.parse(header);
    return isPlain(value) ? value : header;
  } catch {
    return header;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
