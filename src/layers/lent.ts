/**
 * A deep copy of lists and plain objects that cannot be changed, to lend to what is to be pure: a planner that changed a
 * declaration, or what was observed, would change what others plan from it next. Here it fails, and is told by name.
 * What is neither, such as a client under `providerOptions`, is handed on as it is.
 */
export function lent<Value>(value: Value): Value;
export function lent(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map((item: unknown) => lent(item)));
  if (!isPlain(value)) return value;
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => [
    name,
    lent<unknown>(field),
  ]);
  return Object.freeze(Object.fromEntries(fields));
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
