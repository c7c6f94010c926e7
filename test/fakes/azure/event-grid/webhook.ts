/**
 * Requests to webhooks: the handshake that shows that they want events, and events.
 * https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 */
import { guidOf } from '../core/guid.ts';
import { at, type JsonMap } from '../core/json.ts';
import type { FakeClock, World } from '../core/ports.ts';
import { timestamp, type EventSchema } from './events.ts';
import { handshakeFailed } from './faults.ts';

/** Event Grid waits so long for an answer. */
const PATIENCE_MS = 30_000;
const ORIGIN = 'eventgrid.azure.net';

interface HookRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface HookReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Throws the fault of a webhook that does not answer as it should. */
export async function shakeHands(
  world: World,
  url: string,
  subscription: { readonly name: string; readonly topicId: string; readonly schema: EventSchema },
): Promise<void> {
  const base = url.split('?')[0] ?? url;
  const isCloud = subscription.schema === 'CloudEventSchemaV1_0';
  const method = isCloud ? 'OPTIONS' : 'POST';
  const reply = await (isCloud
    ? askForLeave(world.clock, url)
    : askForCode(world, url, subscription));
  if (reply === true) return;
  const status = typeof reply === 'object' ? reply.status : 'Unknown';
  const how = `Http ${method} request ${reply === false ? 'failed' : 'was answered'} with response code ${status}.`;
  throw handshakeFailed(world.clock, base, how);
}

/** What becomes of an event that is sent; a status, or the name of what came instead of one. */
export async function postEvent(
  clock: FakeClock,
  url: string,
  wish: {
    readonly name: string;
    readonly schema: EventSchema;
    readonly event: JsonMap;
    readonly attempt: number;
  },
): Promise<number | 'TimedOut' | 'SocketError'> {
  const isCloud = wish.schema === 'CloudEventSchemaV1_0';
  const type = isCloud ? 'application/cloudevents+json' : 'application/json';
  const sent = await request(clock, url, {
    method: 'POST',
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'aeg-subscription-name': wish.name.toUpperCase(),
      'aeg-delivery-count': String(wish.attempt - 1),
      'aeg-event-type': 'Notification',
    },
    body: isCloud ? wish.event : [wish.event],
  });
  return typeof sent === 'object' ? sent.status : sent;
}

/** True when the code came back; false when nothing did. */
async function askForCode(
  world: World,
  url: string,
  { name, topicId }: { readonly name: string; readonly topicId: string },
): Promise<HookReply | boolean> {
  const now = world.clock.now();
  const validationCode = guidOf(`validation ${topicId} ${name} ${now}`);
  const event = {
    id: guidOf(`validation event ${topicId} ${name} ${now}`),
    topic: topicId,
    subject: '',
    data: {
      validationCode,
      validationUrl: `${world.planes.eventGrid}/validate?id=${validationCode}`,
    },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: timestamp(now),
    metadataVersion: '1',
    dataVersion: '2',
  };
  const reply = await request(world.clock, url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'aeg-subscription-name': name.toUpperCase(),
      'aeg-event-type': 'SubscriptionValidation',
    },
    body: [event],
  });
  if (typeof reply !== 'object') return false;
  return reply.status === 200 && responseIn(reply.text) === validationCode ? true : reply;
}

/** The handshake of CloudEvents: the webhook names the origins that may send to it. */
async function askForLeave(clock: FakeClock, url: string): Promise<HookReply | boolean> {
  const reply = await request(clock, url, {
    method: 'OPTIONS',
    headers: { 'webhook-request-origin': ORIGIN },
  });
  if (typeof reply !== 'object') return false;
  const allowed = reply.headers.get('webhook-allowed-origin') ?? '';
  return reply.status === 200 && [ORIGIN, '*'].includes(allowed) ? true : reply;
}

async function request(
  clock: FakeClock,
  url: string,
  { method, headers, body }: HookRequest,
): Promise<HookReply | 'TimedOut' | 'SocketError'> {
  const patience = new AbortController();
  const cancel = clock.after(PATIENCE_MS, () => patience.abort());
  try {
    const response = await fetch(url, {
      method,
      headers,
      signal: patience.signal,
      redirect: 'manual',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch {
    return patience.signal.aborted ? 'TimedOut' : 'SocketError';
  } finally {
    cancel();
  }
}

function responseIn(text: string): unknown {
  try {
    return at(JSON.parse(text), 'validationResponse');
  } catch {
    return undefined;
  }
}
