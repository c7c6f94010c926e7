/** IAM policies: read, changed, and written with their etag. */
import { sameJson, type CallContext, type JsonObject, type JsonValue } from 'polyfaas/spi';
import type { ApiName, GcpClients } from '../clients/index.ts';
import { at, listAt, objectAt, textAt } from '../clients/json.ts';
import { isPassing } from '../errors.ts';

/** What has a policy. */
export interface Guarded {
  readonly api: Extract<ApiName, 'secretmanager' | 'run'>;
  /** `/v1/projects/p/secrets/s` */
  readonly path: string;
}

export interface PolicyChange {
  readonly role: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

const MOST_TRIES = 4;

/**
 * Writes only when that makes a difference; who loses against another writer looks again.
 *
 * @returns the members that had to be added.
 */
export async function changePolicy(
  gcp: GcpClients,
  { api, path }: Guarded,
  change: PolicyChange,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<readonly string[]> {
  for (let tries = 1; ; tries += 1) {
    const present = await gcp.rest({
      api,
      method: 'GET',
      path: `${path}:getIamPolicy`,
      // Conditions of others are told, and kept, only so ("Policy versions").
      query: { 'options.requestedPolicyVersion': 3 },
      signal,
    });
    const policy = changedPolicy(present, change);
    if (policy === undefined) return [];
    try {
      await gcp.rest({
        api,
        method: 'POST',
        path: `${path}:setIamPolicy`,
        body: { policy },
        signal,
      });
      const before = membersOf(present, change.role);
      return change.add.filter((one) => !before.includes(one));
    } catch (error) {
      if (!isPassing(error) || tries === MOST_TRIES || !isOvertaken(error)) throw error;
    }
  }
}

/** A service account that nobody knows yet passes too, but not at once. */
function isOvertaken(error: unknown): boolean {
  return error instanceof Error && /etag|concurrent/i.test(error.message);
}

/** The policy to write; undefined when it is as it should be. What is bound to a condition is left alone. */
export function changedPolicy(
  present: JsonValue,
  { role, add, remove }: PolicyChange,
): JsonObject | undefined {
  const before = listAt(present, 'bindings').map((one) => objectAt(one));
  const isOwn = (binding: JsonObject): boolean => isOfRole(binding, role);
  const members = membersOf(present, role);
  const kept = members.filter((one) => typeof one !== 'string' || !remove.includes(one));
  const wish = [...new Set([...kept, ...add])];
  if (sameJson(members, wish)) return undefined;
  return {
    ...objectAt(present),
    bindings: [
      ...before.filter((one) => !isOwn(one)),
      ...(wish.length === 0 ? [] : [{ role, members: wish }]),
    ],
  };
}

function membersOf(present: JsonValue, role: string): readonly JsonValue[] {
  return listAt(present, 'bindings')
    .filter((one) => isOfRole(one, role))
    .flatMap((one) => listAt(one, 'members'));
}

function isOfRole(binding: JsonValue, role: string): boolean {
  return textAt(binding, 'role') === role && at(binding, 'condition') === undefined;
}
