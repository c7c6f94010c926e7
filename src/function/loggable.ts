/** Whatever is logged, as JSON. A payload that would lose something is refused; a log line says what it can. */
import { serializeError } from './error.ts';
import { isJson, toJson } from './json.ts';
import type { JsonObject, JsonValue } from './json.types.ts';

/** What lies deeper is not shown. */
const MAX_DEPTH = 20;

/** So many values at the most: a client or a request may hold half of what there is in memory. */
const MAX_VALUES = 20_000;

const LEFT_OUT = '[left out]';
const UNREADABLE = '[cannot be read: it threw]';
const BOXED: ReadonlySet<string> = new Set(['Number', 'String', 'Boolean', 'BigInt']);

/** The value itself where it is JSON already, else a copy. Never throws, whatever getters and `toJSON` do. */
export function loggable(value: unknown): JsonValue {
  return isJson(value) ? value : (new Copy().value(value, '') ?? null);
}

/** By its tag, too: an error of another realm is no instance of ours. */
export function isError(value: unknown): boolean {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
  } catch {
    return false;
  }
}

/** One copy of what JSON does not carry as it is. */
class Copy {
  /** What is being copied: what is met again within it would never end. */
  readonly #above: object[] = [];
  #left = MAX_VALUES;

  /** `undefined` where JSON leaves the value out. */
  value(value: unknown, key: string): JsonValue | undefined {
    this.#left -= 1;
    if (value === null) return null;
    switch (typeof value) {
      case 'object':
        return this.#object(value, key);
      case 'boolean':
      case 'string':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'bigint':
      case 'symbol':
        return String(value);
      case 'function':
        return '[function]';
      default:
        return undefined;
    }
  }

  #object(value: object, key: string): JsonValue | undefined {
    if (this.#above.includes(value)) return '[circular]';
    if (this.#above.length >= MAX_DEPTH) return LEFT_OUT;
    this.#above.push(value);
    try {
      return this.#read(value, key);
    } catch {
      return UNREADABLE;
    } finally {
      this.#above.pop();
    }
  }

  /** Any question may throw: the value may be a proxy, and what it answers by is the user's own code. */
  #read(value: object, key: string): JsonValue | undefined {
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (isError(value)) return toJson(serializeError(value));
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `[${tag} of ${value.byteLength} bytes]`;
    }
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return this.value(Reflect.apply(value.toJSON, value, [key]), key);
    }
    if (Array.isArray(value) || value instanceof Set) return this.#list(value);
    if (value instanceof Map) return this.#fields(value.keys(), (name) => value.get(name));
    if (value instanceof RegExp) return String(value);
    if (BOXED.has(tag)) return this.value(value.valueOf(), key);
    const names = Object.keys(value);
    if (names.length === 0 && tag !== 'Object') return `[${tag}]`;
    return this.#fields(names, (name) => Reflect.get(value, name));
  }

  #list(items: Iterable<unknown>): JsonValue {
    const list: JsonValue[] = [];
    for (const item of items) {
      if (this.#left <= 0) {
        list.push(LEFT_OUT);
        break;
      }
      list.push(this.value(item, String(list.length)) ?? null);
    }
    return list;
  }

  #fields<Name>(names: Iterable<Name>, read: (name: Name) => unknown): JsonObject {
    const fields: (readonly [string, JsonValue])[] = [];
    for (const name of names) {
      if (this.#left <= 0) {
        fields.push(['...', LEFT_OUT]);
        break;
      }
      const key = typeof name === 'object' && name !== null ? '[object]' : String(name);
      const field = this.#field(key, () => read(name));
      if (field !== undefined) fields.push([key, field]);
    }
    // It makes a field even of `__proto__`.
    return Object.fromEntries(fields);
  }

  /** One bad field should not lose the others. */
  #field(key: string, read: () => unknown): JsonValue | undefined {
    try {
      return this.value(read(), key);
    } catch {
      return UNREADABLE;
    }
  }
}
