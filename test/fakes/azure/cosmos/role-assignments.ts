/** Roles on the data of an account, which are its own and none of Resource Manager's. */
import { isGuid } from '../core/guid.ts';
import { textOf } from '../core/json.ts';
import type { Caller, FakeClock } from '../core/ports.ts';
import { isWithin } from '../core/resource-id.ts';
import type { Resource, TypeRules, Wish, Wished } from '../service-bus/resource-tree/resource.ts';
import type { ResourceTree } from '../service-bus/resource-tree/tree.ts';
import { ACCOUNT_TYPE } from './accounts.ts';
import { badRequest, inProgress, notFound } from './faults.ts';

/** Cosmos DB Built-in Data Reader, and Contributor. */
export const READER = '00000000-0000-0000-0000-000000000001';
export const CONTRIBUTOR = '00000000-0000-0000-0000-000000000002';
/** An assignment is not known everywhere at once. */
const SPREADS_AFTER_MS = 15_000;

export function roleAssignmentRules(apiVersions: readonly string[]): TypeRules {
  return {
    type: `${ACCOUNT_TYPE}/sqlRoleAssignments`,
    label: 'cosmos role assignment',
    apiVersions,
    isTracked: false,
    creation: { ms: 3000, reply: 'accepted' },
    deletion: { ms: 3000, reply: 'accepted' },
    isHiddenWhileMade: true,
    checkName(name) {
      if (!isGuid(name)) {
        throw badRequest(`The Role Assignment ID '${name}' is not valid: it must be a GUID.`);
      }
    },
    wish: wished,
    shown: ({ properties }) => properties,
    busy: ({ parent }) => inProgress(parent?.name ?? ''),
    notFound,
  };
}

function wished({ properties, parent, found }: Wish): Wished {
  const account = parent?.id ?? '';
  const roleDefinitionId = textOf(properties['roleDefinitionId']);
  const scope = textOf(properties['scope']);
  const principalId = textOf(properties['principalId']).toLowerCase();
  const role = roleDefinitionId.split('/').at(-1) ?? '';
  const isOwn = isWithin(roleDefinitionId, `${account}/sqlRoleDefinitions`);
  if (!isOwn || (role !== READER && role !== CONTRIBUTOR)) {
    throw badRequest(
      `The provided Role Definition '${roleDefinitionId}' is not one of this account's: it must be '${account}/sqlRoleDefinitions/${CONTRIBUTOR}' or its like.`,
    );
  }
  const below = scope.slice(account.length);
  if (!isWithin(scope, account) || !/^(?:\/dbs\/[^/]+(?:\/colls\/[^/]+)?)?$/i.test(below)) {
    throw badRequest(
      `The provided scope '${scope}' is not valid: it must be the account '${account}', or below it '/dbs/DATABASE' or '/dbs/DATABASE/colls/CONTAINER'.`,
    );
  }
  if (!isGuid(principalId)) {
    throw badRequest(
      `The provided principal ID [${principalId}] was not found in the AAD tenant(s).`,
    );
  }
  const next = { roleDefinitionId, scope, principalId };
  const isOther = found && found.properties['principalId'] !== principalId;
  if (isOther) throw badRequest('The principal of an existing Role Assignment cannot be changed.');
  return { properties: next };
}

/**
 * Whether an identity may work with the data of a container.
 *
 * @param roleIds one of them is enough
 */
export function mayAccess(
  clock: FakeClock,
  tree: ResourceTree,
  caller: Caller,
  container: Resource,
  roleIds: readonly string[],
): boolean {
  if (caller.kind !== 'identity') return true;
  const database = container.parent;
  const account = database?.parent;
  if (!database || !account) return false;
  const asked = `${account.id}/dbs/${database.name}/colls/${container.name}`;
  return tree.children(account, 'sqlRoleAssignments').some((one) => {
    const role = textOf(one.properties['roleDefinitionId']).split('/').at(-1) ?? '';
    return (
      tree.stateOf(one) === 'ready' &&
      one.readyAt + SPREADS_AFTER_MS <= clock.now() &&
      textOf(one.properties['principalId']) === caller.principalId.toLowerCase() &&
      roleIds.includes(role) &&
      isWithin(asked, textOf(one.properties['scope']))
    );
  });
}
