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
    provider: 'gcp',
    // Google's own words stand in many of them, and quote what they were given.
    message: redact(message),
    ...options,
  });
}

/** Nothing is in the way of the same operation from its beginning; the same call would meet the same. */
export function conflict(name: string, what: string): ServerlessError {
  return refusal(
    'CONFLICT',
    `"${shortName(name)}" was changed by somebody else while this ran: ${what}. Run the same operation again to bring it to what you declared.`,
    { retryable: true, details: { overtaken: true } },
  );
}

/** `orders` of `projects/p/locations/l/functions/orders`. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
