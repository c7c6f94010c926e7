/** IAM policies of resources: read, and written by compare and set. */
import {
  sameJson,
  ServerlessError,
  type CallContext,
  type JsonObject,
  type JsonValue,
} from 'polyfaas/spi';
import type { ApiName, GcpClients, RestRequest } from '../../clients/index.ts';
import { listAt, objectAt, textAt } from '../../clients/json.ts';
import type { Target } from '../../model.ts';
import { pathOf } from '../names.ts';
import { isDenied, isStatus, refusal, send, unlessMissing } from '../rest.ts';
import { grantCommand, numbered, revokeCommand, type GrantNeed } from './need.ts';

/** Somebody else's change comes between so often at most, before the step is asked again. */
const MOST_TRIES = 4;
/** With an older one, bindings with conditions could not be kept ("Policy versions"). */
const POLICY_VERSION = 3;

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
    scope.call.log.log('warn', text, { resource });
  }
}

async function change(
  { gcp, target, call }: PolicyScope,
  needs: readonly GrantNeed[],
  edit: (bindings: readonly JsonValue[]) => readonly JsonValue[],
): Promise<void> {
  const [first] = needs;
  if (first === undefined) return;
  const { get, set } = requestsOf(first.resource);
  try {
    for (let left = MOST_TRIES; ; left -= 1) {
      const policy = await send(gcp, get, call);
      const before = listAt(policy, 'bindings');
      const after = edit(before);
      if (sameJson(before, after)) return;
      const body = { policy: { ...policy, version: POLICY_VERSION, bindings: [...after] } };
      try {
        await send(gcp, { ...set, body }, call);
        return;
      } catch (error) {
        // Another etag by now.
        if (!isStatus(error, 409) || left <= 1) throw error;
      }
    }
  } catch (error) {
    if (!isDenied(error)) throw error;
    throw denied(target, first.resource, needs);
  }
}

function denied(target: Pick<Target, 'ref'>, resource: string, needs: readonly GrantNeed[]): Error {
  return refusal(
    target,
    'PERMISSION_DENIED',
    `The credentials may not read and set the IAM policy of ${resource}. Have somebody who may run this, and let the credentials read the policy (getIamPolicy), or name a service account of your own, which nothing is granted to, in providerOptions.gcp.serviceAccount:\n${needs.map(grantCommand).join('\n')}`,
  );
}

interface PolicyRequests {
  readonly get: Omit<RestRequest, 'signal'>;
  readonly set: Omit<RestRequest, 'signal'>;
}

/** Each API has the two calls in a form of its own. */
function requestsOf(resource: string): PolicyRequests {
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

function callsAt(api: ApiName, prefix: string, resource: string): PolicyRequests {
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

/** A binding with a condition says something else. */
function isOfRole(binding: JsonValue, role: string): boolean {
  return textAt(binding, 'role') === role && objectAt(binding)['condition'] === undefined;
}
