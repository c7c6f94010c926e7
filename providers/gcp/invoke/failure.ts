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

/** The handler threw, or took too long, and its own entry says so. */
export const handlerError = handlerErrors('gcp', tooSlow);

/** What Cloud Run says when an instance ended, or answered nonsense, in the middle of a request ("Troubleshooting"). */
const INSTANCE_ENDED =
  /malformed|connection to the instance|upstream connect error|connection termination|disconnect\/reset/i;

/**
 * Its front's own page: it had no instance for the call in time ("pending queue request aborts"), or passes an answer on to
 * nobody. What the function's server says of its end is plain text.
 */
const OWN_PAGE = /^\s*<(?:!doctype )?html/i;

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
  const { status, body } = error;
  if (status === 504) return tooSlow(about, error);
  if (status !== 500 && status !== 502 && status !== 503) return undefined;
  // A front without an instance says so too, in other words.
  if (status === 500 ? OWN_PAGE.test(body) : !INSTANCE_ENDED.test(body)) return undefined;
  const { timeoutSeconds } = about;
  if (elapsedMs >= timeoutSeconds * 1_000) return tooSlow(about, error);
  return processEnded('gcp', about, { said: `status ${status}`, status, cause: error });
}

/** For the table of errors: a pure reading of a direct call's failure; undefined for anything else. */
export function classifyDirect(error: unknown): Classification | undefined {
  if (error instanceof DirectTimeoutError) return { code: 'TIMEOUT', retryable: false };
  if (!(error instanceof DirectCallError)) return undefined;
  const { status, refused, headers } = error;
  const retryAfterMs = Number(headers['retry-after']) * 1_000;
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
  if (refused !== undefined) {
    return {
      code: 'UNAUTHENTICATED',
      retryable: false,
      didNotRun: true,
      message: `The function refused the call (${refused}): its keys are not those that its settings tell, or the clocks are more than a minute apart. Deploy the function again.`,
    };
  }
  if (status === 401 || status === 403) {
    return {
      code: status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED',
      retryable: false,
      didNotRun: true,
      message:
        'Cloud Run did not let the call through. Give the caller the right to call the service: gcloud run services add-iam-policy-binding SERVICE --member=serviceAccount:CALLER --role=roles/run.invoker. A grant takes up to a minute.',
    };
  }
  if (status === 404) {
    return {
      code: 'UNAVAILABLE',
      retryable: true,
      didNotRun: true,
      message:
        'The address of the function is not known everywhere yet: try again in a moment. If it stays so, the function is closed to where the call comes from (providerOptions.gcp.ingress): call from inside of the network, or set it to "ALLOW_ALL".',
    };
  }
  // No instance was free, and none may be added: "no available instance".
  if (status === 429) return { code: 'RATE_LIMITED', retryable: true, didNotRun: true, ...later };
  if (status === 413) return { code: 'PAYLOAD_TOO_LARGE', retryable: false, didNotRun: true };
  if (status < 500) return { code: 'UNKNOWN', retryable: false, ...later };
  if (status !== 500) return { code: 'UNAVAILABLE', retryable: true, ...later };
  const message =
    'Cloud Run answered in place of the function: it had no instance for the call in time, as when many come at once or instances start slowly, or the process ended within the call. logs({ requestId }) finds what it says of it; minInstances keeps instances ready.';
  return { code: 'UNAVAILABLE', retryable: true, message, ...later };
}

/** Says that an answer is not passed on. */
export function answerTooLarge({ name }: FailedFunction, error: unknown): ServerlessError {
  return new ServerlessError({
    code: 'PAYLOAD_TOO_LARGE',
    provider: 'gcp',
    function: name,
    message: `The answer of ${name} is larger than the 32 MiB that Cloud Run passes on. Put the data in a bucket and answer with its key.`,
    cause: deserializeError(error),
  });
}

function tooSlow({ name, timeoutSeconds }: FailedFunction, cause: unknown): ServerlessError {
  return new ServerlessError({
    code: 'TIMEOUT',
    provider: 'gcp',
    function: name,
    message: `${name} did not answer within ${timeoutSeconds} s. Raise timeoutSeconds (at most 3600), or do less in one call.`,
    details: { timeoutSeconds },
    cause,
  });
}
