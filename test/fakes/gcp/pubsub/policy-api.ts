/** `:getIamPolicy`, `:setIamPolicy` and `:testIamPermissions` of topics and subscriptions. */
import { answerPolicyCall } from '../core/access.ts';
import { mapOf, textOf } from '../core/json.ts';
import type { RestCall, WireReply, World } from '../core/ports.ts';
import { invalid } from './faults.ts';
import type { Kind } from './names.ts';
import { HOLDERS, isAllowed, type Permission } from './roles.ts';

interface PolicyTarget {
  readonly name: string;
  readonly verb: string;
  readonly kind: Kind;
  /** Throws where the resource is not there, or the caller may not. */
  readonly demand: (permission: Permission) => void;
}

const GET_PARAMETERS = new Set(['options.requestedPolicyVersion', 'alt', '$alt', 'prettyPrint']);

export function handlePolicy(
  world: World,
  call: RestCall,
  { name, verb, kind, demand }: PolicyTarget,
): WireReply | undefined {
  if (verb === 'getIamPolicy' && call.method === 'GET') {
    for (const parameter of call.query.keys()) {
      if (!GET_PARAMETERS.has(parameter)) {
        throw invalid(
          `Invalid JSON payload received. Unknown name "${parameter}": Cannot bind query parameter. Field '${parameter}' could not be found in request message.`,
        );
      }
    }
    demand(`pubsub.${kind}.getIamPolicy`);
    return answerPolicyCall(world, name, verb, undefined);
  }
  if (verb === 'setIamPolicy' && call.method === 'POST') {
    demand(`pubsub.${kind}.setIamPolicy`);
    return answerPolicyCall(world, name, verb, call.body);
  }
  if (verb !== 'testIamPermissions' || call.method !== 'POST') return undefined;
  const { permissions } = mapOf(call.body);
  const asked = Array.isArray(permissions) ? permissions.map(textOf) : [];
  const held = asked.filter((one) => isPermission(one) && isAllowed(world, call.caller, one, name));
  return { status: 200, body: held.length > 0 ? { permissions: held } : {} };
}

function isPermission(text: string): text is Permission {
  return Object.hasOwn(HOLDERS, text);
}
