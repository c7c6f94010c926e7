/** Looks into JSON that came over the wire, without trusting its form. */

export type JsonMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Empty for what is no object. */
export function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

/** Empty for what is no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A member at a path of names: `at(body, 'properties', 'tags')`. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => mapOf(found)[name], value);
}
