/**
 * The normal form of every event: what a handler sees, whatever the platform sent.
 * Attribute names follow CloudEvents 1.0 (`id`, `source`, `type`, `time`, `data`, `subject`).
 */
import type { JsonReceived } from './json-problem.types.ts';
import type { JsonObject, JsonValue } from './json.types.ts';

/** The kinds of event that can be bound to a function. */
export type EventKind =
  | 'http'
  | 'schedule'
  | 'queue'
  | 'topic'
  | 'object'
  | 'stream'
  | 'table'
  | 'bus';

/** The kinds of call that a handler can take: every event kind, and the direct `invoke`. */
export type HandlerKind = EventKind | 'invoke';

/** All handler kinds, in the order in which documentation and errors name them. */
export const HANDLER_KINDS: readonly HandlerKind[] = [
  'invoke',
  'http',
  'schedule',
  'queue',
  'topic',
  'object',
  'stream',
  'table',
  'bus',
];

/** One firing of a schedule. */
export interface ScheduleTick {
  /** Unique to this firing; the same on a retry. */
  readonly id: string;
  /** The binding's id. */
  readonly source: string;
  /** When it was due, RFC 3339 in UTC. */
  readonly scheduledTime: string;
  /** When it was sent, RFC 3339 in UTC. */
  readonly time: string;
  /** The `input` of the binding, or `null`. */
  readonly data: JsonValue;
}

/** One message of a queue. */
export interface QueueMessage<Data extends JsonReceived<Data> = JsonValue> {
  readonly id: string;
  readonly data: Data;
  /** String attributes the sender gave. */
  readonly attributes: Readonly<Record<string, string>>;
  /** When it was sent, RFC 3339 in UTC. */
  readonly time: string;
  /** 1 on the first delivery. */
  readonly attempt: number;
  /** The ordering group, on a source that orders. */
  readonly group?: string;
}

/** Up to `batchSize` messages of one queue. */
export interface QueueBatch<Data extends JsonReceived<Data> = JsonValue> {
  /** The queue's plain name. */
  readonly source: string;
  readonly messages: readonly QueueMessage<Data>[];
}

/** What a queue handler may answer: the ids to deliver again. Nothing, or an empty list, acknowledges all. */
export interface QueueResult {
  readonly retry?: readonly string[] | undefined;
}

/** One message published to a topic. */
export interface TopicMessage<Data extends JsonReceived<Data> = JsonValue> {
  readonly id: string;
  /** The topic's plain name. */
  readonly source: string;
  readonly time: string;
  readonly data: Data;
  readonly attributes: Readonly<Record<string, string>>;
  readonly subject?: string;
}

/** A change of one object in a bucket. */
export interface ObjectEvent {
  readonly id: string;
  /** The bucket's plain name. */
  readonly source: string;
  readonly type: 'created' | 'deleted';
  readonly time: string;
  /** The decoded key. */
  readonly key: string;
  /** Size in bytes; 0 for a deletion. */
  readonly sizeBytes: number;
  readonly etag?: string;
  readonly contentType?: string;
}

/** One record of a stream. */
export interface StreamRecord<Data extends JsonReceived<Data> = JsonValue> {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly time: string;
  readonly data: Data;
}

/** Records of one shard, in order. */
export interface StreamBatch<Data extends JsonReceived<Data> = JsonValue> {
  /** The stream's plain name. */
  readonly source: string;
  readonly shard: string;
  readonly records: readonly StreamRecord<Data>[];
}

/** What a stream or table handler may answer: the first sequence number to deliver again. */
export interface OrderedResult {
  readonly retryFrom?: string | undefined;
}

/** One change of one row. */
export interface TableRecord {
  readonly sequenceNumber: string;
  readonly type: 'insert' | 'modify' | 'remove';
  readonly time: string;
  readonly key: JsonObject;
  readonly newImage?: JsonObject;
  readonly oldImage?: JsonObject;
}

/** Changes of one table, in order per key. */
export interface TableBatch {
  /** The table's plain name. */
  readonly source: string;
  readonly records: readonly TableRecord[];
}

/** One event of an event bus. */
export interface BusEvent<Data extends JsonReceived<Data> = JsonValue> {
  readonly id: string;
  /** Who published it, such as `user-service`. */
  readonly source: string;
  /** What happened, such as `UserRegistered` (a detail type, in EventBridge's words). */
  readonly type: string;
  readonly time: string;
  readonly data: Data;
  readonly subject?: string;
  /** The bus's plain name. */
  readonly bus: string;
}
