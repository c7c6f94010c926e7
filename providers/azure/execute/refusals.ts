/** What executors refuse with. */
import { redact, ServerlessError, type ErrorCode, type JsonValue } from 'polyfaas/spi';
import { textsAt } from '../arm/json.ts';
import type { Target } from '../model.ts';
import { isOwnedBy } from '../names.ts';

export function refusal(
  { ref }: Pick<Target, 'ref'>,
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
    provider: 'azure',
    function: ref.name,
    // Azure's own words stand in many of them, and quote the URLs that it was given.
    message: redact(message),
    ...options,
  });
}

/** Nothing is in the way of the same operation from its beginning; the same call would meet the same. */
export function conflict(target: Pick<Target, 'ref'>, what: string): ServerlessError {
  return refusal(
    target,
    'CONFLICT',
    `"${target.ref.name}" was changed by somebody else while this ran: ${what}. Run the same operation again to bring it to what you declared.`,
    { retryable: true, details: { overtaken: true } },
  );
}

/** @throws ServerlessError ALREADY_EXISTS for what does not carry the tags of this function. */
export function refuseForeign(target: Pick<Target, 'ref'>, what: string, body: JsonValue): void {
  const { ref } = target;
  if (isOwnedBy(ref, textsAt(body, 'tags'))) return;
  throw refusal(
    target,
    'ALREADY_EXISTS',
    `The ${what} exists and does not belong to function "${ref.name}" of app "${ref.app}", stage "${ref.stage}". Delete it, or choose another resource group in providerOptions.azure.resourceGroup.`,
  );
}
