/** The second pass of `toJson`: copies a value into JSON and names what cannot be carried. */
import type { JsonValue } from './json.types.ts';

/** Deeper nesting is refused. */
export const MAX_JSON_DEPTH = 2_000;

/** A value that JSON would lose, and where it was. */
export class JsonEncodeError extends Error {
  override readonly name = 'JsonEncodeError';
  /** Such as `$.items[2].createdBy`. */
  readonly path: string;
  /** What is wrong there, and what to send instead. */
  readonly reason: string;

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} ${reason}`, cause === undefined ? undefined : { cause });
    this.path = path;
    this.reason = reason;
  }
}

/** Plain assignment to `__proto__` would change the object's prototype instead of adding a key. */
function setOwn(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== '__proto__') target[key] = value;
  else
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
}

/** `.items[2]["created by"]`, with the middle of a very long path left out. */
function formatPath(keys: readonly (string | number)[]): string {
  const steps = keys.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 100))}]`;
  });
  if (steps.length > 40) steps.splice(20, steps.length - 40, ' ... ');
  return steps.join('');
}

const BOXED: ReadonlySet<string> = new Set(['Number', 'String', 'Boolean', 'BigInt']);

/** What else there is that `JSON.stringify` turns into `{}`, by `Symbol.toStringTag`, which also works across realms. */
const LOSSY: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Map: 'send Object.fromEntries(map)',
    Set: 'send [...set]',
    WeakMap: 'it has no JSON form',
    WeakSet: 'it has no JSON form',
    WeakRef: 'it has no JSON form',
    Promise: 'await it first',
    RegExp: 'send its source',
    Error: 'send its name and message',
    ArrayBuffer: 'send base64 text',
    SharedArrayBuffer: 'send base64 text',
    Response: 'send its status and body',
    Request: 'send its method and URL',
    Headers: 'send Object.fromEntries(headers)',
    FormData: 'send Object.fromEntries(form)',
    Blob: 'send base64 text',
    File: 'send base64 text',
    ReadableStream: 'send its contents',
    Generator: 'send [...generator]',
    AsyncGenerator: 'send its contents',
  }),
);

/** A container whose contents are being copied. */
interface Frame {
  readonly source: object;
  /** How many elements there are, or the names of the properties. */
  readonly keys: number | readonly string[];
  readonly read: (key: string | number) => unknown;
  readonly write: (key: string | number, value: JsonValue | undefined) => void;
  /** The position of the next key; the present one is just before it. */
  next: number;
}

/** Copies one value. It keeps its own stack, because a deep value would overflow the engine's. */
export class JsonEncoder {
  readonly #root: string;
  readonly #frames: Frame[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  encode(value: unknown): JsonValue | undefined {
    const encoded = this.#value(value, '');
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const { read, keys, next } = frame;
      const key = typeof keys === 'number' ? next : keys[next];
      if (key === undefined || key === keys) {
        this.#frames.pop();
        continue;
      }
      frame.next += 1;
      // A container is attached here while it is still empty, and filled by the frame that it opened.
      frame.write(
        key,
        this.#value(
          this.#guard(() => read(key)),
          String(key),
        ),
      );
    }
    return encoded;
  }

  #value(value: unknown, key: string): JsonValue | undefined {
    if (typeof value !== 'object' || value === null) return this.#scalar(value);
    // A Buffer has a toJSON, and it is not what anybody wants.
    const bytes = ArrayBuffer.isView(value);
    const method = this.#guard(() => (!bytes && 'toJSON' in value ? value.toJSON : undefined));
    if (typeof method !== 'function') return this.#open(value);
    const replaced: unknown = this.#guard(() => Reflect.apply(method, value, [key]));
    // JSON asks once: what toJSON returned is not asked again.
    return typeof replaced === 'object' && replaced !== null
      ? this.#open(replaced)
      : this.#scalar(replaced);
  }

  #scalar(value: unknown): JsonValue | undefined {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return value;
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(`is ${value}, which JSON turns into null`);
        return value === 0 ? 0 : value;
      case 'bigint':
        return this.#refuse('is a BigInt; send it as a string');
      case 'symbol':
        return this.#refuse('is a symbol; send its description');
      case 'function':
        return this.#refuse('is a function; only data can be sent');
      default:
        return null;
    }
  }

  #open(source: object): JsonValue | undefined {
    if (ArrayBuffer.isView(source)) this.#refuse('holds bytes; send base64 text');
    if (this.#frames.length >= MAX_JSON_DEPTH) {
      this.#refuse(`is nested deeper than ${MAX_JSON_DEPTH} levels`);
    }
    if (this.#frames.some((frame) => frame.source === source)) {
      this.#refuse('refers back to an object that contains it');
    }
    if (Array.isArray(source)) {
      const target: JsonValue[] = [];
      const read = (key: string | number): unknown => source[Number(key)];
      const write: Frame['write'] = (_key, value) => target.push(value ?? null);
      this.#frames.push({ source, keys: source.length, read, write, next: 0 });
      return target;
    }
    const tag = this.#guard(() => Object.prototype.toString.call(source).slice(8, -1));
    if (BOXED.has(tag)) return this.#scalar(this.#guard(() => source.valueOf()));
    const advice = LOSSY.get(tag);
    if (advice !== undefined) this.#refuse(`is a ${tag}, which JSON cannot carry; ${advice}`);
    const target: Record<string, JsonValue> = {};
    const keys = this.#guard(() => Object.keys(source));
    const read = (key: string | number): unknown => Reflect.get(source, key);
    const write: Frame['write'] = (key, value) => {
      if (value !== undefined) setOwn(target, String(key), value);
    };
    this.#frames.push({ source, keys, read, write, next: 0 });
    return target;
  }

  /** Runs what may be the user's own code: a getter, a `toJSON`, a proxy. */
  #guard<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (cause) {
      return this.#refuse('could not be read: it threw', cause);
    }
  }

  #refuse(reason: string, cause?: unknown): never {
    const keys = this.#frames.map(({ keys: names, next }) =>
      typeof names === 'number' ? next - 1 : (names[next - 1] ?? ''),
    );
    throw new JsonEncodeError(this.#root + formatPath(keys), reason, cause);
  }
}
