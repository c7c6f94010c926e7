/** Events that AWS delivers as `Records`. */
import type {
  ObjectEvent,
  QueueBatch,
  QueueMessage,
  StreamBatch,
  TableBatch,
  TopicMessage,
} from '../../events.ts';
import type { JsonObject, JsonValue } from '../../json.types.ts';
import { attributeMap } from './attribute-value.ts';
import { arn } from './arn.ts';
import { toBase64, utf8 } from './bytes.ts';
import { md5 } from './md5.ts';

/** SQS. */
export function queueEvent(batch: QueueBatch, region: string): JsonObject {
  const eventSourceARN = arn('sqs', region, batch.source);
  return {
    Records: batch.messages.map((message) => sqsRecord(message, eventSourceARN, region)),
  };
}

function sqsRecord(message: QueueMessage, eventSourceARN: string, awsRegion: string): JsonObject {
  const { id, data, time, attempt, group } = message;
  const body = textOf(data);
  const sent = String(Date.parse(time));
  let checksum: string | undefined;
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempt),
      SentTimestamp: sent,
      SenderId: 'polyfaas',
      ApproximateFirstReceiveTimestamp: sent,
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
    messageAttributes: mapValues(message.attributes, (stringValue) => ({
      stringValue,
      stringListValues: [],
      binaryListValues: [],
      dataType: 'String',
    })),
    // Computed when read: few handlers do.
    get md5OfBody(): string {
      checksum ??= md5(body);
      return checksum;
    },
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}

/** SNS. */
export function topicEvent(message: TopicMessage, region: string): JsonObject {
  const topic = arn('sns', region, message.source);
  return {
    Records: [
      {
        EventVersion: '1.0',
        EventSubscriptionArn: `${topic}:polyfaas`,
        EventSource: 'aws:sns',
        Sns: {
          SignatureVersion: '1',
          Timestamp: message.time,
          Signature: '',
          SigningCertUrl: '',
          MessageId: message.id,
          Message: textOf(message.data),
          MessageAttributes: mapValues(message.attributes, (Value) => ({ Type: 'String', Value })),
          Type: 'Notification',
          UnsubscribeUrl: '',
          TopicArn: topic,
          Subject: message.subject ?? null,
        },
      },
    ],
  };
}

/** S3. */
export function objectEvent(event: ObjectEvent, region: string): JsonObject {
  const created = event.type === 'created';
  const etag = event.etag === undefined ? {} : { eTag: event.etag.replaceAll('"', '') };
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: event.time,
        eventName: created ? 'ObjectCreated:Put' : 'ObjectRemoved:Delete',
        userIdentity: { principalId: 'polyfaas' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': event.id, 'x-amz-id-2': event.id },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'polyfaas',
          bucket: {
            name: event.source,
            ownerIdentity: { principalId: 'polyfaas' },
            // The names of buckets are global: no region, no account.
            arn: `arn:aws:s3:::${event.source}`,
          },
          object: {
            key: encodeKey(event.key),
            ...(created ? { size: event.sizeBytes, ...etag } : {}),
            sequencer: Date.parse(event.time).toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      },
    ],
  };
}

/** As S3 writes keys: percent-encoded, a space as `+`, and `/` as it is. */
function encodeKey(key: string): string {
  return encodeURIComponent(key.toWellFormed())
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Kinesis. */
export function streamEvent(batch: StreamBatch, region: string): JsonObject {
  const eventSourceARN = arn('kinesis', region, `stream/${batch.source}`);
  return {
    Records: batch.records.map(({ data, partitionKey, sequenceNumber, time }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber,
        data: toBase64(utf8(textOf(data))),
        approximateArrivalTimestamp: Date.parse(time) / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${batch.shard}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: arn('iam', '', 'role/polyfaas'),
      awsRegion: region,
      eventSourceARN,
    })),
  };
}

const TABLE_EVENT = { insert: 'INSERT', modify: 'MODIFY', remove: 'REMOVE' } as const;

/** A DynamoDB stream. */
export function tableEvent(batch: TableBatch, region: string): JsonObject {
  const eventSourceARN = arn('dynamodb', region, `table/${batch.source}/stream/polyfaas`);
  return {
    Records: batch.records.map(({ sequenceNumber, type, time, key, newImage, oldImage }) => ({
      eventID: sequenceNumber,
      eventName: TABLE_EVENT[type],
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.parse(time) / 1_000),
        Keys: attributeMap(key),
        ...(newImage === undefined ? {} : { NewImage: attributeMap(newImage) }),
        ...(oldImage === undefined ? {} : { OldImage: attributeMap(oldImage) }),
        SequenceNumber: sequenceNumber,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN,
    })),
  };
}

/** A message travels as text: data that is text already goes as it is. */
function textOf(data: JsonValue): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}

function mapValues<Value extends JsonValue>(
  source: Readonly<Record<string, string>>,
  map: (value: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, map(value)]));
}
