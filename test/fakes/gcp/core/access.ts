/** What the services have in common when they look at who asks, and at policies. */
import { GoogleFault } from './fault.ts';
import { isMap, mapOf } from './json.ts';
import type { RestCall, WireReply, World } from './ports.ts';

/** Roles that hold everything of a project. */
const PROJECT_ROLES = ['roles/owner', 'roles/editor'];

/** @throws GoogleFault PERMISSION_DENIED when the caller has none of the roles on the resource or its project */
export function requireRole(
  world: Pick<World, 'policies'>,
  { caller }: Pick<RestCall, 'caller'>,
  need: {
    readonly resource: string;
    readonly permission: string;
    readonly roles: readonly string[];
  },
): void {
  const { resource, permission, roles } = need;
  if (world.policies.allows(caller, resource, [...PROJECT_ROLES, ...roles])) return;
  throw permissionDenied(permission, resource);
}

/** https://cloud.google.com/iam/docs/troubleshooting-access */
export function permissionDenied(permission: string, resource: string): GoogleFault {
  return new GoogleFault(
    'PERMISSION_DENIED',
    `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`,
    {
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'IAM_PERMISSION_DENIED',
          domain: 'iam.googleapis.com',
          metadata: { permission, resource },
        },
      ],
    },
  );
}

/**
 * `RESOURCE:getIamPolicy`, `:setIamPolicy` and `:testIamPermissions`, after the caller's roles were looked at. Undefined
 * for other verbs.
 */
export function answerPolicyCall(
  world: Pick<World, 'policies'>,
  resource: string,
  verb: string,
  body: unknown,
): WireReply | undefined {
  const { policies } = world;
  if (verb === 'getIamPolicy') return { status: 200, body: wireForm(policies.get(resource)) };
  if (verb === 'testIamPermissions') {
    return { status: 200, body: { permissions: mapOf(body)['permissions'] ?? [] } };
  }
  if (verb !== 'setIamPolicy') return undefined;
  for (const name of Object.keys(mapOf(body))) {
    if (name === 'policy' || name === 'updateMask') continue;
    throw new GoogleFault(
      'INVALID_ARGUMENT',
      `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`,
    );
  }
  const { policy } = mapOf(body);
  if (!isMap(policy)) throw new GoogleFault('INVALID_ARGUMENT', 'The policy is missing.');
  return { status: 200, body: wireForm(policies.set(resource, policy)) };
}

function wireForm({ version, etag, bindings }: ReturnType<World['policies']['get']>): object {
  return bindings.length > 0 ? { version, etag, bindings } : { etag };
}
