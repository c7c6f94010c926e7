/** Reads what services answered. Whatever is not of the expected type is as good as absent. */
import type { JsonArray, JsonObject, JsonValue } from 'polyfaas/spi';

export function at(
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

export function objectAt(value: JsonValue | undefined, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

export function textAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** Google sends 64-bit numbers as texts. */
export function numberAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): number | undefined {
  const found = at(value, ...path);
  if (typeof found === 'number') return found;
  return typeof found === 'string' && /^-?\d+$/.test(found) ? Number(found) : undefined;
}

export function listAt(value: JsonValue | undefined, ...path: readonly string[]): JsonArray {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The texts of an object, such as labels and annotations. */
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
