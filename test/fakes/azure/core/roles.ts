/** `Microsoft.Authorization/roleAssignments`: who may do what, and from when on. */
import { requireApiVersion } from './api-versions.ts';
import { isGuid } from './guid.ts';
import { at, textOf } from './json.ts';
import type { ArmCall, ArmProvider, Caller, FakeClock, RolesPort, WireReply } from './ports.ts';
import { isWithin, parseId, sameId } from './resource-id.ts';
import { matchesRoleFilter } from './role-filter.ts';
import { ROLE_NAMES } from './role-names.ts';
import { ArmFault } from './service.ts';

export interface RoleAssignment {
  readonly name: string;
  /** Empty for the whole tenant. */
  readonly scope: string;
  readonly roleId: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType: string;
  readonly createdAt: number;
}

export interface RolesParts {
  readonly clock: FakeClock;
  readonly tenantId: string;
  /** A managed identity by the id of its principal. */
  principal(id: string): { readonly name: string; readonly createdAt: number } | undefined;
}

/** How long an assignment takes to be known everywhere. Azure says minutes; what matters is that it is not at once. */
const SPREADS_AFTER_MS = 15_000;
/** How long a new principal is not found, unless its type is told. */
const REPLICATES_AFTER_MS = 5_000;
const TYPE = 'Microsoft.Authorization/roleAssignments';
const API_VERSIONS = ['2015-07-01', '2018-07-01', '2020-04-01-preview', '2022-04-01'];
const PRINCIPAL_TYPES = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device'];

export class RoleAssignments implements ArmProvider, RolesPort {
  readonly namespace = 'Microsoft.Authorization';
  readonly #parts: RolesParts;
  readonly #assignments = new Map<string, RoleAssignment>();

  constructor(parts: RolesParts) {
    this.#parts = parts;
  }

  allows(caller: Caller, scope: string, roleIds: readonly string[]): boolean {
    if (caller.kind !== 'identity') return true;
    const wanted = new Set(roleIds.map(roleIdOf));
    const spread = this.#parts.clock.now() - SPREADS_AFTER_MS;
    return [...this.#assignments.values()].some(
      (one) =>
        one.principalId === caller.principalId &&
        one.createdAt <= spread &&
        wanted.has(one.roleId) &&
        isWithin(scope, one.scope),
    );
  }

  handle(call: ArmCall): Promise<WireReply | undefined> {
    const id = parseId(call.path);
    const [type = '', name, ...more] = id?.rest ?? [];
    if (!id || more.length > 0) return Promise.resolve(undefined);
    if (type.toLowerCase() === 'roledefinitions') {
      requireApiVersion('Microsoft.Authorization/roleDefinitions', call.apiVersion, API_VERSIONS);
      return Promise.resolve(name === undefined ? undefined : definition(call, name));
    }
    if (type.toLowerCase() !== 'roleassignments') return Promise.resolve(undefined);
    requireApiVersion(TYPE, call.apiVersion, API_VERSIONS);
    return Promise.resolve(
      name === undefined ? this.#list(call, id.scope) : this.#one(call, id.scope, name),
    );
  }

  // An assignment is no resource of its group: it outlives the group, and the resource that it is at.
  resourcesIn(): readonly string[] {
    return [];
  }

  deleteGroup(): void {}

  tags(): undefined {
    return undefined;
  }

  setTags(): void {}

  inventory(): readonly string[] {
    return [...this.#assignments.values()].map(({ roleId, scope, principalId }) => {
      const who = this.#parts.principal(principalId)?.name ?? `the missing ${principalId}`;
      const where = scope.replace(/^\/subscriptions\/[^/]+/i, '') || 'the subscription';
      return `role assignment ${ROLE_NAMES[roleId] ?? roleId} at ${where} for ${who}`;
    });
  }

  #list(call: ArmCall, scope: string): WireReply | undefined {
    if (call.method !== 'GET') return undefined;
    const filter = call.query.get('$filter') ?? '';
    const found = [...this.#assignments.values()].filter((one) =>
      matchesRoleFilter(one, scope, filter),
    );
    return { status: 200, body: { value: found.map(shown) } };
  }

  #one(call: ArmCall, scope: string, name: string): WireReply | undefined {
    if (call.method === 'PUT') return this.#put(call, scope, name);
    const kept = this.#assignments.get(name.toLowerCase());
    const found = kept && sameId(kept.scope, scope) ? kept : undefined;
    if (call.method === 'DELETE') {
      if (!found) return { status: 204 };
      this.#assignments.delete(name.toLowerCase());
      return { status: 200, body: shown(found) };
    }
    if (call.method !== 'GET') return undefined;
    if (!found) {
      throw new ArmFault(
        404,
        'RoleAssignmentNotFound',
        `The role assignment '${name}' is not found.`,
      );
    }
    return { status: 200, body: shown(found) };
  }

  #put(call: ArmCall, scope: string, name: string): WireReply {
    const wish = this.#wish(call, scope, name);
    const kept = this.#assignments.get(wish.name);
    if (kept) {
      if (isSame(kept, wish)) return { status: 200, body: shown(kept) };
      throw new ArmFault(
        400,
        'RoleAssignmentUpdateNotPermitted',
        'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
      );
    }
    const twin = [...this.#assignments.values()].find((one) => isSame(one, wish));
    if (twin) {
      throw new ArmFault(
        409,
        'RoleAssignmentExists',
        `The role assignment already exists. The ID of the existing role assignment is ${twin.name.replaceAll('-', '')}.`,
      );
    }
    this.#assignments.set(wish.name, wish);
    return { status: 201, body: shown(wish) };
  }

  #wish(call: ArmCall, scope: string, name: string): RoleAssignment {
    if (!isGuid(name)) {
      throw new ArmFault(
        400,
        'InvalidRoleAssignmentId',
        `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
      );
    }
    const roleDefinitionId = textOf(at(call.body, 'properties', 'roleDefinitionId'));
    const principalId = textOf(at(call.body, 'properties', 'principalId'));
    const principalType = textOf(at(call.body, 'properties', 'principalType'));
    const roleId = checkRole(roleDefinitionId);
    if (!isGuid(principalId)) {
      throw new ArmFault(
        400,
        'InvalidPrincipalId',
        `A valid principal ID must be provided for role assignment: '${principalId}' is not a GUID.`,
      );
    }
    this.#checkPrincipal(principalId, principalType);
    return {
      name: name.toLowerCase(),
      scope,
      roleId,
      roleDefinitionId,
      principalId: principalId.toLowerCase(),
      principalType: principalType || 'ServicePrincipal',
      createdAt: this.#parts.clock.now(),
    };
  }

  /** A principal is only looked for when its type is not told: that is why new ones need it. */
  #checkPrincipal(principalId: string, principalType: string): void {
    const known = this.#parts.principal(principalId.toLowerCase());
    if (principalType !== '') {
      if (!PRINCIPAL_TYPES.includes(principalType)) {
        throw new ArmFault(
          400,
          'InvalidPrincipalType',
          `The principal type '${principalType}' is not valid.`,
        );
      }
      if (!known || principalType === 'ServicePrincipal') return;
      throw new ArmFault(
        400,
        'UnmatchedPrincipalType',
        `The PrincipalId '${principalId}' has type 'ServicePrincipal', which is different from specified PrinciaplType '${principalType}'.`,
      );
    }
    const isReplicated = known && known.createdAt + REPLICATES_AFTER_MS <= this.#parts.clock.now();
    if (isReplicated) return;
    const bare = principalId.replaceAll('-', '');
    throw new ArmFault(
      400,
      'PrincipalNotFound',
      `Principal ${bare} does not exist in the directory ${this.#parts.tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
    );
  }
}

/** The GUID at the end of a role definition's id. */
function roleIdOf(roleDefinitionId: string): string {
  return (roleDefinitionId.split('/').at(-1) ?? '').toLowerCase();
}

function checkRole(roleDefinitionId: string): string {
  const roleId = roleIdOf(roleDefinitionId);
  const isPath = /\/providers\/Microsoft\.Authorization\/roleDefinitions\//i.test(roleDefinitionId);
  if (!isPath || !isGuid(roleId)) {
    throw new ArmFault(
      400,
      'InvalidRoleDefinitionId',
      `The role definition ID '${roleDefinitionId}' is not valid.`,
    );
  }
  if (ROLE_NAMES[roleId] === undefined) {
    throw new ArmFault(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${roleId.replaceAll('-', '')}' does not exist.`,
    );
  }
  return roleId;
}

function definition(call: ArmCall, name: string): WireReply | undefined {
  if (call.method !== 'GET') return undefined;
  const roleName = ROLE_NAMES[name.toLowerCase()];
  if (roleName === undefined) {
    throw new ArmFault(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${name}' does not exist.`,
    );
  }
  const properties = { roleName, type: 'BuiltInRole', assignableScopes: ['/'] };
  const type = 'Microsoft.Authorization/roleDefinitions';
  return { status: 200, body: { id: call.path, name, type, properties } };
}

function isSame(one: RoleAssignment, other: RoleAssignment): boolean {
  return (
    sameId(one.scope, other.scope) &&
    one.roleId === other.roleId &&
    one.principalId === other.principalId
  );
}

function shown(one: RoleAssignment): object {
  const { name, scope, roleDefinitionId, principalId, principalType } = one;
  const createdOn = new Date(one.createdAt).toISOString();
  return {
    id: `${scope}/providers/${TYPE}/${name}`,
    name,
    type: TYPE,
    properties: {
      roleDefinitionId,
      principalId,
      principalType,
      scope: scope || '/',
      condition: null,
      conditionVersion: null,
      createdOn,
      updatedOn: createdOn,
      description: null,
    },
  };
}
