import type { Issue, Path } from './issues.ts';
import { notPlainProblem } from './not-plain.ts';

/** Keys through which parsed data could reach an object's prototype. */
export const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Stands in a copy for what is a problem already, so that nothing more is said about it. */
export const REFUSED: unique symbol = Symbol('refused');

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
 * Copies plain data. Keys whose value is undefined are left out, but for variables, which would be missed where the code
 * runs, and functions; keys that could reach a prototype, instances of classes, getters that throw, cycles and bottomless
 * nesting are problems. Functions of JavaScript stay as they are, for the schema to judge, and so does what an adapter
 * reads itself: a credential, for one, is an instance.
 *
 * @param base where the value stands.
 */
export function copyPlainData(
  given: unknown,
  base: Path = [],
): {
  readonly value: unknown;
  readonly issues: readonly Issue[];
} {
  const issues: Issue[] = [];
  const above = new Set<object>();

  const refuse = (path: Path, message: string): typeof REFUSED => {
    issues.push({ path, message });
    return REFUSED;
  };

  /** Getters and proxies run code of the user's. What it throws may quote anything, so it is not repeated. */
  const attempt = (path: Path, read: () => unknown): unknown => {
    try {
      return read();
    } catch {
      return refuse(path, 'cannot be read: a getter or a proxy throws. Give the value itself.');
    }
  };

  const copy = (current: unknown, path: Path): unknown => {
    if (typeof current !== 'object' || current === null) return current;
    return attempt(path, () => {
      const isList = Array.isArray(current);
      if (!isList && !isPlainObject(current)) {
        return isReadByAdapter(path) ? current : refuse(path, notPlainProblem(current, path));
      }
      if (above.has(current)) {
        return refuse(path, 'refers back to itself. Write the value out instead.');
      }
      if (path.length - base.length > MAX_DEPTH) {
        return refuse(path, `is nested deeper than ${MAX_DEPTH} levels. Flatten it.`);
      }
      above.add(current);
      try {
        return isList ? copyList(current, path) : copyObject(current, path);
      } finally {
        above.delete(current);
      }
    });
  };

  const copyList = (current: readonly unknown[], path: Path): readonly unknown[] =>
    Array.from({ length: current.length }, (_, index) => {
      const here = [...path, index];
      return copy(
        attempt(here, () => current[index]),
        here,
      );
    });

  const copyObject = (current: Record<string, unknown>, path: Path): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(current)) {
      const here = [...path, key];
      if (UNSAFE_KEYS.has(key)) {
        refuse(
          here,
          'this key is refused, because it could change the prototype of objects. Rename it.',
        );
        continue;
      }
      const item = attempt(here, () => current[key]);
      if (item !== undefined) result[key] = copy(item, here);
      else if (isVariable(here)) refuse(here, UNSET_VARIABLE);
      else if (isFunction(here)) refuse(here, UNSET_FUNCTION);
    }
    return result;
  };

  return { value: copy(given, base), issues };
}

const UNSET_VARIABLE =
  'is undefined, and no variable can be. Set it where this runs (process.env has it then), or leave the name out.';

const UNSET_FUNCTION =
  'is undefined, and would be missed without a word. Give its declaration, or leave the name out.';

/** Where it stands in the declaration of a function, in the defaults, or else in the configuration, of whatever stage. */
function placeIn(path: Path): Path {
  const rest = path[0] === 'environments' ? path.slice(2) : path;
  if (rest[0] === 'functions') return rest.slice(2);
  return rest[0] === 'defaults' ? rest.slice(1) : rest;
}

/** True for a variable of a function, or of all. */
function isVariable(path: Path): boolean {
  const place = placeIn(path);
  return place.length === 2 && place[0] === 'env';
}

/** True for a whole function. What an environment changes of one may be nothing. */
function isFunction(path: Path): boolean {
  return path.length === 2 && path[0] === 'functions';
}

/** True for what lies under the id of a provider in `providerOptions`, of whatever part of the configuration. */
function isReadByAdapter(path: Path): boolean {
  const place = placeIn(path);
  return place[0] === 'providerOptions' && place.length > 2;
}
