/** Grants on resources of event sources: given and taken back in their IAM policies. */
import {
  sameJson,
  ServerlessError,
  type CallContext,
  type JsonObject,
  type JsonValue,
} from 'polyfaas/spi';
import type { ApiName, GcpClients } from '../../clients/index.ts';
import { listAt, objectAt } from '../../clients/json.ts';
import type { Target } from '../../model.ts';
import { changePolicy, isOfRole, POLICY_VERSION, type PolicyCalls } from '../../policies.ts';
import { pathOf } from '../names.ts';
import { lacksRole, refusal, unlessMissing } from '../rest.ts';
import { grantCommand, numbered, revokeCommand, type GrantNeed } from './need.ts';

export interface PolicyScope {
  readonly gcp: GcpClients;
  readonly target: Pick<Target, 'ref'>;
  readonly call: CallContext;
}

/** Grants what is missing. All needs are about one resource. */
export async function grantAll(scope: PolicyScope, needs: readonly GrantNeed[]): Promise<void> {
  const { gcp, call } = scope;
  const known = await Promise.all(needs.map((need) => numbered(gcp, need, call.signal)));
  await change(scope, known, (bindings) => known.reduce(withMember, bindings));
}

/**
 * Takes members out of roles. What is not there, the resource included, needs nothing. What the credentials may not change
 * any more stands in nobody's way: Google answers the same for a project that is gone.
 */
export async function revokeAll(scope: PolicyScope, needs: readonly GrantNeed[]): Promise<void> {
  try {
    await unlessMissing(change(scope, needs, (bindings) => needs.reduce(withoutMember, bindings)));
  } catch (error) {
    if (!ServerlessError.isInstance(error) || error.code !== 'PERMISSION_DENIED') throw error;
    const resource = needs[0]?.resource ?? '';
    const text = `The credentials may not change the IAM policy of ${resource}: what the function was granted there stays. Take it back:\n${needs.map(revokeCommand).join('\n')}`;
    scope.call.warn(text, { resource });
  }
}

async function change(
  { gcp, target, call }: PolicyScope,
  needs: readonly GrantNeed[],
  edit: (bindings: readonly JsonValue[]) => readonly JsonValue[],
): Promise<void> {
  const [first] = needs;
  if (first === undefined) return;
  try {
    await changePolicy(gcp, requestsOf(first.resource), (policy) => edited(policy, edit), call);
  } catch (error) {
    if (!lacksRole(error)) throw error;
    throw denied(target, first.resource, needs);
  }
}

/** The policy to write; undefined when it is as it should be. */
function edited(
  policy: JsonValue,
  edit: (bindings: readonly JsonValue[]) => readonly JsonValue[],
): JsonObject | undefined {
  const before = listAt(policy, 'bindings');
  const after = edit(before);
  if (sameJson(before, after)) return undefined;
  return { ...objectAt(policy), version: POLICY_VERSION, bindings: [...after] };
}

function denied(target: Pick<Target, 'ref'>, resource: string, needs: readonly GrantNeed[]): Error {
  return refusal(
    target,
    'PERMISSION_DENIED',
    `The credentials may not read and set the IAM policy of ${resource}. Have somebody who may run this, and let the credentials read the policy (getIamPolicy), or name a service account of your own, which nothing is granted to, in providerOptions.gcp.serviceAccount:\n${needs.map(grantCommand).join('\n')}`,
  );
}

/** Each API has the two calls in a form of its own. */
function requestsOf(resource: string): PolicyCalls {
  const [, , collection] = resource.split('/');
  const query = { 'options.requestedPolicyVersion': POLICY_VERSION };
  if (collection === 'topics' || collection === 'subscriptions') {
    const at = callsAt('pubsub', '/v1/', resource);
    return { get: { ...at.get, method: 'GET', query }, set: at.set };
  }
  if (collection === 'serviceAccounts') {
    const at = callsAt('iam', '/v1/', resource);
    return { get: { ...at.get, query }, set: at.set };
  }
  if (collection === 'secrets') {
    const at = callsAt('secretmanager', '/v1/', resource);
    return { get: { ...at.get, method: 'GET', query }, set: at.set };
  }
  const at = callsAt('cloudresourcemanager', '/v3/', resource);
  const body = { options: { requestedPolicyVersion: POLICY_VERSION } };
  return { get: { ...at.get, body }, set: at.set };
}

function callsAt(api: ApiName, prefix: string, resource: string): PolicyCalls {
  const path = `${prefix}${pathOf(resource)}`;
  return {
    get: { api, method: 'POST', path: `${path}:getIamPolicy` },
    set: { api, method: 'POST', path: `${path}:setIamPolicy` },
  };
}

function withMember(
  bindings: readonly JsonValue[],
  { role, member }: GrantNeed,
): readonly JsonValue[] {
  const found = bindings.find((one) => isOfRole(one, role));
  if (found === undefined) return [...bindings, { role, members: [member] }];
  const members = listAt(found, 'members');
  if (members.includes(member)) return bindings;
  return replaced(bindings, found, [...members, member]);
}

function withoutMember(
  bindings: readonly JsonValue[],
  { role, member }: GrantNeed,
): readonly JsonValue[] {
  const found = bindings.find((one) => isOfRole(one, role));
  if (found === undefined) return bindings;
  const left = listAt(found, 'members').filter((one) => one !== member);
  return left.length === 0
    ? bindings.filter((one) => one !== found)
    : replaced(bindings, found, left);
}

function replaced(
  bindings: readonly JsonValue[],
  found: JsonValue,
  members: readonly JsonValue[],
): readonly JsonValue[] {
  const changed: JsonObject = { ...objectAt(found), members: [...members] };
  return bindings.map((one) => (one === found ? changed : one));
}
