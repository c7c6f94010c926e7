/**
 * The one JSON encoder: payloads mean the same on every provider because all of them pass through it.
 *
 * Two passes. The first only looks, and most payloads end there: a value that is JSON already is returned as it
 * is. The second makes a copy, and names the path of what cannot be carried.
 */
import { JsonEncoder } from './json-encoder.ts';
import type { JsonValue } from './json.types.ts';

export { JsonEncodeError, MAX_JSON_DEPTH } from './json-encoder.ts';

/** The first pass gives up here: a cycle, or an unusually deep value. */
const FAST_DEPTH = 500;

/**
 * Turns a value into JSON, or refuses it.
 *
 * `Date`, `toJSON` and `undefined` follow `JSON.stringify`: an undefined property is dropped, an undefined element
 * is `null`, and so is an undefined value at the top. What `JSON.stringify` would lose in silence is refused.
 * A value that is JSON already is returned itself, not a copy.
 *
 * @param path what to call the value in errors. Default `$`.
 * @throws {JsonEncodeError} for BigInt, symbols, functions, NaN and infinities, bytes, cycles, Map, Set, RegExp,
 * Error, Promise and other objects without a JSON form, and for nesting deeper than {@link MAX_JSON_DEPTH}.
 *
 * @example
 * ```ts
 * import { toJson } from 'polyfaas/function';
 *
 * export const sent = toJson({ at: new Date(0), note: undefined }); // { at: '1970-01-01T00:00:00.000Z' }
 * ```
 */
export function toJson(value: unknown, path = '$'): JsonValue {
  return isJson(value) ? value : encoded(value, path);
}

/** A value as JSON, and how large it may be. */
export interface MeasuredJson {
  readonly json: JsonValue;
  /**
   * Its text takes no more bytes in UTF-8 than this: what it would take if every character took the longest escape.
   * Infinity where nothing is known.
   */
  readonly atMostBytes: number;
}

/**
 * As {@link toJson}, with a bound of the size, which takes no text: what is surely within a limit need not be measured
 * by {@link jsonByteLength}.
 *
 * @param path what to call the value in errors. Default `$`.
 * @throws {JsonEncodeError} as `toJson` does.
 *
 * @example
 * ```ts
 * import { jsonByteLength, measuredJson } from 'polyfaas/function';
 *
 * export function fits(value: unknown, limitBytes: number): boolean {
 *   const { json, atMostBytes } = measuredJson(value);
 *   return atMostBytes <= limitBytes || jsonByteLength(json) <= limitBytes;
 * }
 * ```
 */
export function measuredJson(value: unknown, path = '$'): MeasuredJson {
  const bound: Bound = { bytes: 0 };
  if (isJson(value, bound)) return { json: value, atMostBytes: bound.bytes };
  const json = encoded(value, path);
  bound.bytes = 0;
  return { json, atMostBytes: isJson(json, bound) ? bound.bytes : Infinity };
}

/** The second pass. */
function encoded(value: unknown, path: string): JsonValue {
  return new JsonEncoder(path).encode(value) ?? null;
}

/**
 * How many bytes the value takes as JSON text in UTF-8: what payload limits count.
 *
 * @throws {JsonEncodeError} when the value is not JSON.
 */
export function jsonByteLength(value: unknown): number {
  const text = JSON.stringify(toJson(value));
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes. Lone surrogates never get here: JSON.stringify escapes them.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** What the first pass has come past so far. */
interface Bound {
  bytes: number;
}

/** The longest that a number's text can be, with the comma behind it. */
const NUMBER_BYTES = 26;

/** The first pass: true when `JSON.stringify` would carry the value without a change, and so would a structured clone. */
export function isJson(value: unknown, bound: Bound = { bytes: 0 }): value is JsonValue {
  try {
    return isJsonWithin(value, FAST_DEPTH, bound);
  } catch {
    // A getter or a proxy threw. The second pass meets it again, and says where.
    return false;
  }
}

function isJsonWithin(value: unknown, depth: number, bound: Bound): boolean {
  switch (typeof value) {
    case 'string':
      // Two quotes and a comma; \u0000 takes six.
      bound.bytes += value.length * 6 + 3;
      return true;
    case 'boolean':
      bound.bytes += NUMBER_BYTES;
      return true;
    case 'number':
      bound.bytes += NUMBER_BYTES;
      return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
    case 'object':
      bound.bytes += NUMBER_BYTES;
      return value === null || (depth > 0 && isJsonContainer(value, depth - 1, bound));
    default:
      return false;
  }
}

function isJsonContainer(value: object, depth: number, bound: Bound): boolean {
  if (Array.isArray(value)) {
    // `index`: what `String.match` returns is an array with properties, which a structured clone would keep.
    if (Object.getPrototypeOf(value) !== Array.prototype || 'toJSON' in value || 'index' in value) {
      return false;
    }
    for (let index = 0; index < value.length; index += 1) {
      if (!isJsonWithin(value[index], depth, bound)) return false;
    }
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  if ('toJSON' in value || !isRecord(value)) return false;
  // What a polluted prototype adds can only make this say no, and the second pass looks at own keys alone.
  for (const key in value) {
    bound.bytes += key.length * 6 + 4;
    if (!isJsonWithin(value[key], depth, bound)) return false;
  }
  return true;
}

function isRecord(value: object): value is Record<string, unknown> {
  return !Array.isArray(value);
}
