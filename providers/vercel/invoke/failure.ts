/** What a direct call that failed means, with what is known of the function. The rest is for `classify`. */
import {
  DirectCallError,
  DirectTimeoutError,
  type FailedFunction,
  handlerErrors,
  processEnded,
  ServerlessError,
} from 'polyfaas/spi';
import { HOBBY_SECONDS, MAX_SECONDS, SETTLED_SECONDS } from '../limits.ts';

/** The handler threw, or took too long, and its own entry says so. */
export const handlerError = handlerErrors('vercel', tooSlow);

/** `x-vercel-error` of instances that ended, or gave no answer ("Errors" of Vercel's documentation). */
const INSTANCE_ENDED: ReadonlySet<string> = new Set([
  'FUNCTION_INVOCATION_FAILED',
  'NO_RESPONSE_FROM_FUNCTION',
]);

/** No instance was free for the call. */
export function isThrottled(error: unknown): boolean {
  return (
    error instanceof DirectCallError && error.headers['x-vercel-error'] === 'FUNCTION_THROTTLED'
  );
}

/**
 * What an answer that is not the function's says of it; undefined when it speaks of the platform, and `classify` knows
 * better.
 */
export function platformError(
  error: unknown,
  elapsedMs: number,
  about: FailedFunction,
): ServerlessError | undefined {
  if (error instanceof DirectTimeoutError) return tooSlow(about, error);
  if (!(error instanceof DirectCallError) || error.refused !== undefined) return undefined;
  const { status, headers } = error;
  const edge = headers['x-vercel-error'] ?? '';
  if (edge === 'FUNCTION_INVOCATION_TIMEOUT') return tooSlow(about, error);
  if (!INSTANCE_ENDED.has(edge)) return undefined;
  const { timeoutSeconds } = about;
  // One that was stuck is ended when its time is up.
  if (elapsedMs >= timeoutSeconds * 1_000) return tooSlow(about, error);
  return processEnded('vercel', about, { said: edge, status, cause: error });
}

/** Why a call was not taken that was to run later; undefined for anything else. */
export function laterError(error: unknown, name: string): ServerlessError | undefined {
  if (!(error instanceof DirectCallError) || error.headers['x-vercel-error'] !== undefined) {
    return undefined;
  }
  const { status, body } = error;
  if (status === 501) return withoutQueues(name, error);
  if (status === 413) {
    return new ServerlessError({
      code: 'PAYLOAD_TOO_LARGE',
      provider: 'vercel',
      function: name,
      message: `The input is larger than a message of Vercel Queues may be. Put it into a store, and send where it is.`,
      cause: error,
    });
  }
  if (status === 424) {
    return new ServerlessError({
      code: 'PERMISSION_DENIED',
      provider: 'vercel',
      function: name,
      message: `Vercel Queues refused the asynchronous call of ${name}: ${saidIn(body)}`,
      cause: error,
    });
  }
  if (status !== 503) return undefined;
  return new ServerlessError({
    code: 'UNAVAILABLE',
    retryable: true,
    provider: 'vercel',
    function: name,
    message: `The asynchronous call of ${name} was not taken: ${saidIn(body)}`,
    cause: error,
  });
}

/** Asynchronous invocations need Vercel Queues. */
export function withoutQueues(name: string, cause?: unknown): ServerlessError {
  return new ServerlessError({
    code: 'UNSUPPORTED',
    provider: 'vercel',
    function: name,
    message: `Asynchronous invocations of "${name}" need Vercel Queues, which are in beta: set providerOptions.vercel.queues to "beta", and deploy the function again.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** `{ "error": ... }`, as the function's own entry answers. */
function saidIn(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    const isSaid = typeof value === 'object' && value !== null && 'error' in value;
    return isSaid && typeof value.error === 'string'
      ? value.error
      : 'Vercel Queues did not take it.';
  } catch {
    return 'Vercel Queues did not take it.';
  }
}

function tooSlow({ name, timeoutSeconds }: FailedFunction, cause: unknown): ServerlessError {
  const isKnown = Number.isFinite(timeoutSeconds);
  const within = isKnown ? ` within ${timeoutSeconds} s` : ' in time';
  return new ServerlessError({
    code: 'TIMEOUT',
    provider: 'vercel',
    function: name,
    message: `${name} did not answer${within}. Raise timeoutSeconds (at most ${SETTLED_SECONDS}, in beta ${MAX_SECONDS}; ${HOBBY_SECONDS} on the Hobby plan), or do less in one call.`,
    ...(isKnown ? { details: { timeoutSeconds } } : {}),
    cause,
  });
}
