import type { Issue, Path } from './issues.ts';

/** Keys through which parsed data could reach an object's prototype. */
export const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const MAX_DEPTH = 64;

/** An object that is only data: no class, no list. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === null || prototype === Object.prototype || isForeignObjectPrototype(prototype)
  );
}

/** `Object.prototype` of another realm, such as a `vm` context. */
function isForeignObjectPrototype(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}

/**
 * Copies plain data. Keys whose value is undefined are left out; keys that could reach a prototype,
 * cycles and bottomless nesting are problems. What is no plain data (a class instance, a function) stays as it is.
 */
export function copyPlainData(value: unknown): {
  readonly value: unknown;
  readonly issues: readonly Issue[];
} {
  const issues: Issue[] = [];
  const above = new Set<object>();

  const copy = (current: unknown, path: Path): unknown => {
    const isList = Array.isArray(current);
    if (!isList && !isPlainObject(current)) return current;
    if (above.has(current)) {
      issues.push({ path, message: 'refers back to itself. Write the value out instead.' });
      return undefined;
    }
    if (path.length > MAX_DEPTH) {
      issues.push({ path, message: `is nested deeper than ${MAX_DEPTH} levels. Flatten it.` });
      return undefined;
    }
    above.add(current);
    const result = isList
      ? current.map((item: unknown, index) => copy(item, [...path, index]))
      : copyObject(current, path);
    above.delete(current);
    return result;
  };

  const copyObject = (current: Record<string, unknown>, path: Path): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(current)) {
      if (UNSAFE_KEYS.has(key)) {
        issues.push({
          path: [...path, key],
          message:
            'this key is refused, because it could change the prototype of objects. Rename it.',
        });
      } else if (item !== undefined) {
        result[key] = copy(item, [...path, key]);
      }
    }
    return result;
  };

  return { value: copy(value, []), issues };
}
