/** What is posted to a topic: `POST /{topic}/api/events`. */
import { guidOf } from '../core/guid.ts';
import { textOf, type JsonMap } from '../core/json.ts';
import type { WireReply, World } from '../core/ports.ts';
import { ArmFault, type PlaneRequest } from '../core/service.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import type { GridEvent } from './events.ts';
import { readEvents } from './read-events.ts';
import type { TopicKeys } from './topics.ts';

export interface PublishParts {
  readonly world: World;
  /** A topic that takes events now. */
  readonly topic: (name: string) => Resource | undefined;
  readonly keys: TopicKeys;
  readonly accept: (topic: Resource, events: readonly GridEvent[]) => void;
}

/** EventGrid Data Sender. */
const SENDERS = ['d5a91429-5739-47e2-a06b-3470a27159e7'];
/** Of a request, and of one event of it. */
const MAX_REQUEST_BYTES = 1_536_000;
const MAX_EVENT_BYTES = 1_049_600;

export function publish(parts: PublishParts, request: PlaneRequest): WireReply {
  const [path = ''] = request.url.split('?');
  const [, name = '', ...rest] = path.split('/').map((part) => decodeURIComponent(part));
  const topic = parts.topic(name);
  const { clock } = parts.world;
  const refuse = (status: number, code: string, message: string): ArmFault => {
    const at = new Date(clock.now()).toISOString();
    const report = `Report '${guidOf(`${message} ${at}`)}:0:${at} (UTC)' to our forums for assistance or raise a support ticket.`;
    const told = `${message} ${report}`;
    return new ArmFault(status, code, told, { fields: { details: [{ code, message: told }] } });
  };
  // The true service has a host name for each topic, which nobody could resolve.
  if (!topic || rest.join('/').toLowerCase() !== 'api/events') {
    throw refuse(404, 'NotFound', `There is no topic '${name}' at '${path}'.`);
  }
  if (request.method !== 'POST') {
    throw refuse(405, 'MethodNotAllowed', `The method ${request.method} is not allowed.`);
  }
  authorize(parts, request, topic, refuse);
  if (request.body.length > MAX_REQUEST_BYTES) throw tooLarge(refuse, MAX_REQUEST_BYTES);
  const schema = textOf(topic.properties['inputSchema']);
  const events = readEvents(schema, request, topic.id, (message) =>
    refuse(400, 'BadRequest', message),
  );
  if (events.some(({ body }) => sizeOf(body) > MAX_EVENT_BYTES)) {
    throw tooLarge(refuse, MAX_EVENT_BYTES);
  }
  parts.accept(topic, events);
  return { status: 200 };
}

type Refuse = (status: number, code: string, message: string) => ArmFault;

function authorize(
  { world, keys }: PublishParts,
  { headers, caller }: PlaneRequest,
  topic: Resource,
  refuse: Refuse,
): void {
  const unauthorized = (message: string): ArmFault => refuse(401, 'Unauthorized', message);
  const key = headers['aeg-sas-key'];
  if (key !== undefined) {
    if (topic.properties['disableLocalAuth'] === true) {
      throw unauthorized('Local authentication is disabled for this resource.');
    }
    if (key === '') throw refuse(400, 'BadRequest', 'Request must have a value for aeg-sas-key.');
    if (Object.values(keys.of(topic)).includes(key)) return;
    throw unauthorized(`The request authorization key is not authorized for ${topic.name}.`);
  }
  if (headers['authorization'] === undefined) {
    throw unauthorized(
      'Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key.',
    );
  }
  if (!caller) throw unauthorized('The access token of the request is not valid.');
  if (world.roles.allows(caller, topic.id, SENDERS)) return;
  throw unauthorized(
    `The principal associated with access token presented with the incoming request does not have permission to send data to ${topic.id}.`,
  );
}

function sizeOf(body: JsonMap): number {
  return Buffer.byteLength(JSON.stringify(body));
}

function tooLarge(refuse: Refuse, most: number): ArmFault {
  return refuse(413, 'RequestEntityTooLarge', `The maximum size (${most}) has been exceeded.`);
}
