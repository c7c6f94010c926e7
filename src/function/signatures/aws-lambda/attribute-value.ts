/** JSON as DynamoDB writes it. */
import type { JsonObject, JsonValue } from '../../json.types.ts';

/** `{ id: 7 }` becomes `{ id: { N: '7' } }`. */
export function attributeMap(source: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(source).map(([key, value]) => [key, attributeValue(value)]),
  );
}

function attributeValue(value: JsonValue): JsonObject {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
    default:
      if (value === null) return { NULL: true };
      return isArray(value) ? { L: value.map(attributeValue) } : { M: attributeMap(value) };
  }
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
