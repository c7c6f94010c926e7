/** What senders may give: names, keys, bodies, options and limits. Pure. Types alone hold back no JavaScript. */
import { isUint8Array } from 'node:util/types';
import { ServerlessError } from 'polyfaas/spi';
import type { JsonObject, JsonValue } from 'polyfaas/spi';
import { CAPABILITIES } from '../capabilities.ts';
import type { PublishOptions, SendOptions } from '../sources.types.ts';
import { checkJson } from './decode.ts';

/** Messages, records and items: as an asynchronous invocation, which is an event like them. */
const MOST_BYTES = CAPABILITIES.limits.asyncPayloadBytes;
/** Of one key, group or attribute name: as object keys have at most in Amazon S3 and Google Cloud Storage. */
const LONGEST_TEXT_BYTES = 1_024;
/** As a function that is bound to a source may name it. */
const LONGEST_NAME = 2_048;
const LONGEST_DELAY_SECONDS = 31_536_000;
/** Of a field that is not known. */
const LONGEST_SHOWN_NAME = 80;

/** The name of a source. @param kind `queue`. */
export function checkSourceName(name: unknown, kind: string): string {
  const isName =
    typeof name === 'string' &&
    name.length <= LONGEST_NAME &&
    name.isWellFormed() &&
    /^[^\s\p{Cc}]+$/u.test(name);
  if (isName) return name;
  throw invalid(
    `The name of the ${kind} is ${kindOf(name)}. Give a string of 1 to ${counted(LONGEST_NAME)} characters without spaces.`,
  );
}

/** @param what names it in the error: `The key of the object`. */
export function checkText(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '' && value.isWellFormed()) {
    if (Buffer.byteLength(value) <= LONGEST_TEXT_BYTES) return value;
  }
  throw invalid(
    `${what} is ${kindOf(value)}. Give a string of 1 to ${counted(LONGEST_TEXT_BYTES)} bytes.`,
  );
}

export function checkOptionalText(value: unknown, what: string): string | undefined {
  return value === undefined ? undefined : checkText(value, what);
}

/** The beginning of keys: it may be empty. */
export function checkPrefix(value: unknown): string {
  return value === '' ? '' : checkText(value, 'The prefix');
}

export function checkBody(body: unknown): Uint8Array | string {
  if (typeof body === 'string' || isUint8Array(body)) return body;
  throw invalid(
    `The body of the object is ${kindOf(body)}. Give a string or a Uint8Array, which a Buffer is too; write values as JSON.stringify(value).`,
  );
}

/** The data of a message, as JSON. @param besideBytes of what is kept with it. */
export function checkData(value: unknown, what: string, besideBytes = 0): JsonValue {
  const data = checkJson(value, what);
  // No character of JSON text takes more than three bytes: most are known to be small without counting.
  const text = JSON.stringify(data);
  const bytes =
    text.length * 3 + besideBytes <= MOST_BYTES ? 0 : Buffer.byteLength(text) + besideBytes;
  if (bytes > MOST_BYTES) {
    throw new ServerlessError({
      code: 'PAYLOAD_TOO_LARGE',
      provider: 'local',
      message: `${what} is ${counted(bytes)} bytes of JSON, with what goes with it; at most ${counted(MOST_BYTES)} are taken, as in an asynchronous invocation. Put what is large in a bucket and send its key.`,
      details: { bytes, limit: MOST_BYTES },
    });
  }
  return data;
}

/** A key or an item of a table, as JSON. */
export function checkRecord(value: unknown, what: string, besideBytes = 0): JsonObject {
  const data = value === undefined ? undefined : checkData(value, what, besideBytes);
  if (isJsonObject(data)) return data;
  throw invalid(`${what} is ${kindOf(value)}. Give an object of its fields, such as { id: 7 }.`);
}

/** What goes with a message of a queue, checked. */
export function checkSendOptions(options: SendOptions | undefined): {
  /** JSON text. */
  readonly attributes: string;
  readonly delayMs: number;
} {
  checkOptions(options, ['attributes', 'group', 'delaySeconds']);
  checkOptionalText(options?.group, 'The group');
  return {
    attributes: attributesOf(options?.attributes),
    delayMs: delayMsOf(options?.delaySeconds ?? 0),
  };
}

/** What goes with a message of a topic, checked. @returns its attributes as JSON text. */
export function checkPublishOptions(options: PublishOptions | undefined): string {
  checkOptions(options, ['attributes', 'subject']);
  checkOptionalText(options?.subject, 'The subject');
  return attributesOf(options?.attributes);
}

/** Those of any source. */
export function checkOptions(options: unknown, known: readonly string[]): void {
  if (options === undefined) return;
  if (!isRecord(options))
    throw invalid(`The options are ${kindOf(options)}. Give an object, or leave them out.`);
  checkFields(options, 'The options', known);
}

/** One entry of a list, such as a message of a batch. */
export function checkEntry(value: unknown, what: string, known: readonly string[]): void {
  if (!isRecord(value))
    throw invalid(`${what} is ${kindOf(value)}. Give an object with the fields of it.`);
  checkFields(value, what, known);
}

/** A misspelt field must not be one that was never given: a message that was to wait would be delivered at once. */
function checkFields(value: object, what: string, known: readonly string[]): void {
  const stray = Object.keys(value).find((field) => !known.includes(field));
  if (stray === undefined) return;
  const field = stray.slice(0, LONGEST_SHOWN_NAME);
  throw invalid(
    `"${field}" is unknown. ${what} may have ${known.join(', ')}. Rename or remove it.`,
  );
}

export function checkList(value: unknown, what: string): void {
  if (Array.isArray(value)) return;
  throw invalid(`${what} are ${kindOf(value)}. Give a list.`);
}

/** Ids of dead letters. */
export function checkIds(ids: readonly string[] | undefined): readonly string[] | undefined {
  const given: unknown = ids;
  const isRight =
    given === undefined || (Array.isArray(given) && given.every((id) => typeof id === 'string'));
  if (isRight) return ids;
  throw invalid(
    `The ids are ${kindOf(given)}. Give a list of the ids of dead letters, or none for all of them.`,
  );
}

/** How many to list. */
export function checkLimit(limit: unknown): number {
  if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw invalid(
    `The limit is ${typeof limit === 'number' ? limit : kindOf(limit)}. Give a whole number from 0 to ${counted(Number.MAX_SAFE_INTEGER)}.`,
  );
}

function attributesOf(attributes: unknown): string {
  if (attributes === undefined) return '{}';
  if (!isRecord(attributes))
    throw invalid(`The attributes are ${kindOf(attributes)}. Give an object of strings.`);
  for (const [key, value] of Object.entries(attributes)) {
    checkText(key, 'The name of an attribute');
    if (typeof value !== 'string') {
      throw invalid(
        `The attribute "${key}" is ${kindOf(value)}. Attributes are strings: convert it.`,
      );
    }
  }
  return JSON.stringify(attributes);
}

function delayMsOf(seconds: unknown): number {
  // The time it leads to must stay one that a number can tell exactly.
  if (typeof seconds === 'number' && seconds >= 0 && seconds <= LONGEST_DELAY_SECONDS)
    return Math.round(seconds * 1_000);
  throw invalid(
    `delaySeconds is ${typeof seconds === 'number' ? seconds : kindOf(seconds)}. It must be from 0 to ${LONGEST_DELAY_SECONDS} (a year).`,
  );
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return isRecord(value);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Says what a value is, not what is in it: that may be a secret, or very long. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value !== 'string') return `a ${typeof value}`;
  if (value === '') return 'an empty string';
  if (!value.isWellFormed()) return 'a string with half of a surrogate pair in it';
  return `a string of ${counted(value.length)} characters`;
}

function counted(value: number): string {
  return value.toLocaleString('en-US');
}

function invalid(message: string): ServerlessError {
  return new ServerlessError({ code: 'INVALID_ARGUMENT', provider: 'local', message });
}
