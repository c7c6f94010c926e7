/** Roles of the function's identity on sources. */
import type { CallContext, StepResult } from 'polyfaas/spi';
import { afresh, keptOf, numberIn, ofPart, partOf } from '../arm/turn.ts';
import { AzureError } from '../arm/error.ts';
import type { Executor } from '../model.ts';
import { guidOf } from '../names.ts';
import { EVENT_API } from './api-versions.ts';
import { parentId } from './arm-id.ts';
import { put, read, remove, type Resource } from './arm.ts';
import { isCosmosRole, type RoleNeed } from './roles.ts';
import { done, inputOf } from './steps.ts';

/** Whose roles, and which. JSON. */
interface RoleWish {
  /** The principal is empty when the identity is gone. */
  readonly target: { readonly principalId: string };
  readonly roles: readonly RoleNeed[];
}

/** Assigns the roles that are not assigned yet. */
export const allowSources: Executor = async (azure, step, call) => {
  const { target, roles } = inputOf<RoleWish>(step);
  const { principalId } = target;
  return await eachOf(roles, call, async (need, turn) => {
    const { resource, body } = assignmentOf(principalId, need);
    if (turn.resume === undefined && (await read(azure, resource, turn)) !== undefined) {
      return done();
    }
    try {
      return await put(azure, resource, body, turn, 'assigning roles');
    } catch (error) {
      // Somebody else assigned the same under another name.
      if (error instanceof AzureError && error.code === 'RoleAssignmentExists') return done();
      throw error;
    }
  });
};

/** Takes roles away that this adapter assigned. */
export const disallowSources: Executor = async (azure, step, call) => {
  const { target, roles } = inputOf<RoleWish>(step);
  const { principalId } = target;
  // With the identity its roles are gone.
  if (principalId === '') return done();
  return await eachOf(roles, call, (need, turn) =>
    remove(azure, assignmentOf(principalId, need).resource, turn, 'taking roles away'),
  );
};

interface Assignment {
  readonly resource: Resource;
  readonly body: object;
}

/** Its name follows from what it says, so that a repeat makes no second one. */
function assignmentOf(principalId: string, { scope, roleId }: RoleNeed): Assignment {
  // A source may be in another subscription than the function.
  const [, , subscriptionId = ''] = scope.split('/');
  const name = guidOf(scope.toLowerCase(), principalId, roleId);
  if (isCosmosRole(roleId)) return cosmosAssignment(principalId, { scope, roleId }, name);
  return {
    resource: {
      path: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      apiVersion: EVENT_API.authorization,
    },
    body: {
      properties: {
        roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
        principalId,
        principalType: 'ServicePrincipal',
      },
    },
  };
}

/** The data of Cosmos DB has roles of its own, in the account; scopes are written `{account}/dbs/D/colls/C`. */
function cosmosAssignment(
  principalId: string,
  { scope, roleId }: RoleNeed,
  name: string,
): Assignment {
  const accountId = parentId(scope, 2);
  const [container = '', , database = ''] = scope.split('/').toReversed();
  return {
    resource: {
      path: `${accountId}/sqlRoleAssignments/${name}`,
      apiVersion: EVENT_API.cosmos,
    },
    body: {
      properties: {
        roleDefinitionId: `${accountId}/sqlRoleDefinitions/${roleId}`,
        scope: `${accountId}/dbs/${database}/colls/${container}`,
        principalId,
      },
    },
  };
}

/** One after the other; what takes long is gone on with in the next turn. */
async function eachOf(
  roles: readonly RoleNeed[],
  call: CallContext,
  act: (need: RoleNeed, turn: CallContext) => Promise<StepResult>,
): Promise<StepResult> {
  const start = numberIn(keptOf(call), 'at');
  for (const [index, need] of roles.entries()) {
    if (index < start) continue;
    const result = await act(need, index === start ? partOf(call) : afresh(call));
    if (!result.done) return ofPart(result, { at: index });
  }
  return done();
}
