/** Orders that do not depend on how something was written down, so that the same wish has the same digest. */
import type { JsonValue } from '../function/json.types.ts';

/** Each value once, in order of code units. */
export function sortedSet<Value extends string>(values: readonly Value[]): readonly Value[] {
  return [...new Set(values)].sort();
}

/** The same record with its keys in order of code units. */
export function sortedRecord<Value, Result = Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Readonly<Record<string, Result>> {
  const keys = Object.keys(record).sort();
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = record[key];
      return value === undefined ? [] : [[key, change(value)]];
    }),
  );
}

/** The same JSON with all keys in order. Lists stay as they are: their order means something. */
export function sortedJson(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(sortedJson);
  if (typeof value === 'object' && value !== null) return sortedRecord(value, sortedJson);
  return value;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
