/** Reading JSON that somebody sent. */

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is an object; empty when it is not there. */
export function objectOf(value: unknown, ...path: readonly string[]): Json {
  const found = at(value, path);
  return isObject(found) ? found : {};
}

export function textOf(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, path);
  return typeof found === 'string' ? found : undefined;
}

export function numberOf(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, path);
  return typeof found === 'number' ? found : undefined;
}

export function listOf(value: unknown, ...path: readonly string[]): readonly unknown[] | undefined {
  const found = at(value, path);
  return Array.isArray(found) ? found : undefined;
}

/** Whether a member is there, and is not null. */
export function has(value: unknown, ...path: readonly string[]): boolean {
  const found = at(value, path);
  return found !== undefined && found !== null;
}

/** A map of texts, such as tags; undefined when it is not there. */
export function textsOf(
  value: unknown,
  ...path: readonly string[]
): Readonly<Record<string, string>> | undefined {
  const found = at(value, path);
  if (!isObject(found)) return undefined;
  return Object.fromEntries(
    Object.entries(found).map(([name, text]) => [name, typeof text === 'string' ? text : '']),
  );
}

/** What a PATCH makes of a document: objects are merged, all else is replaced. */
export function merged(before: Json, change: Json): Json {
  const result: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    const old = result[name];
    result[name] = isObject(old) && isObject(value) ? merged(old, value) : value;
  }
  return result;
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (!isObject(found)) return undefined;
    found = found[name];
  }
  return found;
}
