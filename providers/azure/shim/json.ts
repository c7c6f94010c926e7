/** Reads what Azure sends: foreign data, field by field. */
import { decodeText, jsonOf as parsedOf, type JsonObject, type JsonValue } from 'polyfaas/function';

export { type Fields, fieldsOf, listOf, textOf, textsOf, timeOf } from 'polyfaas/function';

/** What the worker parsed from JSON is JSON; bytes are read as the text that they are. */
export function jsonOf(value: unknown): JsonValue {
  if (!(value instanceof Uint8Array)) return parsedOf(value);
  const { buffer, byteOffset, byteLength } = value;
  return decodeText(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
}

export function jsonObjectOf(value: unknown): JsonObject {
  const json = jsonOf(value);
  return isObject(json) ? json : {};
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
