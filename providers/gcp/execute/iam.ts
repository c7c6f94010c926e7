/** Who has a role on a secret, or on a service. */
import { sameJson, type CallContext, type JsonObject, type JsonValue } from 'polyfaas/spi';
import type { ApiName, GcpClients } from '../clients/index.ts';
import { listAt, objectAt } from '../clients/json.ts';
import { changePolicy, isOfRole, POLICY_VERSION, type PolicyCalls } from '../policies.ts';

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

/** @returns the members that had to be added. */
export async function changeMembers(
  gcp: GcpClients,
  { api, path }: Guarded,
  change: PolicyChange,
  call: Pick<CallContext, 'signal'>,
): Promise<readonly string[]> {
  const query = { 'options.requestedPolicyVersion': POLICY_VERSION };
  const calls: PolicyCalls = {
    get: { api, method: 'GET', path: `${path}:getIamPolicy`, query },
    set: { api, method: 'POST', path: `${path}:setIamPolicy` },
  };
  const edit = (present: JsonValue): JsonObject | undefined => changedPolicy(present, change);
  const present = await changePolicy(gcp, calls, edit, call);
  if (present === undefined) return [];
  const before = membersOf(present, change.role);
  return change.add.filter((one) => !before.includes(one));
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
