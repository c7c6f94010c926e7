/** What a message that is sent must be like. */
import {
  isObject,
  optionalInteger,
  optionalObject,
  optionalText,
  type Input,
} from '../core/operation.ts';
import { invalidContents, invalidParameter, invalidValue, missingParameter } from './faults.ts';
import {
  md5,
  md5OfAttributes,
  sizeOf,
  type AttributeValue,
  type MessageAttributes,
} from './message.ts';
import type { Letter, Queue } from './queue.ts';

const MAX_ATTRIBUTES = 10;
const MAX_DELAY_SECONDS = 900;
// What XML 1.0 allows, as the API reference of SendMessage lists it.
const ALLOWED_TEXT = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

/** The member, or the fault that SQS has for its absence. */
export function requiredText(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined || value === '') throw missingParameter(name);
  return value;
}

/** Reads and checks what SendMessage, or an entry of SendMessageBatch, says. */
export function readLetter(queue: Queue, input: Input, senderId: string): Letter {
  const body = requiredText(input, 'MessageBody');
  const attributes = readAttributes(input, 'MessageAttributes');
  const system = readAttributes(input, 'MessageSystemAttributes');
  const limit = queue.setting('MaximumMessageSize');
  if (sizeOf(body, attributes) > limit) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
    );
  }
  if (!ALLOWED_TEXT.test(body)) throw invalidContents();
  const traceHeader = system['AWSTraceHeader']?.StringValue;
  return {
    body,
    attributes,
    senderId,
    ...(traceHeader !== undefined && { traceHeader }),
    ...readDelay(queue, input),
    ...readGroup(queue, input, body),
  };
}

function readDelay(queue: Queue, input: Input): { readonly delayMs: number } {
  const delay = optionalInteger(input, 'DelaySeconds');
  if (delay === undefined) return { delayMs: queue.setting('DelaySeconds') * 1000 };
  if (queue.isFifo && delay !== 0) {
    throw invalidValue(
      'DelaySeconds',
      delay,
      'The request include parameter that is not valid for this queue type.',
    );
  }
  if (delay < 0 || delay > MAX_DELAY_SECONDS) {
    throw invalidValue('DelaySeconds', delay, 'DelaySeconds must be >= 0 and <= 900.');
  }
  // Zero in a FIFO queue means its own delay.
  return { delayMs: (queue.isFifo ? queue.setting('DelaySeconds') : delay) * 1000 };
}

function readGroup(queue: Queue, input: Input, body: string): Partial<Letter> {
  const groupId = readId(input, 'MessageGroupId');
  const deduplicationId = readId(input, 'MessageDeduplicationId');
  if (!queue.isFifo) {
    if (deduplicationId !== undefined) {
      throw invalidValue(
        'MessageDeduplicationId',
        deduplicationId,
        'The request includes a parameter that is not valid for this queue type.',
      );
    }
    return groupId === undefined ? {} : { groupId };
  }
  if (groupId === undefined) throw missingParameter('MessageGroupId');
  return { groupId, deduplicationId: deduplicationId ?? contentId(queue, body) };
}

/** The id of a message that brings none. */
export function contentId(queue: Queue, body: string): string {
  if (queue.attributes.get('ContentBasedDeduplication') !== 'true') {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return md5(body);
}

function readId(input: Input, name: string): string | undefined {
  const value = optionalText(input, name);
  if (value !== undefined && !/^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/.test(value)) {
    throw invalidValue(
      name,
      value,
      `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
  return value;
}

function readAttributes(input: Input, name: string): MessageAttributes {
  const given = optionalObject(input, name) ?? {};
  const found: Record<string, AttributeValue> = {};
  for (const [key, value] of Object.entries(given)) {
    if (!isObject(value)) throw invalidParameter(`The message attribute '${key}' is no structure.`);
    found[key] = readAttribute(key, value);
  }
  if (Object.keys(found).length > MAX_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${Object.keys(found).length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  return found;
}

function readAttribute(name: string, value: Input): AttributeValue {
  if (!/^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/.test(name) || /^(aws|amazon)\./i.test(name)) {
    throw invalidParameter(
      'Message attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters. The name must not start or end with a period, have periods in succession, or start with AWS. or Amazon.',
    );
  }
  const type = optionalText(value, 'DataType') ?? '';
  const base = type.split('.', 1)[0] ?? '';
  if (base === '') {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute type.`,
    );
  }
  if (!['String', 'Number', 'Binary'].includes(base)) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const member = base === 'Binary' ? 'BinaryValue' : 'StringValue';
  const content = optionalText(value, member) ?? '';
  if (content === '') {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${base}'.`,
    );
  }
  if (base !== 'Binary' && !ALLOWED_TEXT.test(content)) throw invalidContents();
  if (base === 'Number' && !Number.isFinite(Number(content))) {
    throw invalidParameter(
      `Can't cast the value of message (user) attribute '${name}' to a number.`,
    );
  }
  return { DataType: type, [member]: content };
}

/** Puts it into the queue. The sums are those of what was sent, even if the queue has had a twin of it before. */
export function sendLetter(queue: Queue, letter: Letter): object {
  const message = queue.send(letter);
  const system: MessageAttributes =
    letter.traceHeader === undefined
      ? {}
      : { AWSTraceHeader: { DataType: 'String', StringValue: letter.traceHeader } };
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5(letter.body),
    MD5OfMessageAttributes: md5OfAttributes(letter.attributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(system),
    SequenceNumber: message.sequenceNumber,
  };
}
