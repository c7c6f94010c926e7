/** What providers say of a direct call whose function failed. */
import { ServerlessError } from '../../errors/index.ts';
import { deserializeError } from '../../function/error.ts';

/** What is known of the function besides. */
export interface FailedFunction {
  readonly name: string;
  /** Not known of a version that is only being looked at. */
  readonly memoryMb?: number;
  readonly timeoutSeconds: number;
}

/**
 * Reads the answer of a function whose handler threw, or took too long, and whose own entry says so. The error that it gives
 * is a `FUNCTION_FAILED`, its cause what the handler threw, or that of `tooSlow`.
 *
 * @param provider its name.
 * @param tooSlow what is said of a handler that took too long.
 */
export function handlerErrors(
  provider: string,
  tooSlow: (about: FailedFunction, cause: unknown) => ServerlessError,
): (error: unknown, timedOut: boolean, about: FailedFunction) => ServerlessError {
  return (error, timedOut, about) => {
    const cause = deserializeError(error);
    if (timedOut) return tooSlow(about, cause);
    return new ServerlessError({
      code: 'FUNCTION_FAILED',
      provider,
      function: about.name,
      message: `${about.name} failed: ${cause.name}: ${cause.message}`,
      details: { phase: 'call', errorName: cause.name },
      cause,
    });
  };
}

/** Says that a function's process ended in the middle of a call: `FUNCTION_FAILED`. */
export function processEnded(
  provider: string,
  { name, memoryMb }: Pick<FailedFunction, 'name' | 'memoryMb'>,
  answer: {
    /** How the platform said so: `status 502`. */
    readonly said: string;
    readonly status: number;
    readonly cause: unknown;
  },
): ServerlessError {
  const { said, status, cause } = answer;
  return new ServerlessError({
    code: 'FUNCTION_FAILED',
    provider,
    function: name,
    message: `The process of ${name} ended before it answered (${said}): it ran out of its ${memoryMb === undefined ? '' : `${memoryMb} MB of `}memory, or called process.exit. Raise memoryMb, or look at its logs.`,
    details: { phase: 'call', status },
    cause,
  });
}
