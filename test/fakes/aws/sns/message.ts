/** A published message: how it is read from a request, and what becomes of it on the way to a subscriber. */
import { randomUUID } from 'node:crypto';
import { isObject, optionalObject, optionalText, type Input } from '../core/operation.ts';
import { badAttribute, invalidParameter } from './faults.ts';

export type MessageAttributes = Readonly<
  Record<string, { readonly Type: string; readonly Value: string }>
>;

export interface Message {
  readonly id: string;
  /** The text for a protocol: another one for each where MessageStructure is `json`. */
  body(protocol: string): string;
  readonly subject: string | undefined;
  readonly attributes: MessageAttributes;
  readonly publishedAt: number;
}

const MAX_BYTES = 262_144;

/** Reads what Publish, or an entry of PublishBatch, says. */
export function readMessage(input: Input, publishedAt: number): Message {
  const text = optionalText(input, 'Message') ?? '';
  const subject = optionalText(input, 'Subject');
  if (text === '') throw invalidParameter('Empty message');
  // Printable ASCII without line breaks, up to 100 characters (API reference, Publish).
  if (subject !== undefined && !/^[\x21-\x7E][\x20-\x7E]{0,99}$/.test(subject)) {
    throw invalidParameter('Subject');
  }
  const attributes = readAttributes(input);
  if (sizeOf(text, attributes) > MAX_BYTES) throw invalidParameter('Message too long');
  return {
    id: randomUUID(),
    body: readStructure(text, optionalText(input, 'MessageStructure')),
    subject,
    attributes,
    publishedAt,
  };
}

/** As the other services of the fake publish. */
export function plainMessage(
  text: string,
  publishedAt: number,
  options: {
    readonly attributes?: Readonly<Record<string, string>>;
    readonly subject?: string;
  },
): Message {
  return {
    id: randomUUID(),
    body: () => text,
    subject: options.subject,
    attributes: Object.fromEntries(
      Object.entries(options.attributes ?? {}).map(([name, Value]) => [
        name,
        { Type: 'String', Value },
      ]),
    ),
    publishedAt,
  };
}

function readStructure(text: string, structure: string | undefined): Message['body'] {
  if (structure === undefined) return () => text;
  if (structure !== 'json') throw invalidParameter('MessageStructure');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  const bodies = isObject(parsed) ? parsed : {};
  const fallback = bodies['default'];
  if (typeof fallback !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  return (protocol) => {
    const own = bodies[protocol];
    return typeof own === 'string' ? own : fallback;
  };
}

function readAttributes(input: Input): MessageAttributes {
  const found: Record<string, { readonly Type: string; readonly Value: string }> = {};
  for (const [name, value] of Object.entries(optionalObject(input, 'MessageAttributes') ?? {})) {
    if (!/^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/.test(name) || /^(aws|amazon)\./i.test(name)) {
      throw invalidParameter(`Message attribute name '${name}' is invalid.`);
    }
    found[name] = readAttribute(name, isObject(value) ? value : {});
  }
  return found;
}

function readAttribute(
  name: string,
  value: Input,
): { readonly Type: string; readonly Value: string } {
  const type = optionalText(value, 'DataType') ?? '';
  const base = type.split('.', 1)[0] ?? '';
  if (!['String', 'Number', 'Binary'].includes(base)) {
    throw badAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const content = optionalText(value, base === 'Binary' ? 'BinaryValue' : 'StringValue') ?? '';
  if (content === '') {
    throw badAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  }
  if (base === 'Number' && !Number.isFinite(Number(content))) {
    throw badAttribute(
      `An error occurred while parsing the message attribute '${name}' as a number.`,
    );
  }
  return { Type: type, Value: content };
}

function sizeOf(text: string, attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { Type, Value }]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(Type) + Buffer.byteLength(Value),
    Buffer.byteLength(text),
  );
}
