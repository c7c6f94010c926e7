/**
 * Notifications of buckets: what happens in them, published to topics.
 * https://cloud.google.com/storage/docs/pubsub-notifications
 */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { etagOf, objectView, timeOf, type Bucket, type StoredObject } from './bucket.ts';
import { invalid, required } from './faults.ts';
import { checkBody } from './fields.ts';
import { mayPublish, serviceAgent } from './roles.ts';

export interface Notification {
  readonly id: string;
  /** `projects/p/topics/t` */
  readonly topic: string;
  /** Empty: all. */
  readonly eventTypes: readonly string[];
  readonly prefix: string;
  readonly hasPayload: boolean;
  readonly customAttributes: Readonly<Record<string, string>>;
}

export interface Happening {
  readonly type: 'OBJECT_FINALIZE' | 'OBJECT_DELETE';
  readonly object: StoredObject;
  /** Of the generation that this one took the place of. */
  readonly overwrote?: string | undefined;
  /** Of the generation that took its place. */
  readonly overwrittenBy?: string | undefined;
}

const TOPIC = /^\/\/pubsub\.googleapis\.com\/(projects\/[^/]+\/topics\/[^/]+)$/;
const TYPES = ['OBJECT_FINALIZE', 'OBJECT_METADATA_UPDATE', 'OBJECT_DELETE', 'OBJECT_ARCHIVE'];
const MAX_OF_BUCKET = 100;
const MAX_OF_TYPE = 10;
const MAX_ATTRIBUTES = 5;

export function readNotification(world: World, bucket: Bucket, body: unknown): Notification {
  const sent = checkBody(body, {
    kind: 'text',
    topic: 'text',
    payload_format: 'text',
    event_types: 'texts',
    object_name_prefix: 'text',
    custom_attributes: 'map',
  });
  const customAttributes = Object.fromEntries(
    Object.entries(mapOf(sent['custom_attributes'])).map(([key, value]) => [key, textOf(value)]),
  );
  const notification = {
    id: String(bucket.lastNotification + 1),
    topic: readTopic(world, textOf(sent['topic'])),
    eventTypes: readTypes(sent['event_types']),
    prefix: textOf(sent['object_name_prefix']),
    hasPayload: readFormat(textOf(sent['payload_format'])),
    customAttributes,
  };
  if (Object.keys(customAttributes).length > MAX_ATTRIBUTES) {
    throw invalid(`A notification has at most ${MAX_ATTRIBUTES} custom attributes.`);
  }
  checkCount(bucket, notification);
  return notification;
}

export function notificationView(
  bucket: string,
  { id, topic, eventTypes, prefix, hasPayload, customAttributes }: Notification,
): JsonMap {
  return {
    kind: 'storage#notification',
    id,
    selfLink: `https://www.googleapis.com/storage/v1/b/${bucket}/notificationConfigs/${id}`,
    topic: `//pubsub.googleapis.com/${topic}`,
    payload_format: formatOf(hasPayload),
    ...(eventTypes.length > 0 && { event_types: eventTypes }),
    ...(prefix !== '' && { object_name_prefix: prefix }),
    ...(Object.keys(customAttributes).length > 0 && { custom_attributes: customAttributes }),
    etag: etagOf(id),
  };
}

/** What cannot be published, because the topic or the grant is gone, is lost. */
export function announce(world: World, bucket: Bucket, happening: Happening): void {
  const { type, object, overwrote, overwrittenBy } = happening;
  for (const one of bucket.notifications.values()) {
    const isWanted = one.eventTypes.length === 0 || one.eventTypes.includes(type);
    if (!isWanted || !object.name.startsWith(one.prefix) || !mayPublish(world, one.topic)) continue;
    world.pubsub.publish(one.topic, [
      {
        data: Buffer.from(one.hasPayload ? JSON.stringify(objectView(object), null, 2) : ''),
        attributes: {
          ...one.customAttributes,
          notificationConfig: `projects/_/buckets/${bucket.name}/notificationConfigs/${one.id}`,
          eventType: type,
          payloadFormat: formatOf(one.hasPayload),
          bucketId: bucket.name,
          objectId: object.name,
          objectGeneration: object.generation,
          eventTime: timeOf(world.clock.now()).replace('Z', '000Z'),
          ...(overwrote !== undefined && { overwroteGeneration: overwrote }),
          ...(overwrittenBy !== undefined && { overwrittenByGeneration: overwrittenBy }),
        },
      },
    ]);
  }
}

function readTopic(world: World, text: string): string {
  if (text === '') throw required('topic');
  const topic = TOPIC.exec(text)?.[1];
  if (topic === undefined) {
    throw invalid(
      "Invalid Google Cloud Pub/Sub topic. It should look like '//pubsub.googleapis.com/projects/*/topics/*'.",
    );
  }
  if (!mayPublish(world, topic)) {
    throw invalid(
      `Cloud Pub/Sub topic '${text}' not found, or user '${serviceAgent(world)}' does not have permission to it.`,
    );
  }
  return topic;
}

function readTypes(types: unknown): readonly string[] {
  const texts = Array.isArray(types) ? types.map(textOf) : [];
  const wrong = texts.find((type) => !TYPES.includes(type));
  if (wrong !== undefined) throw invalid(`Invalid event type: '${wrong}'.`);
  return [...new Set(texts)];
}

function readFormat(format: string): boolean {
  if (format === '') throw required('payload_format');
  if (format !== 'JSON_API_V1' && format !== 'NONE') {
    throw invalid(`Invalid payload format: '${format}'.`);
  }
  return format === 'JSON_API_V1';
}

function formatOf(hasPayload: boolean): string {
  return hasPayload ? 'JSON_API_V1' : 'NONE';
}

function checkCount({ notifications }: Bucket, { eventTypes }: Notification): void {
  const all = [...notifications.values()];
  if (all.length >= MAX_OF_BUCKET) {
    throw invalid(`A bucket has at most ${MAX_OF_BUCKET} notification configurations.`);
  }
  for (const type of eventTypes.length > 0 ? eventTypes : TYPES) {
    const same = all.filter((one) => one.eventTypes.length === 0 || one.eventTypes.includes(type));
    if (same.length >= MAX_OF_TYPE) {
      throw invalid(
        `A bucket has at most ${MAX_OF_TYPE} notification configurations for the event type '${type}'.`,
      );
    }
  }
}
