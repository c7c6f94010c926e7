/** IAM policies: read, changed, and written with their etag. */
import type { CallContext, JsonObject, JsonValue } from 'polyfaas/spi';
import { GoogleApiError } from './clients/error.ts';
import type { GcpClients, RestRequest } from './clients/index.ts';
import { at, textAt } from './clients/json.ts';
import { isPassing } from './errors.ts';

/** With an older one, bindings with conditions could not be kept ("Policy versions"). */
export const POLICY_VERSION = 3;

/** Somebody else's change comes between so often at most, before the step is asked again. */
const MOST_TRIES = 4;

/** The two calls, which each API has in a form of its own. */
export interface PolicyCalls {
  readonly get: Omit<RestRequest, 'signal'>;
  readonly set: Omit<RestRequest, 'signal'>;
}

/**
 * Writes only when that makes a difference; who loses against another writer looks again.
 *
 * @param edit undefined when the policy is as it should be.
 * @returns the policy as it was before; undefined when nothing was written.
 */
export async function changePolicy(
  gcp: GcpClients,
  { get, set }: PolicyCalls,
  edit: (present: JsonValue) => JsonObject | undefined,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<JsonValue | undefined> {
  for (let tries = 1; ; tries += 1) {
    const present = await gcp.rest({ ...get, signal });
    const policy = edit(present);
    if (policy === undefined) return undefined;
    try {
      await gcp.rest({ ...set, body: { policy }, signal });
      return present;
    } catch (error) {
      if (tries === MOST_TRIES || !isOvertaken(error)) throw error;
    }
  }
}

/** Another etag by now. A service account that nobody knows yet passes too, but not at once. */
function isOvertaken(error: unknown): boolean {
  if (!(error instanceof GoogleApiError)) return false;
  return error.status === 409 || (isPassing(error) && /etag|concurrent/i.test(error.message));
}

/** A binding with a condition says something else. */
export function isOfRole(binding: JsonValue, role: string): boolean {
  return textAt(binding, 'role') === role && at(binding, 'condition') === undefined;
}
