/** Messages, and what the service takes for one. https://cloud.google.com/pubsub/quotas#resource_limits */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import type { PublishedMessage } from '../core/ports.ts';
import { checkRange, invalid } from './faults.ts';

export interface Message {
  readonly messageId: string;
  readonly publishedMs: number;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey: string;
}

const MAX_REQUEST_BYTES = 10_000_000;
const MAX_MESSAGES = 1000;
const MAX_ATTRIBUTES = 100;
const MAX_KEY_BYTES = 256;
const MAX_VALUE_BYTES = 1024;
const MAX_ORDERING_KEY_BYTES = 1024;

/** @param sent a `PubsubMessage` in its normal form */
export function messageOf(sent: JsonMap): PublishedMessage {
  const attributes = Object.entries(mapOf(sent['attributes']));
  const orderingKey = textOf(sent['orderingKey']);
  return {
    data: Buffer.from(textOf(sent['data']), 'base64'),
    ...(attributes.length > 0 && {
      attributes: Object.fromEntries(attributes.map(([key, value]) => [key, textOf(value)])),
    }),
    ...(orderingKey !== '' && { orderingKey }),
  };
}

export function checkMessages(messages: readonly PublishedMessage[]): void {
  checkRange('message_count', messages.length, { min: 1, max: MAX_MESSAGES });
  for (const message of messages) checkMessage(message);
  const size = messages.reduce((sum, message) => sum + sizeOf(message), 0);
  checkRange('request_size', size, { min: 0, max: MAX_REQUEST_BYTES });
}

function checkMessage({ data, attributes = {}, orderingKey = '' }: PublishedMessage): void {
  const entries = Object.entries(attributes);
  if (data.length === 0 && entries.length === 0) {
    throw invalid(
      'One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute. Please refer to https://cloud.google.com/pubsub/docs/publisher for more information.',
    );
  }
  checkRange('attribute_count', entries.length, { min: 0, max: MAX_ATTRIBUTES });
  for (const [key, value] of entries) {
    if (key === '' || key.startsWith('goog')) {
      throw invalid(`Invalid attribute key given (attribute_key=${key}).`);
    }
    checkRange('attribute_key_size', bytesOf(key), { min: 1, max: MAX_KEY_BYTES });
    checkRange('attribute_value_size', bytesOf(value), { min: 0, max: MAX_VALUE_BYTES });
  }
  checkRange('ordering_key_size', bytesOf(orderingKey), { min: 0, max: MAX_ORDERING_KEY_BYTES });
}

function sizeOf({ data, attributes = {}, orderingKey = '' }: PublishedMessage): number {
  const texts = Object.entries(attributes).flat();
  return texts.reduce((sum, text) => sum + bytesOf(text), data.length + bytesOf(orderingKey));
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

/** A `PubsubMessage` in its normal form. */
export function viewOf(message: Message): JsonMap {
  const { messageId, publishedMs, data, attributes, orderingKey } = message;
  return {
    ...(data.length > 0 && { data: data.toString('base64') }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
    messageId,
    publishTime: new Date(publishedMs).toISOString(),
    ...(orderingKey !== '' && { orderingKey }),
  };
}

/** As it was published. */
export function publishedOf({ data, attributes, orderingKey }: Message): PublishedMessage {
  return { data, attributes, ...(orderingKey !== '' && { orderingKey }) };
}
