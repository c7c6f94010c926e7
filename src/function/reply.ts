/** Checks what a handler answered. A wrong answer fails the call: guessing would lose messages in silence. */
import { describeValue, HandlerContractError } from './contract-error.ts';
import type { QueueBatch, StreamBatch, TableBatch } from './events.ts';
import { toJson } from './json.ts';
import type { ShimCall, ShimReply } from './shim.ts';

/**
 * @throws {JsonEncodeError} when the answer of `invoke` is not JSON.
 * @throws {HandlerContractError} when another answer has the wrong shape; a batch then counts as failed whole.
 */
export function checkReply(call: ShimCall, reply: unknown): ShimReply {
  switch (call.kind) {
    case 'invoke':
      return toJson(reply);
    case 'http':
      return checkResponse(reply);
    case 'queue':
      return checkQueueResult(call.event, reply);
    case 'stream':
    case 'table':
      return checkOrderedResult(call.kind, call.event, reply);
    case 'schedule':
    case 'topic':
    case 'object':
    case 'bus':
      break;
  }
  return undefined;
}

function checkResponse(reply: unknown): Response {
  if (isResponse(reply)) return reply;
  throw new HandlerContractError(
    `The http handler must return a Response; it returned ${describeValue(reply)}. For JSON, return Response.json(value).`,
  );
}

/** By its tag as well: a polyfill's Response is as good. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== 'object' || value === null) return false;
  return (
    value instanceof Response ||
    (Object.prototype.toString.call(value) === '[object Response]' && 'headers' in value)
  );
}

function checkQueueResult(batch: QueueBatch, reply: unknown): ShimReply {
  const field = onlyField('queue', 'retry', reply);
  if (field === undefined) return undefined;
  if (!isTextList(field)) {
    throw new HandlerContractError(
      `The queue handler must return { retry: [ids] } or nothing; its "retry" is ${describeValue(field)}.`,
    );
  }
  const known = new Set(batch.messages.map(({ id }) => id));
  const unknown = field.find((id) => !known.has(id));
  if (unknown !== undefined) {
    throw new HandlerContractError(
      `The queue handler asked to retry ${quote(unknown)}, which is no message of its batch. The whole batch counts as failed. Use the "id" of the messages.`,
    );
  }
  return { retry: field };
}

function checkOrderedResult(
  kind: 'stream' | 'table',
  batch: StreamBatch | TableBatch,
  reply: unknown,
): ShimReply {
  const field = onlyField(kind, 'retryFrom', reply);
  if (field === undefined) return undefined;
  const known = batch.records.some(({ sequenceNumber }) => sequenceNumber === field);
  if (typeof field === 'string' && known) return { retryFrom: field };
  const what = typeof field === 'string' ? quote(field) : describeValue(field);
  throw new HandlerContractError(
    `The ${kind} handler asked to retry from ${what}, which is no record of its batch. The whole batch counts as failed. Use the "sequenceNumber" of the first record to repeat.`,
  );
}

/** The one field that an answer may have; undefined when the answer is nothing. */
function onlyField(kind: string, name: string, reply: unknown): unknown {
  if (reply === undefined || reply === null) return undefined;
  const isObject = typeof reply === 'object' && !Array.isArray(reply);
  const isEmpty = isObject && Object.keys(reply).length === 0;
  // A Map has no fields either, but it is not nothing.
  if (!isObject || (isEmpty && !isPlain(reply)) || Object.keys(reply).some((key) => key !== name)) {
    throw new HandlerContractError(
      `The ${kind} handler must return { ${name} } or nothing; it returned ${describeValue(reply)}. The whole batch counts as failed.`,
    );
  }
  return Reflect.get(reply, name);
}

/** Of any realm: only the prototype of all objects has none itself. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === null ||
    (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null)
  );
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function quote(id: string): string {
  return JSON.stringify(id.length > 100 ? `${id.slice(0, 100)}...` : id);
}
