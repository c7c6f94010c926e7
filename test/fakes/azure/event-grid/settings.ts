/** What an event subscription is told to be. */
import { textOf, type JsonMap } from '../core/json.ts';
import { readFields } from '../service-bus/resource-tree/fields.ts';
import type { Resource } from '../service-bus/resource-tree/resource.ts';
import { STORAGE_EVENT_TYPES } from './blob-events.ts';
import {
  readDeadLetter,
  readDestination,
  shownDeadLetter,
  shownDestination,
  type BlobTarget,
  type Destination,
} from './destinations.ts';
import type { EventSchema } from './events.ts';
import { invalidSubscription, notOffered } from './faults.ts';
import { readFilter, shownFilter, type EventFilter } from './filters.ts';
import { INPUT_SCHEMAS } from './topics.ts';
import { TOPICS } from './types.ts';

export interface SubscriptionSettings {
  readonly destination: Destination;
  readonly filter: EventFilter;
  readonly deadLetter: BlobTarget | undefined;
  readonly schema: EventSchema;
  readonly maxDeliveryAttempts: number;
  readonly timeToLiveMinutes: number;
  readonly labels: readonly string[];
  /** From then on nothing is delivered any more. */
  readonly expiresAt: number;
}

/** Defaults and bounds of the retry policy: https://learn.microsoft.com/azure/event-grid/delivery-and-retry */
const MAX_ATTEMPTS = 30;
const MAX_TTL_MINUTES = 1440;

export function readSettings(sent: JsonMap, topic: Resource, now: number): SubscriptionSettings {
  const fields = readFields(sent, invalidSubscription);
  for (const name of ['deliveryWithResourceIdentity', 'deadLetterWithResourceIdentity']) {
    if (fields.map(name)) throw notOffered(name);
  }
  const isCustom = topic.rules.type === TOPICS;
  const retry = readFields(fields.map('retryPolicy') ?? {}, invalidSubscription);
  return {
    destination: readDestination(fields.map('destination')),
    filter: readFilter(fields.map('filter'), isCustom ? undefined : STORAGE_EVENT_TYPES),
    deadLetter: readDeadLetter(fields.map('deadLetterDestination')),
    schema: readSchema(fields.word('eventDeliverySchema', DELIVERY_SCHEMAS), topic),
    maxDeliveryAttempts: retry.count('maxDeliveryAttempts', 1, MAX_ATTEMPTS) ?? MAX_ATTEMPTS,
    timeToLiveMinutes:
      retry.count('eventTimeToLiveInMinutes', 1, MAX_TTL_MINUTES) ?? MAX_TTL_MINUTES,
    labels: (fields.list('labels') ?? []).map(labelOf),
    expiresAt: readExpiry(fields.text('expirationTimeUtc'), now),
  };
}

export function shownSettings(settings: SubscriptionSettings): JsonMap {
  const { expiresAt } = settings;
  return {
    destination: shownDestination(settings.destination),
    filter: shownFilter(settings.filter),
    labels: settings.labels,
    eventDeliverySchema: settings.schema,
    retryPolicy: {
      maxDeliveryAttempts: settings.maxDeliveryAttempts,
      eventTimeToLiveInMinutes: settings.timeToLiveMinutes,
    },
    deadLetterDestination: shownDeadLetter(settings.deadLetter),
    ...(Number.isFinite(expiresAt) && { expirationTimeUtc: new Date(expiresAt).toISOString() }),
  };
}

const DELIVERY_SCHEMAS = [...INPUT_SCHEMAS, 'CustomInputSchema'] as const;

/** CloudEvents stay what they are. */
function readSchema(
  sent: (typeof DELIVERY_SCHEMAS)[number] | undefined,
  topic: Resource,
): EventSchema {
  const input = textOf(topic.properties['inputSchema']);
  const isCloud = input === 'CloudEventSchemaV1_0';
  const wanted = sent ?? (isCloud ? 'CloudEventSchemaV1_0' : 'EventGridSchema');
  if (wanted === 'CloudEventSchemaV1_0') return wanted;
  if (wanted === 'EventGridSchema' && !isCloud) return wanted;
  throw invalidSubscription(
    `The event delivery schema '${wanted}' is not supported for a topic with the input schema '${input || 'EventGridSchema'}'.`,
  );
}

function labelOf(label: unknown): string {
  if (typeof label === 'string') return label;
  throw invalidSubscription('A label must be a text.');
}

function readExpiry(sent: string | undefined, now: number): number {
  if (sent === undefined) return Number.POSITIVE_INFINITY;
  const at = Date.parse(sent);
  if (at > now) return at;
  throw invalidSubscription(`The expiration time '${sent}' must be in the future.`);
}
