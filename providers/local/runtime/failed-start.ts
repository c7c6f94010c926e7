/** Failures of instances that never became ready. */
import type { JsonObject } from 'polyfaas/function';
import { ServerlessError } from 'polyfaas/spi';
import type { RuntimeIdentity } from 'polyfaas/spi';

/** @param reason a sentence that goes on from "did not start", and the next step. */
export function refusedStart(identity: RuntimeIdentity, reason: string): ServerlessError {
  return new ServerlessError({
    code: 'FUNCTION_FAILED',
    provider: identity.provider,
    function: identity.functionName,
    message: `${identity.functionName} did not start: ${reason}`,
    details: { phase: 'init', didNotRun: true },
  });
}

/** What ends an instance may do so before it is ready, too. */
export function whileStarting(failure: ServerlessError): ServerlessError {
  return withMore(
    failure,
    { phase: 'init', didNotRun: true },
    ' It had not started yet: look at the code outside the handlers.',
  );
}

/** The call ended before its handler began: to make it again does no harm. */
export function neverRan(failure: ServerlessError): ServerlessError {
  return withMore(failure, { didNotRun: true });
}

function withMore(failure: ServerlessError, details: JsonObject, advice = ''): ServerlessError {
  const { code, provider, message, cause, retryable } = failure;
  return new ServerlessError({
    code,
    provider,
    function: failure.function,
    message: `${message}${advice}`,
    cause,
    retryable,
    details: { ...failure.details, ...details },
  });
}
