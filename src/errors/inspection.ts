/** How an error is shown by `console.log`: a vendor's own error, which is its cause, may quote a secret. */
import { redact } from './redact.ts';
import { ServerlessError } from './serverless-error.ts';

// By its registered name: importing `node:util` is felt at the start of every program.
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

type Inspect = (value: unknown, options?: object) => string;

/** Has the error shown with the secrets of its cause taken out. The cause itself stays as it is. */
export function withHiddenSecrets<Failure extends ServerlessError>(error: Failure): Failure {
  const isRaw = error.cause !== undefined && !ServerlessError.isInstance(error.cause);
  if (!isRaw || INSPECT in error || !Object.isExtensible(error)) return error;
  Object.defineProperty(error, INSPECT, {
    value: (_depth: number, options: object, inspect: Inspect) => inspect(viewOf(error), options),
  });
  return error;
}

function viewOf(error: ServerlessError): ServerlessError {
  const { cause } = error;
  const view = new ServerlessError({
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    provider: error.provider,
    function: error.function,
    step: error.step,
    details: error.details,
    cause: {
      // Colours would stand between a name and its value.
      [INSPECT]: (_depth: number, options: object, inspect: Inspect): string =>
        redact(inspect(cause, { ...options, colors: false, stylize: String })),
    },
  });
  if (error.stack !== undefined) view.stack = error.stack;
  return view;
}
