/** Reads what has no type yet: an adapter may be written without any. */

/** The field of an object; `undefined` of what is none. */
export function field(owner: unknown, name: string): unknown {
  return isObject(owner) ? Reflect.get(owner, name) : undefined;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
