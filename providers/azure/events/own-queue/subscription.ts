/** Event subscriptions: what lets Event Grid put events into the queue of a binding. */
import { sameJson, type CallContext, type FromRef, type JsonObject } from 'polyfaas/spi';
import { again } from '../../arm/turn.ts';
import { listAt, numberAt, objectAt, textAt } from '../../arm/json.ts';
import { EVENT_API } from '../api-versions.ts';
import { isUnderWay, put, read, refusal, stateOf, type Resource, readAll } from '../arm.ts';
import type { AzureClients } from '../../clients/index.ts';
import type { Executor } from '../../model.ts';
import { ownershipTags, sameId } from '../../names.ts';
import type { AdvancedFilter } from '../bus/advanced-filters.ts';
import { done, inputOf, type Where } from '../steps.ts';
import type { Destination } from './plan.ts';

/** As it is on the wire. */
export interface EventFilter {
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  readonly subjectEndsWith?: string;
  readonly isSubjectCaseSensitive?: boolean;
  readonly advancedFilters?: readonly AdvancedFilter[];
  readonly enableAdvancedFilteringOnArrays?: boolean;
}

export interface EventSubscriptionWish {
  /** The ARM id of the topic; that of a system topic is told by a step. */
  readonly topicId: string | FromRef;
  readonly name: string;
  readonly bindingId: string;
  readonly queue: Destination;
  readonly filter: EventFilter;
}

/** The event subscription of that name in a topic, or in a system topic. */
export function eventSubscription(topicId: string, name: string): Resource {
  return { path: `${topicId}/eventSubscriptions/${name}`, apiVersion: EVENT_API.eventGrid };
}

/** Event Grid tries for a day, 30 times at most ("Event Grid message delivery and retry"). */
const RETRY = { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 };

/** Without it, events that no function takes are gone after 7 days (Event Grid, "Storage queue as an event handler"). */
const FOR_EVER = -1;

/** Subscribes, or changes the subscription to what is wished. */
export const putEventSubscription: Executor = async (azure, step, call) => {
  const { target, subscription } = inputOf<{
    subscription: EventSubscriptionWish & { readonly topicId: string };
  }>(step);
  const { topicId, name } = subscription;
  const resource = eventSubscription(topicId, name);
  const body = { properties: wished(target, subscription) };
  if (!isUnderWay(call)) {
    const found = await read(azure, resource, call);
    if (found !== undefined) {
      refuseStranger(target, subscription, found);
      const state = stateOf(found);
      if (state === 'making' || state === 'deleting')
        return again(call, { stage: `it is ${state}` });
      if (state === 'ready' && isAsWished(found, body.properties)) return done();
    }
  }
  return await put(azure, resource, body, call, 'subscribing');
};

function wished(target: Where, { queue, filter }: EventSubscriptionWish) {
  const { accountId, undelivered } = queue;
  return {
    destination: {
      endpointType: 'StorageQueue',
      properties: {
        resourceId: accountId,
        queueName: queue.queue,
        queueMessageTimeToLiveInSeconds: FOR_EVER,
      },
    },
    filter,
    labels: labelsOf(target),
    // What the code inside decodes.
    eventDeliverySchema: 'CloudEventSchemaV1_0',
    retryPolicy: RETRY,
    deadLetterDestination: {
      endpointType: 'StorageBlob',
      properties: { resourceId: accountId, blobContainerName: undelivered },
    },
  };
}

/** Subscriptions have no tags, but labels. */
export function labelsOf({ ref }: Pick<Where, 'ref'>): readonly string[] {
  return Object.entries(ownershipTags(ref)).map(([key, value]) => `${key}=${value}`);
}

export function isLabelled(target: Pick<Where, 'ref'>, body: JsonObject): boolean {
  const labels = listAt(body, 'properties', 'labels');
  return labelsOf(target).every((label) => labels.includes(label));
}

function refuseStranger(
  target: Where,
  { name, bindingId, topicId }: EventSubscriptionWish & { readonly topicId: string },
  found: JsonObject,
): void {
  if (isLabelled(target, found)) return;
  throw refusal(
    target,
    'ALREADY_EXISTS',
    `events.${bindingId}: ${topicId} has an event subscription "${name}" that does not belong to this function. Delete it, or give the event another id.`,
  );
}

/** What the service adds by itself is no difference. */
function isAsWished(found: JsonObject, wish: ReturnType<typeof wished>): boolean {
  const present = objectAt(found, 'properties', 'filter');
  const queue = objectAt(found, 'properties', 'destination', 'properties');
  const wanted = wish.destination.properties;
  return (
    textAt(queue, 'queueName') === wanted.queueName &&
    numberAt(queue, 'queueMessageTimeToLiveInSeconds') === FOR_EVER &&
    sameId(textAt(queue, 'resourceId') ?? '', wanted.resourceId) &&
    FILTER_KEYS.every((key) => sameFilter(wish.filter[key], present[key]))
  );
}

const FILTER_KEYS = [
  'includedEventTypes',
  'subjectBeginsWith',
  'subjectEndsWith',
  'isSubjectCaseSensitive',
  'advancedFilters',
] as const;

/** Nothing, an empty text, an empty list and false are the same. */
function sameFilter(wanted: unknown, present: unknown): boolean {
  return sameJson(normal(wanted), normal(present));
}

function normal(value: unknown): unknown {
  const isNothing =
    value === undefined ||
    value === null ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0);
  return isNothing ? null : value;
}

/** True when a topic has subscriptions left. */
export async function hasSubscriptions(
  azure: AzureClients,
  topicId: string,
  call: CallContext,
): Promise<boolean> {
  const path = `${topicId}/eventSubscriptions`;
  const left = await readAll(azure, { path, apiVersion: EVENT_API.eventGrid }, call);
  return left.length > 0;
}
