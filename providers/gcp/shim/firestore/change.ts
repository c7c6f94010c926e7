/**
 * Changes of Firestore documents, as Eventarc delivers them: `google.events.cloud.firestore.v1.DocumentEventData` in
 * protocol buffers.
 */
import type { JsonObject, JsonValue } from 'polyfaas/function';
import { doubleIn, fieldsIn, textIn } from './reader.ts';

export interface Document {
  /** `users/7`: below the database. */
  readonly path: string;
  readonly fields: JsonObject;
}

export interface Change {
  /** Undefined for a document that was made. */
  readonly before: Document | undefined;
  /** Undefined for a document that was deleted. */
  readonly after: Document | undefined;
}

/** @throws RangeError for bytes that are no such message. */
export function decodeChange(bytes: Uint8Array): Change {
  let before: Document | undefined;
  let after: Document | undefined;
  for (const field of fieldsIn(bytes)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) after = documentOf(field.value);
    if (field.number === 2) before = documentOf(field.value);
  }
  return { before, after };
}

/** `Document`: name 1, map of fields 2, create_time 3, update_time 4. */
function documentOf(bytes: Uint8Array): Document {
  let name = '';
  const fields: Record<string, JsonValue> = {};
  for (const field of fieldsIn(bytes)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) name = textIn(field.value);
    if (field.number === 2) addEntry(fields, field.value);
  }
  return { path: /\/documents\/(.*)$/s.exec(name)?.[1] ?? name, fields };
}

/** An entry of a map: key 1, value 2. */
function addEntry(into: Record<string, JsonValue>, bytes: Uint8Array): void {
  let key = '';
  let value: JsonValue = null;
  for (const field of fieldsIn(bytes)) {
    if (field.wire !== 2) continue;
    if (field.number === 1) key = textIn(field.value);
    if (field.number === 2) value = valueOf(field.value);
  }
  // Assignment would change the prototype instead for one name.
  Object.defineProperty(into, key, { value, enumerable: true, writable: true, configurable: true });
}

/**
 * `Value`, by the number of what is set: boolean 1, integer 2, double 3, reference 5, map 6, geo point 8, array 9,
 * timestamp 10, null 11, string 17, bytes 18. Integers that JSON would round, timestamps, bytes (base64) and references
 * are texts.
 */
function valueOf(bytes: Uint8Array): JsonValue {
  let value: JsonValue = null;
  for (const field of fieldsIn(bytes)) {
    if (field.wire === 0) {
      if (field.number === 1) value = field.value !== 0n;
      if (field.number === 2) value = integerOf(BigInt.asIntN(64, field.value));
    } else if (field.wire === 1) {
      if (field.number === 3) value = numberOf(doubleIn(field.value));
    } else if (field.wire === 2) {
      value = READERS[field.number]?.(field.value) ?? value;
    }
  }
  return value;
}

const READERS: Readonly<Record<number, (bytes: Uint8Array) => JsonValue>> = {
  5: textIn,
  6: (bytes) => {
    const fields: Record<string, JsonValue> = {};
    for (const field of fieldsIn(bytes)) {
      if (field.number === 1 && field.wire === 2) addEntry(fields, field.value);
    }
    return fields;
  },
  8: (bytes) => {
    const point = { latitude: 0, longitude: 0 };
    for (const field of fieldsIn(bytes)) {
      if (field.wire !== 1) continue;
      if (field.number === 1) point.latitude = doubleIn(field.value);
      if (field.number === 2) point.longitude = doubleIn(field.value);
    }
    return point;
  },
  9: (bytes) => {
    const values: JsonValue[] = [];
    for (const field of fieldsIn(bytes)) {
      if (field.number === 1 && field.wire === 2) values.push(valueOf(field.value));
    }
    return values;
  },
  10: timestampOf,
  17: textIn,
  18: (bytes) => Buffer.from(bytes).toString('base64'),
};

/** seconds 1, nanos 2. */
function timestampOf(bytes: Uint8Array): string {
  let seconds = 0n;
  let nanos = 0n;
  for (const field of fieldsIn(bytes)) {
    if (field.wire !== 0) continue;
    if (field.number === 1) seconds = BigInt.asIntN(64, field.value);
    if (field.number === 2) nanos = field.value;
  }
  return new Date(Number(seconds) * 1_000 + Math.floor(Number(nanos) / 1e6)).toISOString();
}

function integerOf(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** JSON has no NaN, and no infinity. */
function numberOf(value: number): JsonValue {
  return Number.isFinite(value) ? value : String(value);
}
