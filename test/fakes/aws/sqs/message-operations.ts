/** The operations of SQS on messages. */
import {
  integer,
  optionalInteger,
  optionalText,
  optionalTexts,
  type Input,
  type OperationCall,
} from '../core/operation.ts';
import { runBatch, readEntries } from './batch.ts';
import { batchFault, invalidAttributeName, invalidValue, missingParameter } from './faults.ts';
import {
  md5,
  md5OfAttributes,
  sizeOf,
  systemAttributes,
  type MessageAttributes,
  type StoredMessage,
} from './message.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { readLetter, requiredText, sendLetter } from './send.ts';

type Operation = (input: Input, call: OperationCall) => object;

const MAX_BATCH_BYTES = 1_048_576;
const MAX_HIDDEN_SECONDS = 43_200;
const SYSTEM_NAMES = new Set([
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
]);

export function messageOperations(queues: Queues): Readonly<Record<string, Operation>> {
  const queueOf = (input: Input): Queue => queues.byUrl(requiredText(input, 'QueueUrl'));
  return {
    SendMessage(input, call) {
      const queue = queueOf(input);
      return sendLetter(queue, readLetter(queue, input, call.caller.arn));
    },

    SendMessageBatch(input, call) {
      const queue = queueOf(input);
      const bytes = readEntries(input, 'SendMessageBatchRequestEntry')
        .map((entry) => sizeOf(optionalText(entry, 'MessageBody') ?? '', {}))
        .reduce((sum, size) => sum + size, 0);
      if (bytes > MAX_BATCH_BYTES) {
        throw batchFault(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`,
        );
      }
      return runBatch(input, 'SendMessageBatchRequestEntry', (entry) =>
        sendLetter(queue, readLetter(queue, entry, call.caller.arn)),
      );
    },

    ReceiveMessage: (input) => receive(queueOf(input), input),

    DeleteMessage(input) {
      queueOf(input).delete(requiredText(input, 'ReceiptHandle'));
      return {};
    },

    DeleteMessageBatch(input) {
      const queue = queueOf(input);
      return runBatch(input, 'DeleteMessageBatchRequestEntry', (entry) => {
        queue.delete(requiredText(entry, 'ReceiptHandle'));
        return {};
      });
    },

    ChangeMessageVisibility(input) {
      hide(queueOf(input), input);
      return {};
    },

    ChangeMessageVisibilityBatch(input) {
      const queue = queueOf(input);
      return runBatch(input, 'ChangeMessageVisibilityBatchRequestEntry', (entry) => {
        hide(queue, entry);
        return {};
      });
    },
  };
}

function hide(queue: Queue, input: Input): void {
  const handle = requiredText(input, 'ReceiptHandle');
  if (input['VisibilityTimeout'] === undefined) throw missingParameter('VisibilityTimeout');
  const seconds = integer(input, 'VisibilityTimeout');
  if (seconds < 0 || seconds > MAX_HIDDEN_SECONDS) {
    throw invalidValue('VisibilityTimeout', seconds, 'Must be between 0 and 43200.');
  }
  queue.hideFor(handle, seconds);
}

/** Long polling is left out: an empty queue answers at once, whatever WaitTimeSeconds says. */
function receive(queue: Queue, input: Input): object {
  const max = ranged(input, 'MaxNumberOfMessages', 1, 10, 'Must be between 1 and 10, if provided.');
  ranged(input, 'WaitTimeSeconds', 0, 20, 'Must be >= 0 and <= 20, if provided.');
  const hidden = ranged(
    input,
    'VisibilityTimeout',
    0,
    MAX_HIDDEN_SECONDS,
    'Must be between 0 and 43200, if provided.',
  );
  const systemNames = [
    ...(optionalTexts(input, 'AttributeNames') ?? []),
    ...(optionalTexts(input, 'MessageSystemAttributeNames') ?? []),
  ];
  const unknown = systemNames.find((name) => !SYSTEM_NAMES.has(name));
  if (unknown !== undefined) throw invalidAttributeName(unknown);
  const names = optionalTexts(input, 'MessageAttributeNames') ?? [];
  const messages = queue.receive(max ?? 1, hidden === undefined ? undefined : hidden * 1000);
  if (messages.length === 0) return {};
  return { Messages: messages.map((message) => told(message, systemNames, names)) };
}

function ranged(
  input: Input,
  name: string,
  min: number,
  max: number,
  reason: string,
): number | undefined {
  const value = optionalInteger(input, name);
  if (value !== undefined && (value < min || value > max)) throw invalidValue(name, value, reason);
  return value;
}

function told(
  message: StoredMessage,
  systemNames: readonly string[],
  names: readonly string[],
): object {
  const system = Object.entries(systemAttributes(message)).filter(
    ([name]) => systemNames.includes('All') || systemNames.includes(name),
  );
  const attributes: MessageAttributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => names.some((each) => asks(each, name))),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    }),
  };
}

/** `All` and `.*` ask for every attribute, `foo.*` for those that begin with `foo`. */
function asks(wanted: string, name: string): boolean {
  if (wanted === 'All' || wanted === '.*' || wanted === name) return true;
  return wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -2));
}
