const KEY = Symbol.for('polyfaas.local.held-folders');

/**
 * The locks that this process holds, by the identity of their files: one list for all copies of the package.
 * Threads have a list of their own; what their owners hold is only known from the lock itself.
 */
export function heldInProcess(): Map<string, object> {
  const present: unknown = Reflect.get(globalThis, KEY);
  if (present instanceof Map) return present;
  const made = new Map<string, object>();
  Reflect.set(globalThis, KEY, made);
  return made;
}
