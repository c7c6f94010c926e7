/**
 * Objects in containers of Azure Storage: the account's system topic of Event Grid puts its events into a queue of the
 * binding's own, in the function app's own storage account, and the function reads that queue.
 *
 * A message of that queue is base64 of one event as CloudEvents 1.0 writes it: `type` is
 * `Microsoft.Storage.BlobCreated` or `Microsoft.Storage.BlobDeleted`; `subject` is
 * `/blobServices/default/containers/<container>/blobs/<key>`, the key as it is; `data` has `contentType`,
 * `contentLength`, `eTag` and `sequencer` ("Azure Blob Storage as an Event Grid source").
 */
import {
  deadLetterParts,
  NO_PARTS,
  type BindingParts,
  type EventOf,
  type PlanContext,
} from '../context.ts';
import { eventSubscriptionIdOf, idKey } from '../arm-id.ts';
import { planOwnQueue } from '../own-queue/plan.ts';
import { subscriptionName, systemTopicId } from '../names.ts';
import { containerSource } from '../source.ts';
import { eventStep } from '../steps.ts';
import type { EventFilter, EventSubscriptionWish } from '../own-queue/subscription.ts';

const EVENT_TYPES = {
  created: 'Microsoft.Storage.BlobCreated',
  deleted: 'Microsoft.Storage.BlobDeleted',
} as const;

export function planObject(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'object'>,
): BindingParts {
  const { target } = context;
  const source = containerSource(context, event.bucket);
  const dead = deadLetterParts(context, event);
  const always = {
    ...NO_PARTS,
    uses: [...dead.uses, { source, field: 'bucket', create: event.create }],
    roles: dead.roles,
    source: source.name,
    deadLetter: dead.deadLetter,
  };
  if (!event.enabled) return always;
  const own = planOwnQueue(context, bindingId);
  const name = subscriptionName(target, bindingId);
  const topicStep = `event-${bindingId}-topic`;
  const subscription: EventSubscriptionWish = {
    topicId: { $from: `${topicStep}.topicId` },
    name,
    bindingId,
    queue: own.destination,
    filter: objectFilter(source.name, event),
  };
  const made = {
    kind: 'eventSubscription',
    id: eventSubscriptionIdOf(source.hostId, name),
  } as const;
  return {
    ...always,
    ...own.parts,
    bound: [
      // The subscription goes before its queue, and the system topic after it.
      made,
      ...own.parts.bound,
      { kind: 'systemTopic', id: systemTopicId(source.hostId) },
    ],
    after: [
      eventStep(target, {
        id: topicStep,
        kind: 'ensure-system-topic',
        title: `Have events of the storage account of "${source.name}" told`,
        phase: 'bind',
        input: { accountId: source.hostId, topicId: systemTopicId(source.hostId) },
        locks: [`system-topic:${idKey(systemTopicId(source.hostId))}`],
      }),
      eventStep(target, {
        id: `event-${bindingId}-bind`,
        kind: 'put-event-subscription',
        title: `Subscribe to the objects of "${source.name}"`,
        phase: 'bind',
        input: { subscription, made },
      }),
    ],
  };
}

/** What Event Grid lets through; both ends are compared with regard to case. */
export function objectFilter(
  container: string,
  { on, prefix, suffix }: Pick<EventOf<'object'>, 'on' | 'prefix' | 'suffix'>,
): EventFilter {
  return {
    includedEventTypes: on.map((one) => EVENT_TYPES[one]),
    subjectBeginsWith: `/blobServices/default/containers/${container}/blobs/${prefix}`,
    subjectEndsWith: suffix,
    isSubjectCaseSensitive: true,
  };
}
