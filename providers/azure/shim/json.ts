/** Reads what Azure sends: foreign data, field by field. */
import { decodeText, jsonOf as parsedOf, type JsonObject, type JsonValue } from 'polyfaas/function';

export { type Fields, fieldsOf, listOf, textOf, textsOf, timeOf } from 'polyfaas/function';

/** What the worker parsed from JSON is JSON; bytes become text. */
export function jsonOf(value: unknown): JsonValue {
  return Buffer.isBuffer(value) ? decodeText(value.toString('utf8')) : parsedOf(value);
}

export function jsonObjectOf(value: unknown): JsonObject {
  const json = jsonOf(value);
  return isObject(json) ? json : {};
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
