/** How an error leaves the function: Lambda carries a name, a message and lines of a stack. */
import { serializeError, type SerializedError } from 'polyfaas/function';

/** The whole error, causes included, travels as one more line of its stack. */
export const ERROR_LINE = '    at polyfaas (data:application/json;base64,';

/** In characters of JSON. An answer of Lambda takes megabytes; a line of its log takes 256 KB. */
const MAX_JSON_LENGTH = 48_000;
const SHORT = 2_000;

/** An error for the runtime to report, with everything that was thrown in its last line. */
export function travelling(thrown: unknown): Error {
  const whole = serializeError(thrown);
  let json = JSON.stringify(whole);
  if (json.length > MAX_JSON_LENGTH) json = JSON.stringify(shortened(whole, 4));
  const base64 = Buffer.from(json).toString('base64');
  const stack = whole.stack === '' ? `${whole.name}: ${whole.message}` : whole.stack;
  return Object.create(prototypeOf(thrown), {
    name: { value: whole.name },
    message: { value: whole.message },
    stack: { value: `${stack}\n${ERROR_LINE}${base64})` },
  });
}

/** That of the thing thrown, so that the line in the log names its class; that of `Error` for what is none. */
function prototypeOf(thrown: unknown): object {
  try {
    const prototype: unknown = thrown instanceof Error ? Object.getPrototypeOf(thrown) : undefined;
    return prototype instanceof Error ? prototype : Error.prototype;
  } catch {
    return Error.prototype;
  }
}

function shortened(error: SerializedError, causesLeft: number): SerializedError {
  const { name, message, stack, cause } = error;
  const short = { name, message: message.slice(0, SHORT), stack: stack.slice(0, SHORT) };
  return cause === undefined || causesLeft === 0
    ? short
    : { ...short, cause: shortened(cause, causesLeft - 1) };
}
