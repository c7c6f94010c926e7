/** SQS. */
import type { QueueBatch, QueueMessage } from 'polyfaas/function';
import { decodeText, type Fields, fieldsOf, isFields, nameOfArn, textOf, timeOf } from '../json.ts';

export function queueBatch(records: readonly Fields[]): QueueBatch {
  return {
    source: nameOfArn(textOf(records[0]?.['eventSourceARN'])),
    messages: records.map(queueMessage),
  };
}

function queueMessage(record: Fields): QueueMessage {
  const attributes = fieldsOf(record['attributes']);
  // On a standard queue a group is for fairness only (SQS developer guide, "fair queues"): nothing waits for it.
  const orders = textOf(record['eventSourceARN']).endsWith('.fifo');
  const group = orders ? attributes['MessageGroupId'] : undefined;
  const message = {
    id: textOf(record['messageId']),
    data: decodeText(textOf(record['body'])),
    attributes: stringAttributes(fieldsOf(record['messageAttributes']), 'stringValue'),
    time: timeOf(Number(attributes['SentTimestamp'])),
    attempt: attemptOf(record),
  };
  return typeof group === 'string' ? { ...message, group } : message;
}

/** How often the message has been delivered, this time counted. */
export function attemptOf(record: Fields): number {
  const count = Number(fieldsOf(record['attributes'])['ApproximateReceiveCount']);
  return count >= 1 ? count : 1;
}

/** Attributes that hold a text; bytes are left out. */
export function stringAttributes(
  attributes: Fields,
  key: 'stringValue' | 'Value',
): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    if (!isFields(attribute)) continue;
    const value = attribute[key];
    const type = textOf(attribute['dataType'] ?? attribute['Type']);
    if (typeof value === 'string' && !type.startsWith('Binary')) texts[name] = value;
  }
  return texts;
}
