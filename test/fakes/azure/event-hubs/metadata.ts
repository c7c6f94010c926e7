/** What the worker gets beside the events, as the Event Hubs extension of the Functions host names it. */
import type { LongNumber, TriggerData } from '../core/ports.ts';
import { textList, zonelessTime } from '../listeners/bindings.ts';
import type { HubRecord } from './partition.ts';

export interface ReadPlace {
  readonly namespace: string;
  readonly hub: string;
  readonly consumerGroup: string;
  readonly partition: string;
}

type Metadata = Readonly<Record<string, TriggerData>>;

export function batchMetadata(records: readonly HubRecord[], place: ReadPlace): Metadata {
  return {
    PartitionContext: contextOf(place),
    PartitionKeyArray: textList(records.map(({ partitionKey }) => partitionKey ?? null)),
    OffsetArray: textList(records.map(({ offset }) => offset)),
    SequenceNumberArray: {
      collectionSint64: { sint64: records.map(({ sequenceNumber }) => longOf(sequenceNumber)) },
    },
    EnqueuedTimeUtcArray: json(records.map(({ enqueuedAt }) => zonelessTime(enqueuedAt))),
    PropertiesArray: json(records.map(({ properties }) => properties)),
    SystemPropertiesArray: json(records.map(systemProperties)),
  };
}

export function singleMetadata(record: HubRecord, place: ReadPlace): Metadata {
  return {
    PartitionContext: contextOf(place),
    ...(record.partitionKey !== undefined && { PartitionKey: { string: record.partitionKey } }),
    Offset: { string: record.offset },
    SequenceNumber: json(record.sequenceNumber),
    EnqueuedTimeUtc: json(zonelessTime(record.enqueuedAt)),
    Properties: json(record.properties),
    SystemProperties: json(systemProperties(record)),
  };
}

function contextOf({ namespace, hub, consumerGroup, partition }: ReadPlace): TriggerData {
  return json({
    FullyQualifiedNamespace: `${namespace}.servicebus.windows.net`,
    EventHubName: hub,
    ConsumerGroup: consumerGroup,
    PartitionId: partition,
  });
}

/** What the service says of an event, under the names of the extension's own. */
function systemProperties(record: HubRecord): object {
  return {
    SequenceNumber: record.sequenceNumber,
    Offset: record.offset,
    PartitionKey: record.partitionKey ?? null,
    EnqueuedTimeUtc: zonelessTime(record.enqueuedAt),
  };
}

/** Workers before 3.16.1 hand numbers of 64 bits over like that (azure-functions-nodejs-worker, issue 844). */
function longOf(value: number): LongNumber {
  return { low: value | 0, high: Math.floor(value / 2 ** 32), unsigned: false };
}

function json(value: unknown): TriggerData {
  return { json: JSON.stringify(value) };
}
