/** One attempt at delivering an event, and what its outcome means. */
import type { JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { sameId } from '../core/resource-id.ts';
import type { Destination, FunctionDestination, QueueDestination } from './destinations.ts';
import type { EventSchema } from './events.ts';
import { postEvent } from './webhook.ts';

/** Why an attempt failed. */
export interface Failure {
  /** `lastDeliveryOutcome` of a dead letter. */
  readonly outcome: string;
  /** It would fail again: why it is given up. */
  readonly finalReason?: string;
  /** The next attempt is not sooner than this. */
  readonly leastDelayMs: number;
}

const SECOND = 1000;
const MINUTE = 60_000;
/** A message of a queue: 64 KB, as it is in the queue. */
const MAX_MESSAGE_BYTES = 65_536;

/** By status. https://learn.microsoft.com/azure/event-grid/delivery-and-retry#message-delivery-status */
const FAILURES: Readonly<Record<number, Failure>> = {
  400: failure('BadRequest', 5 * MINUTE, 'UndeliverableDueToHttpBadRequest'),
  401: failure('Unauthorized', 5 * MINUTE, 'UndeliverableDueToHttpUnauthorized'),
  403: failure('Forbidden', 5 * MINUTE, 'UndeliverableDueToHttpForbidden'),
  404: failure('NotFound', 5 * MINUTE),
  408: failure('TimedOut', 2 * MINUTE),
  413: failure('PayloadTooLarge', 10 * SECOND, 'UndeliverableDueToHttpRequestEntityTooLarge'),
  503: failure('Busy', 30 * SECOND),
};

export interface Parcel {
  readonly subscriptionName: string;
  readonly destination: Destination;
  readonly schema: EventSchema;
  readonly event: JsonMap;
  /** From 1. */
  readonly attempt: number;
}

/** Undefined when it was taken. */
export async function attempt(world: World, parcel: Parcel): Promise<Failure | undefined> {
  const { destination, event } = parcel;
  if (destination.kind === 'StorageQueue') return ofStatus(putMessage(world, destination, event));
  if (destination.kind === 'AzureFunction') {
    return ofStatus(await invoke(world, destination, event));
  }
  const { subscriptionName: name, schema } = parcel;
  const sent = await postEvent(world.clock, destination.url, {
    name,
    schema,
    event,
    attempt: parcel.attempt,
  });
  if (sent === 'TimedOut') return ofStatus(408);
  return sent === 'SocketError' ? failure(sent, 10 * SECOND) : ofStatus(sent);
}

function ofStatus(status: number): Failure | undefined {
  if (status >= 200 && status <= 204) return undefined;
  return FAILURES[status] ?? failure('GenericError', 10 * SECOND);
}

/** One event to a message, in base64. */
function putMessage(
  world: World,
  { resourceId, account, queue }: QueueDestination,
  event: JsonMap,
): number {
  const isThere = sameId(world.storage.idOf(account) ?? '', resourceId);
  if (!isThere || !world.queues.exists(account, queue)) return 404;
  const text = Buffer.from(JSON.stringify(event)).toString('base64');
  if (text.length > MAX_MESSAGE_BYTES) return 413;
  world.queues.put(account, queue, text);
  return 201;
}

async function invoke(
  world: World,
  { siteId, functionName }: FunctionDestination,
  event: JsonMap,
): Promise<number> {
  const known = world.web.siteIds().find((id) => sameId(id, siteId));
  if (known === undefined) return 404;
  const host = world.web.hostOf(known);
  if (!host) return 503;
  const found = (await host.functions()).find(({ name }) => sameId(name, functionName));
  if (!found) return 404;
  const outcome = await host.invoke({
    functionName: found.name,
    data: { json: JSON.stringify(event) },
    triggerMetadata: { data: { json: JSON.stringify(event['data'] ?? null) } },
  });
  return outcome.ok ? 202 : 500;
}

function failure(outcome: string, leastDelayMs: number, finalReason?: string): Failure {
  return { outcome, leastDelayMs, ...(finalReason !== undefined && { finalReason }) };
}
