/** What executors refuse with. */
import { redact, ServerlessError, type ErrorCode, type JsonValue } from 'polyfaas/spi';

export function refusal(
  code: ErrorCode,
  message: string,
  options: {
    readonly cause?: unknown;
    readonly retryable?: boolean;
    readonly details?: { readonly [key: string]: JsonValue };
  } = {},
): ServerlessError {
  return new ServerlessError({
    code,
    provider: 'vercel',
    // Vercel's own words stand in some of them, and quote what they were given.
    message: redact(message),
    ...options,
  });
}

/** Nothing is in the way of the same operation from its beginning; the same call would meet the same. */
export function conflict(what: string): ServerlessError {
  return refusal(
    'CONFLICT',
    `The function was changed by somebody else while this ran: ${what}. Run the same operation again to bring it to what you declared.`,
    { retryable: true, details: { overtaken: true } },
  );
}

export function overtaken(): ServerlessError {
  return conflict('another operation began after this one, and goes on');
}
