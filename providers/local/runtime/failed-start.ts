/** Failures of instances that never became ready. */
import { ServerlessError } from 'polyfaas/spi';
import type { RuntimeIdentity } from 'polyfaas/spi';

/** @param reason a sentence that goes on from "did not start", and the next step. */
export function refusedStart(identity: RuntimeIdentity, reason: string): ServerlessError {
  return new ServerlessError({
    code: 'FUNCTION_FAILED',
    provider: identity.provider,
    function: identity.functionName,
    message: `${identity.functionName} did not start: ${reason}`,
    details: { phase: 'init' },
  });
}

/** What ends an instance may do so before it is ready, too. */
export function whileStarting(failure: ServerlessError): ServerlessError {
  const { code, provider, message, cause, details } = failure;
  return new ServerlessError({
    code,
    provider,
    function: failure.function,
    message: `${message} It had not started yet: look at the code outside the handlers.`,
    cause,
    details: { ...details, phase: 'init' },
  });
}
