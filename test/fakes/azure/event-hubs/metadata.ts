/** What the worker gets beside the events, as the Event Hubs extension of the Functions host names it. */
import type { TriggerData } from '../core/ports.ts';
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
    PartitionKeyArray: json(records.map(({ partitionKey }) => partitionKey ?? null)),
    OffsetArray: json(records.map(({ offset }) => offset)),
    SequenceNumberArray: json(records.map(({ sequenceNumber }) => sequenceNumber)),
    EnqueuedTimeUtcArray: json(records.map(({ enqueuedAt }) => timeOf(enqueuedAt))),
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
    EnqueuedTimeUtc: json(timeOf(record.enqueuedAt)),
    Properties: json(record.properties),
    SystemProperties: json(systemProperties(record)),
  };
}

/** A body is handed over as the JSON that it is, or as a text. */
export function bodyValue(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function contextOf({ namespace, hub, consumerGroup, partition }: ReadPlace): TriggerData {
  return json({
    FullyQualifiedNamespace: `${namespace}.servicebus.windows.net`,
    EventHubName: hub,
    ConsumerGroup: consumerGroup,
    PartitionId: partition,
  });
}

function systemProperties(record: HubRecord): object {
  return {
    'x-opt-sequence-number': record.sequenceNumber,
    'x-opt-offset': record.offset,
    'x-opt-enqueued-time': timeOf(record.enqueuedAt),
    ...(record.partitionKey !== undefined && { 'x-opt-partition-key': record.partitionKey }),
  };
}

function timeOf(time: number): string {
  return new Date(time).toISOString();
}

function json(value: unknown): TriggerData {
  return { json: JSON.stringify(value) };
}
