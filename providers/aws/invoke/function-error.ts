/** What Lambda says of a call that failed inside: HTTP 200, a header, and a description as the payload. */
import { deserializeError } from 'polyfaas/function';
import { ServerlessError } from 'polyfaas/spi';
import { SECRET_ERRORS } from '../shim/packaging.ts';

/** What is known of the function besides. */
export interface FailedFunction {
  readonly name: string;
  /** Null where unknown. */
  readonly memoryMb: number | null;
  readonly timeoutSeconds: number | null;
}

/** The shim's line in the stack; see `shim/failure.ts`. */
const ERROR_LINE = /^ {4}at polyfaas \(data:application\/json;base64,([\w+/=]+)\)$/;

interface Described {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/**
 * The error of a failed call. Never retryable: the function ran.
 *
 * @param payload of a reply with `FunctionError`.
 */
export function functionError(
  payload: unknown,
  about: FailedFunction,
  hasShim: boolean,
): ServerlessError {
  const described = describedBy(payload);
  const own = ownError(described);
  if (own !== undefined) return thrownInside(own, about);
  const { errorType, errorMessage } = described;
  if (/Task timed out after/.test(errorMessage) || errorType === 'Sandbox.Timedout') {
    return timedOut(errorMessage, about);
  }
  if (errorType === 'Function.ResponseSizeTooLarge') return tooLarge(about);
  // Spelt in more than one way, by versions of the runtime.
  if (/^Runtime\.NodejsExit$/i.test(errorType)) return leftNothingToDo(about);
  if (errorType.startsWith('Runtime.') || /^RequestId: \S+ Error: /.test(errorMessage)) {
    const exit = exited(errorMessage, about);
    if (exit !== undefined) return exit;
  }
  const cause = deserializeError({
    name: errorType,
    message: errorMessage,
    stack: described.trace.join('\n'),
  });
  // Behind the shim every error of a handler carries its line; without it, the code was never entered. Unless a
  // promise was rejected that nobody waited for, which Lambda itself tells apart.
  const hasStarted = !hasShim || errorType === 'Runtime.UnhandledPromiseRejection';
  return !hasStarted ? notStarted(cause, about) : thrownInside(cause, about);
}

function describedBy(payload: unknown): Described {
  const read = (key: string): unknown =>
    typeof payload === 'object' && payload !== null ? Reflect.get(payload, key) : undefined;
  const [type, message, trace] = [read('errorType'), read('errorMessage'), read('trace')];
  // Other runtimes call the trace `stackTrace`.
  const lines: unknown = Array.isArray(trace) ? trace : read('stackTrace');
  return {
    errorType: typeof type === 'string' ? type : 'Error',
    errorMessage: typeof message === 'string' ? message : JSON.stringify(payload ?? null),
    trace: Array.isArray(lines) ? lines.filter((line) => typeof line === 'string') : [],
  };
}

function ownError({ trace }: Described): Error | undefined {
  const line = ERROR_LINE.exec(trace.at(-1) ?? '');
  if (line === null) return undefined;
  try {
    return deserializeError(JSON.parse(Buffer.from(line[1] ?? '', 'base64').toString('utf8')));
  } catch {
    return undefined;
  }
}

function thrownInside(cause: Error, { name }: FailedFunction): ServerlessError {
  return failed(name, `${name} failed: ${cause.name}: ${cause.message}`, cause, {
    phase: 'call',
    errorName: cause.name,
  });
}

function notStarted(cause: Error, { name }: FailedFunction): ServerlessError {
  const details = { phase: 'init', errorName: cause.name };
  if (cause.name === SECRET_ERRORS.missing) {
    return new ServerlessError({
      ...common(name),
      code: 'NOT_FOUND',
      message: `${name} did not start: ${cause.message}`,
      details,
    });
  }
  if (cause.name === SECRET_ERRORS.denied) {
    return new ServerlessError({
      ...common(name),
      code: 'PERMISSION_DENIED',
      // A policy takes seconds to be known everywhere.
      retryable: true,
      message: `${name} did not start: ${cause.message}`,
      details,
    });
  }
  // It says itself what to do.
  if (cause.name === SECRET_ERRORS.unreadable) {
    return failed(name, `${name} did not start: ${cause.message}`, undefined, details);
  }
  return failed(
    name,
    `${name} did not start: ${cause.name}: ${cause.message}. The code outside the handlers failed; see the stack of the cause.`,
    cause,
    details,
  );
}

function timedOut(message: string, { name, timeoutSeconds }: FailedFunction): ServerlessError {
  const told = /Task timed out after ([\d.]+) seconds/.exec(message)?.[1];
  const seconds = timeoutSeconds ?? (told === undefined ? null : Number(told));
  return new ServerlessError({
    ...common(name),
    code: 'TIMEOUT',
    message: `${name} did not answer within ${seconds === null ? 'its timeout' : `${seconds} s`}. Raise timeoutSeconds, or do less in one call.`,
    details: { timeoutSeconds: seconds },
  });
}

function tooLarge({ name }: FailedFunction): ServerlessError {
  return new ServerlessError({
    ...common(name),
    code: 'PAYLOAD_TOO_LARGE',
    message: `The answer of ${name} is larger than the 6 MB that Lambda returns. Put the data in a bucket and answer with its key.`,
  });
}

/** The instance ended by itself. Undefined for another failure. */
function exited(message: string, about: FailedFunction): ServerlessError | undefined {
  const { name, memoryMb } = about;
  const signal = /signal: ([\w ]+)/.exec(message)?.[1];
  // Lambda kills what takes too much memory; V8 aborts when its own heap is full.
  if (signal === 'killed' || signal?.startsWith('aborted') || /out ?of ?memory/i.test(message)) {
    const allowed = memoryMb === null ? '' : `: ${memoryMb} MB are allowed`;
    return failed(
      name,
      `The instance of ${name} was ended (${signal ?? 'out of memory'}), as happens when it runs out of memory${allowed}. Raise memoryMb, or hold less at once.`,
      undefined,
      { phase: 'exit', memoryMb },
    );
  }
  const status = /exit status (\d+)/.exec(message)?.[1];
  if (status === undefined && signal === undefined && !/Runtime exited/.test(message)) {
    return undefined;
  }
  const code = status === undefined && signal === undefined ? 0 : Number(status ?? Number.NaN);
  const how = signal === undefined ? `with code ${code}` : `by signal "${signal}"`;
  return failed(
    name,
    `The instance of ${name} ended ${how} during the call. Return from the handler instead of calling process.exit, and catch what is thrown outside of it.`,
    undefined,
    { phase: 'exit', exitCode: Number.isNaN(code) ? null : code },
  );
}

/** Lambda ends a process in which nothing can settle the promise of the handler any more. */
function leftNothingToDo({ name }: FailedFunction): ServerlessError {
  return failed(
    name,
    `${name} did not answer, and nothing was left to do in its process: a promise that it waits for never settles. See that each is resolved or rejected, also where a stream or a callback is forgotten.`,
    undefined,
    { phase: 'call', errorName: 'Runtime.NodejsExit' },
  );
}

function failed(
  name: string,
  message: string,
  cause: Error | undefined,
  details: Readonly<Record<string, string | number | null>>,
): ServerlessError {
  return new ServerlessError({ ...common(name), code: 'FUNCTION_FAILED', message, cause, details });
}

function common(name: string): { readonly provider: string; readonly function: string } {
  return { provider: 'aws', function: name };
}
