/** SQS as the other services of the fake, and the tests, see it. */
import { randomUUID } from 'node:crypto';
import type { ReceivedMessage, SendOptions, SqsPort } from '../core/ports.ts';
import { md5, systemAttributes, type MessageAttributes, type StoredMessage } from './message.ts';
import { policyAllowsSend } from './policy.ts';
import type { Letter, Queue } from './queue.ts';
import type { Queues } from './queues.ts';

/** Who sends when no request stands behind it. */
const SENDER = 'AIDAIENQZJOLO23YVJ4VO';

export function sqsPort(queues: Queues): SqsPort {
  return {
    exists: (arn) => queues.find(arn) !== undefined,
    visibilityTimeoutSeconds: (arn) => queues.find(arn)?.setting('VisibilityTimeout'),
    isFifo: (arn) => queues.find(arn)?.isFifo ?? false,
    send(arn, body, options = {}) {
      const queue = queues.at(arn);
      return { messageId: queue.send(letterOf(queue, body, options)).id };
    },
    receive: (arn, max) => queues.at(arn).receive(max).map(received),
    delete: (arn, handle) => queues.find(arn)?.delete(handle),
    nextVisibleAt: (arn) => queues.find(arn)?.nextVisibleAt(),
    visibleCount: (arn) => queues.find(arn)?.visibleCount() ?? 0,
    peek: (arn) => queues.find(arn)?.all().map(received) ?? [],
    drain(arn) {
      const queue = queues.find(arn);
      const messages = queue?.all().map(received) ?? [];
      queue?.clear();
      return messages;
    },
    allowsService(arn, principal, sourceArn) {
      const policy = queues.find(arn)?.attributes.get('Policy');
      return policyAllowsSend(policy, arn, { principal, sourceArn, account: queues.account });
    },
    arnOf: (name) => queues.arnOf(name),
    onMessage: (listener) => queues.onMessage(listener),
  };
}

function letterOf(queue: Queue, body: string, options: SendOptions): Letter {
  const attributes: MessageAttributes = Object.fromEntries(
    Object.entries(options.attributes ?? {}).map(([name, value]) => [
      name,
      { DataType: 'String', StringValue: value },
    ]),
  );
  const delaySeconds = options.delaySeconds ?? queue.setting('DelaySeconds');
  return {
    body,
    attributes,
    senderId: SENDER,
    delayMs: delaySeconds * 1000,
    ...groupOf(queue, body, options),
  };
}

function groupOf(queue: Queue, body: string, options: SendOptions): Partial<Letter> {
  if (!queue.isFifo) return options.groupId === undefined ? {} : { groupId: options.groupId };
  const isByContent = queue.attributes.get('ContentBasedDeduplication') === 'true';
  return {
    groupId: options.groupId ?? 'default',
    deduplicationId: options.deduplicationId ?? (isByContent ? md5(body) : randomUUID()),
  };
}

function received(message: StoredMessage): ReceivedMessage {
  return {
    messageId: message.id,
    receiptHandle: message.receiptHandle ?? '',
    body: message.body,
    md5OfBody: md5(message.body),
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, value]) => [
        name,
        {
          dataType: value.DataType,
          ...(value.StringValue !== undefined && { stringValue: value.StringValue }),
          ...(value.BinaryValue !== undefined && { binaryValue: value.BinaryValue }),
        },
      ]),
    ),
  };
}
