/** Where answers may differ: a part of an event, and why. */
import type { JsonValue } from 'polyfaas';

export type Differences = Readonly<Record<string, string>>;

/** Ids and times: no two deliveries share them. And there are no ARNs but on AWS: what stands in their place names the region. */
export const COMMON_DIFFERENCES: Differences = {
  messageId: 'made by the queue',
  receiptHandle: 'made by the queue',
  SentTimestamp: 'a time',
  ApproximateFirstReceiveTimestamp: 'a time',
  MessageId: 'made by the topic',
  Timestamp: 'a time',
  time: 'a time',
  eventTime: 'a time',
  id: 'made by the bus',
  sequencer: 'made by the bucket',
  eTag: 'made by the bucket',
  'x-amz-request-id': 'made by the bucket',
  'x-amz-id-2': 'made by the bucket',
  eventSourceARN: 'an ARN',
  EventSubscriptionArn: 'an ARN',
  TopicArn: 'an ARN',
  resources: 'ARNs',
  region: 'a region',
  awsRegion: 'a region',
};

/** Everything but what is named: that may differ, and must be there on both. */
export function common(value: JsonValue, differences: Differences): JsonValue {
  if (Array.isArray(value)) return value.map((item) => common(item, differences));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const isOfBus = key !== 'id' || 'detail-type' in value;
      const mayDiffer = Object.hasOwn(differences, key) && isOfBus;
      return [key, mayDiffer ? `<${differences[key]}>` : common(item ?? null, differences)];
    }),
  );
}
