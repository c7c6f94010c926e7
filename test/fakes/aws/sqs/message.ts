/** A message, and the sums that the service makes of it. */
import { createHash } from 'node:crypto';

/** A message attribute as it travels. */
export interface AttributeValue {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, AttributeValue>>;

/** A message in a queue. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly traceHeader?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  /** The queue that gave it up, when this is a dead-letter queue. */
  readonly deadFrom?: string;
  readonly sentAt: number;
  /** When its retention began: a message that was given up keeps its age. */
  readonly agesFrom: number;
  /** Since it was sent with a delay, and nobody has had it yet. */
  isDelayed: boolean;
  visibleAt: number;
  /** In all queues that it has been in. */
  receiveCount: number;
  /** In this queue: what counts for giving it up. */
  receivedHere: number;
  firstReceivedAt?: number;
  lastReceivedAt?: number;
  /** The latest one; older ones no longer delete it. */
  receiptHandle?: string;
}

export function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

/** MD5 of message attributes, as the developer guide describes it; undefined when there are none. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).toSorted((one, other) => (one < other ? -1 : 1));
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (part: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  };
  for (const name of names) {
    const value = attributes[name];
    if (value === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(value.DataType));
    const isBinary = value.DataType.startsWith('Binary');
    hash.update(Buffer.from([isBinary ? 2 : 1]));
    add(
      isBinary
        ? Buffer.from(value.BinaryValue ?? '', 'base64')
        : Buffer.from(value.StringValue ?? ''),
    );
  }
  return hash.digest('hex');
}

/** What counts towards the size limit: the body, and names, types and values of the attributes. */
export function sizeOf(body: string, attributes: MessageAttributes): number {
  let size = Buffer.byteLength(body);
  for (const [name, value] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(value.DataType);
    size += Buffer.byteLength(value.StringValue ?? '');
    size += Buffer.from(value.BinaryValue ?? '', 'base64').length;
  }
  return size;
}

/** What a consumer may ask to know of a message besides its body. */
export function systemAttributes(message: StoredMessage): Readonly<Record<string, string>> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? 0),
    ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
    ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
    ...(message.deduplicationId !== undefined && {
      MessageDeduplicationId: message.deduplicationId,
    }),
    ...(message.traceHeader !== undefined && { AWSTraceHeader: message.traceHeader }),
    ...(message.deadFrom !== undefined && { DeadLetterQueueSourceArn: message.deadFrom }),
  };
}
