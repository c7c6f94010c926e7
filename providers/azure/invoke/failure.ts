/** What a direct call that failed means. */
import { deserializeError } from 'polyfaas/function';
import {
  type Classification,
  DirectCallError,
  DirectTimeoutError,
  type FailedFunction,
  handlerErrors,
  processEnded,
  ServerlessError,
} from 'polyfaas/spi';
import { LOAD_ERROR_HEADER } from '../shim/packaging.ts';

/** The load balancer in front gives up on an answer then (Azure Functions, "HTTP trigger limits"). */
export const FRONT_LIMIT_SECONDS = 230;

/** A host that restarts is there again after a second or some. */
const START_MS = 1_000;

/** The handler threw, or took too long, and its own entry says so. */
export const handlerError = handlerErrors('azure', tooSlow);

/**
 * What an answer that is not the function's says of it; undefined when it speaks of the platform, and `classify` knows
 * better.
 *
 * @param elapsedMs how long the answer took.
 */
export function platformError(
  error: unknown,
  elapsedMs: number,
  about: FailedFunction,
): ServerlessError | undefined {
  if (error instanceof DirectTimeoutError) return tooSlow(about, error);
  if (!(error instanceof DirectCallError) || error.refused !== undefined) return undefined;
  if (error.headers[LOAD_ERROR_HEADER] !== undefined) return notLoaded(error, about.name);
  const { status } = error;
  if (status !== 500 && status !== 502 && status !== 504) return undefined;
  const { timeoutSeconds } = about;
  if (elapsedMs >= Math.min(timeoutSeconds, FRONT_LIMIT_SECONDS) * 1_000)
    return tooSlow(about, error);
  return processEnded('azure', about, { said: `status ${status}`, status, cause: error });
}

/** The code outside the handlers failed. */
export function notLoaded(error: DirectCallError, name: string): ServerlessError {
  const cause = deserializeError(parsed(error.body));
  return new ServerlessError({
    code: 'FUNCTION_FAILED',
    provider: 'azure',
    function: name,
    message: `${name} did not start: ${cause.name}: ${cause.message}. The code outside the handlers failed; see the stack of the cause.`,
    details: { phase: 'init', errorName: cause.name },
    cause,
  });
}

/** What App Service's front says for a host that is not there. */
const HOST_IS_AWAY = /host is not running|service is unavailable/i;

/** For the table of errors: a pure reading of a direct call's failure; undefined for anything else. */
export function classifyDirect(error: unknown): Classification | undefined {
  if (error instanceof DirectTimeoutError) return { code: 'TIMEOUT', retryable: false };
  if (!(error instanceof DirectCallError)) return undefined;
  const { status, refused } = error;
  const retryAfterMs = Number(error.headers['retry-after']) * 1_000;
  const later = retryAfterMs > 0 ? { retryAfterMs } : {};
  if (refused === 'otherVersion') {
    return {
      code: 'CONFLICT',
      retryable: false,
      didNotRun: true,
      message: 'Another version is live by now. Call again without a version, or deploy.',
    };
  }
  if (refused === 'replayed') return { code: 'CONFLICT', retryable: false, didNotRun: true };
  if (refused !== undefined || status === 401 || status === 403) {
    return {
      code: 'UNAUTHENTICATED',
      retryable: false,
      didNotRun: true,
      message: `The function app refused the call (${refused ?? `status ${status}`}): its keys are not those that its settings tell, or the clocks are more than a minute apart. Deploy the function again.`,
    };
  }
  if (status === 404 || status === 503) {
    return {
      code: 'UNAVAILABLE',
      retryable: true,
      // A front that lost its worker midway may say 503, too: only these words are certain.
      didNotRun: status === 404 || HOST_IS_AWAY.test(error.body),
      retryAfterMs: retryAfterMs > 0 ? retryAfterMs : START_MS,
      message: 'The host of the function is starting. Try again in a moment.',
    };
  }
  if (status === 429) return { code: 'RATE_LIMITED', retryable: true, didNotRun: true, ...later };
  if (status === 413) return { code: 'PAYLOAD_TOO_LARGE', retryable: false, didNotRun: true };
  return { code: status >= 500 ? 'UNAVAILABLE' : 'UNKNOWN', retryable: status >= 500 };
}

function tooSlow({ name, timeoutSeconds }: FailedFunction, cause: unknown): ServerlessError {
  const front =
    timeoutSeconds > FRONT_LIMIT_SECONDS
      ? ` Azure gives up on a waiting caller after ${FRONT_LIMIT_SECONDS} s, and the function runs on: call it with mode "async".`
      : '';
  return new ServerlessError({
    code: 'TIMEOUT',
    provider: 'azure',
    function: name,
    message: `${name} did not answer within ${Math.min(timeoutSeconds, FRONT_LIMIT_SECONDS)} s. Raise timeoutSeconds, or do less in one call.${front}`,
    details: { timeoutSeconds },
    cause,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { name: 'Error', message: text.slice(0, 500) };
  }
}
