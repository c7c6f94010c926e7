/** Reads what a platform answered, by paths of names. Whatever is not of the expected type is as good as absent. */
import type { JsonArray, JsonObject, JsonValue } from '../function/json.types.ts';

/** The value there; undefined where there is none. */
export function valueAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): JsonValue | undefined {
  let found = value;
  for (const name of path) {
    if (!isObject(found)) return undefined;
    found = found[name];
  }
  return found;
}

/** The object there; an empty one for anything else. */
export function objectAt(value: JsonValue | undefined, ...path: readonly string[]): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

/** The text there. */
export function textAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The number there, also where it was sent as a text, as some platforms send whole ones of 64 bits. */
export function numberAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): number | undefined {
  const found = valueAt(value, ...path);
  if (typeof found === 'number') return found;
  return typeof found === 'string' && /^-?\d+$/.test(found) ? Number(found) : undefined;
}

/** The list there; an empty one for anything else. */
export function listAt(value: JsonValue | undefined, ...path: readonly string[]): JsonArray {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The texts of an object, such as tags and labels. */
export function textsAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectAt(value, ...path)).flatMap(([name, one]) =>
      typeof one === 'string' ? [[name, one] as const] : [],
    ),
  );
}

/** What a text says as JSON; undefined when it is none. */
export function parsedJson(text: string): JsonValue | undefined {
  try {
    // What is parsed from JSON is JSON.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
