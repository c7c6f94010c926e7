/** Whatever is logged, as JSON. A payload that would lose something is refused; a log line says what it can. */
import { serializeError } from './error.ts';
import { fitJson, LEFT_OUT } from './fit-json.ts';
import { isJson, toJson } from './json.ts';
import type { JsonObject, JsonValue } from './json.types.ts';

/** What lies deeper is not shown. */
const MAX_DEPTH = 20;

/** Of the JSON text. Platforms take lines of 16 KB and more. */
const MAX_CHARACTERS = 12_000;

/** A value of text that `isJson` bounds by so many bytes has at least one character for so many of them. */
const BYTES_TO_A_CHARACTER = 13;

/** Of the top, that each have the room of a line. What has more of them is a table. */
const MAX_FIELDS = 500;

const UNREADABLE = '[cannot be read: it threw]';
const BOXED: ReadonlySet<string> = new Set(['Number', 'String', 'Boolean', 'BigInt']);

/**
 * The value itself where it is JSON already, and short enough for a line of every platform; else a copy that is. Never
 * throws, whatever getters and `toJSON` do.
 */
export function loggable(value: unknown): JsonValue {
  const bound = { bytes: 0 };
  if (isJson(value, bound) && isShort(value, bound.bytes)) return value;
  return fitJson(new Copy().value(value, '') ?? null, MAX_CHARACTERS);
}

/** Its text is made only where the bound of its size says neither yes nor no. */
function isShort(json: JsonValue, atMostBytes: number): boolean {
  if (atMostBytes <= MAX_CHARACTERS) return true;
  if (atMostBytes > MAX_CHARACTERS * BYTES_TO_A_CHARACTER) return false;
  return JSON.stringify(json).length <= MAX_CHARACTERS;
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
  /** About so many characters more: a client or a request may hold half of what there is in memory. */
  #left = MAX_CHARACTERS;

  /** `undefined` where JSON leaves the value out. */
  value(value: unknown, key: string): JsonValue | undefined {
    this.#left -= typeof value === 'string' ? value.length : 1;
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
    if (isError(value)) return this.#error(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `[${tag} of ${value.byteLength} bytes]`;
    }
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return this.value(Reflect.apply(value.toJSON, value, [key]), key);
    }
    if (Array.isArray(value) || value instanceof Set) return this.#list(value);
    if (value instanceof Map) return this.#map(value);
    if (value instanceof RegExp) return String(value);
    if (BOXED.has(tag)) return this.value(value.valueOf(), key);
    const names = Object.keys(value);
    if (names.length === 0 && tag !== 'Object') return `[${tag}]`;
    return this.#fields(names, (name) => Reflect.get(value, name));
  }

  #error(error: unknown): JsonValue {
    const serialized = serializeError(error);
    this.#left -= serialized.message.length + serialized.stack.length;
    return toJson(serialized);
  }

  /** Fields have names that are texts, and different ones: other maps are lists of keys and values. */
  #map(map: ReadonlyMap<unknown, unknown>): JsonValue {
    const keys = [...map.keys()];
    const isNamed = keys.every((key) => typeof key === 'string' || typeof key === 'number');
    return isNamed && new Set(keys.map(String)).size === keys.length
      ? this.#fields(keys, (key) => map.get(key))
      : this.#list(map);
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

  #fields<Name>(names: readonly Name[], read: (name: Name) => unknown): JsonObject {
    const fields: (readonly [string, JsonValue])[] = [];
    const isTop = this.#above.length === 1;
    for (const [index, name] of names.entries()) {
      // One field of the top does not take what another needs: who makes them fit sees all of them.
      if (isTop && index < MAX_FIELDS) this.#left = MAX_CHARACTERS;
      if (this.#left <= 0) {
        fields.push(['...', LEFT_OUT]);
        break;
      }
      const key = String(name);
      this.#left -= key.length;
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
