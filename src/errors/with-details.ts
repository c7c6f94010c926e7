import type { JsonObject } from '../function/json.types.ts';
import { withHiddenSecrets } from './inspection.ts';
import { ServerlessError } from './serverless-error.ts';

/** Where an error happened, as far as it does not say so itself. */
export interface ErrorPlace {
  readonly provider?: string | undefined;
  readonly function?: string | undefined;
  readonly step?: string | undefined;
}

/** The same error, with more to tell. */
export function withDetails(
  error: ServerlessError,
  more: JsonObject,
  place: ErrorPlace = {},
): ServerlessError {
  const told = new ServerlessError({
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    provider: error.provider ?? place.provider,
    function: error.function ?? place.function,
    step: error.step ?? place.step,
    details: { ...error.details, ...more },
    cause: error.cause,
  });
  // Where it happened, not where it was told.
  if (error.stack !== undefined) told.stack = error.stack;
  return withHiddenSecrets(told);
}
