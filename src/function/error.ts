/** How an error travels: across threads, processes and clouds. */

/** An error as plain data. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  /** Empty when the thing thrown had none. */
  readonly stack: string;
  readonly cause?: SerializedError;
}

/** Causes below this are dropped. */
const MAX_CAUSES = 8;
const MAX_NAME_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 16_384;
const MAX_STACK_LENGTH = 16_384;

/**
 * Turns whatever was thrown into plain data. Never throws, not even for a proxy or a getter that does.
 * Long texts are cut, and chains of causes end after eight.
 *
 * What is no error keeps what it says: a string becomes the message; an object gives its `name` and `message`, else its JSON.
 */
export function serializeError(thrown: unknown): SerializedError {
  return serialize(thrown, MAX_CAUSES);
}

/**
 * Makes an `Error` again, with the name, message, stack and causes that it had. The built-in kinds
 * (`TypeError`, `RangeError` ...) come back as instances of themselves.
 *
 * @param value foreign data; missing or wrong fields get defaults.
 */
export function deserializeError(value: unknown): Error {
  return deserialize(value, MAX_CAUSES);
}

function serialize(thrown: unknown, causesLeft: number): SerializedError {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) {
    return { name: 'Error', message: describePrimitive(thrown), stack: '' };
  }
  const name = textOf(thrown, 'name', MAX_NAME_LENGTH);
  const message = textOf(thrown, 'message', MAX_MESSAGE_LENGTH);
  const stack = textOf(thrown, 'stack', MAX_STACK_LENGTH) ?? '';
  const plain = {
    name: name === undefined || name === '' ? 'Error' : name,
    message: message ?? describeObject(thrown),
    stack,
  };
  const cause = causesLeft > 0 ? read(thrown, 'cause') : undefined;
  return cause === undefined ? plain : { ...plain, cause: serialize(cause, causesLeft - 1) };
}

function describePrimitive(thrown: unknown): string {
  if (typeof thrown === 'string') return cut(thrown, MAX_MESSAGE_LENGTH);
  // What is no string is seldom meant as a message, so say what happened.
  return `${String(thrown)} was thrown instead of an Error`;
}

function describeObject(thrown: object): string {
  if (typeof thrown === 'function') return 'a function was thrown instead of an Error';
  try {
    return cut(JSON.stringify(thrown), MAX_MESSAGE_LENGTH);
  } catch {
    return 'an object that cannot be read was thrown instead of an Error';
  }
}

function read(source: object, key: string): unknown {
  try {
    return Reflect.get(source, key);
  } catch {
    return undefined;
  }
}

function textOf(source: object, key: string, limit: number): string | undefined {
  const value = read(source, key);
  return typeof value === 'string' ? cut(value, limit) : undefined;
}

function cut(text: string | undefined, limit: number): string {
  if (text === undefined) return '';
  return text.length <= limit ? text : `${text.slice(0, limit)}... (${text.length} characters)`;
}

const BUILT_IN: ReadonlyMap<string, ErrorConstructor> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [
    type.name,
    type,
  ]),
);

function deserialize(value: unknown, causesLeft: number): Error {
  if (typeof value !== 'object' || value === null) return new Error(describePrimitive(value));
  const name = textOf(value, 'name', MAX_NAME_LENGTH) ?? 'Error';
  const message = textOf(value, 'message', MAX_MESSAGE_LENGTH * 2) ?? describeObject(value);
  const stack = textOf(value, 'stack', MAX_STACK_LENGTH * 2);
  const cause = causesLeft > 0 ? read(value, 'cause') : undefined;
  const type = BUILT_IN.get(name) ?? Error;
  const options = cause === undefined ? undefined : { cause: deserialize(cause, causesLeft - 1) };
  const error = new type(message, options);
  if (error.name !== name) hide(error, 'name', name);
  // Without one, this stack would point here, which helps nobody.
  hide(error, 'stack', stack === undefined || stack === '' ? `${name}: ${message}` : stack);
  return error;
}

function hide(error: Error, key: 'name' | 'stack', value: string): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}
