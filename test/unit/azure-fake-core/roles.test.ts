import { describe, expect, it } from 'vitest';
import { guidOf } from '../../fakes/azure/core/guid.ts';
import type { Answer } from './support.ts';
import { GROUP, refusal, SUBSCRIPTION, useSubject } from './support.ts';

const subject = useSubject();
const V = 'api-version=2022-04-01';
const LOCATION = { location: 'westeurope' };
const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/orders`;
const THING = `${GROUP}/providers/Test.Things/things/one`;
const ROLE = '974c5e8b-45b9-4653-ba55-5f855dd0fb88';
const OTHER = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';

async function makePrincipal(): Promise<string> {
  const { call, clock } = subject();
  await call('PUT', `${GROUP}?api-version=2025-04-01`, LOCATION);
  await call('PUT', `${THING}?api-version=2025-04-01`, LOCATION);
  await clock.advance(1000);
  await call('PUT', `${IDENTITY}?api-version=2023-01-31`, LOCATION);
  return subject().identity.identityOf(IDENTITY)?.principalId ?? '';
}

interface Wish {
  readonly principalId: string;
  readonly principalType?: string;
  readonly scope?: string;
  readonly name?: string;
  readonly role?: string;
}

const assign = (wish: Wish): Promise<Answer> => {
  const { principalId, scope = GROUP, name = guidOf('assignment'), role = ROLE } = wish;
  const principalType = wish.principalType ?? 'ServicePrincipal';
  return subject().call('PUT', pathOf(scope, name), {
    properties: {
      roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId,
      ...(principalType && { principalType }),
    },
  });
};
const pathOf = (scope: string, name: string): string =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?${V}`;

describe('a role assignment', () => {
  it('lets an identity do things after it has spread, and below its scope only', async () => {
    const principalId = await makePrincipal();
    const { roles, clock } = subject();
    const caller = { kind: 'identity', principalId } as const;
    const allows = (scope: string, role = ROLE): boolean => roles.allows(caller, scope, [role]);
    expect((await assign({ principalId, scope: `${THING}/queues/orders` })).status).toBe(201);
    expect(allows(`${THING}/queues/orders`)).toBe(false);
    await clock.advance(15_000);
    expect(allows(`${THING}/queues/orders`)).toBe(true);
    expect(allows(`${THING.toUpperCase()}/QUEUES/ORDERS/messages`)).toBe(true);
    expect(allows(`${THING}/queues/orders-dead`)).toBe(false);
    expect(allows(THING)).toBe(false);
    expect(allows(`${THING}/queues/orders`, OTHER)).toBe(false);
    expect(roles.allows({ kind: 'deployer', principalId: '' }, THING, [])).toBe(true);
    const deleted = await subject().call(
      'DELETE',
      pathOf(`${THING}/queues/orders`, guidOf('assignment')),
    );
    expect(deleted.status).toBe(200);
    expect(allows(`${THING}/queues/orders`)).toBe(false);
  });

  it('at a group or the subscription is good for all below', async () => {
    const principalId = await makePrincipal();
    await assign({ principalId, scope: `/subscriptions/${SUBSCRIPTION}` });
    await subject().clock.advance(15_000);
    expect(subject().roles.allows({ kind: 'identity', principalId }, THING, [ROLE])).toBe(true);
  });

  it('can be made twice under its name, but not under another', async () => {
    const principalId = await makePrincipal();
    await assign({ principalId });
    expect((await assign({ principalId })).status).toBe(200);
    expect(refusal(await assign({ principalId, name: guidOf('second') }))).toEqual([
      409,
      'RoleAssignmentExists',
    ]);
    expect(refusal(await assign({ principalId, role: OTHER }))).toEqual([
      400,
      'RoleAssignmentUpdateNotPermitted',
    ]);
    expect(refusal(await assign({ principalId, scope: THING }))).toEqual([
      400,
      'RoleAssignmentUpdateNotPermitted',
    ]);
  });

  it('finds a new principal only when its type is told', async () => {
    const principalId = await makePrincipal();
    expect(refusal(await assign({ principalId, principalType: '' }))).toEqual([
      400,
      'PrincipalNotFound',
    ]);
    await subject().clock.advance(5000);
    expect((await assign({ principalId, principalType: '' })).status).toBe(201);
    expect(refusal(await assign({ principalId: guidOf('x'), principalType: '' }))).toEqual([
      400,
      'PrincipalNotFound',
    ]);
    expect(refusal(await assign({ principalId, principalType: 'User' }))).toEqual([
      400,
      'UnmatchedPrincipalType',
    ]);
  });

  it('is refused when it is malformed, or for what is not there', async () => {
    const principalId = await makePrincipal();
    expect(refusal(await assign({ principalId, name: 'mine' }))).toEqual([
      400,
      'InvalidRoleAssignmentId',
    ]);
    expect(refusal(await assign({ principalId: 'me' }))).toEqual([400, 'InvalidPrincipalId']);
    expect(refusal(await assign({ principalId, role: guidOf('no role') }))).toEqual([
      404,
      'RoleDefinitionDoesNotExist',
    ]);
    expect(refusal(await assign({ principalId, scope: `${THING}s` }))).toEqual([
      404,
      'ResourceNotFound',
    ]);
    expect(refusal(await assign({ principalId, scope: `${GROUP}s` }))).toEqual([
      404,
      'ResourceGroupNotFound',
    ]);
  });

  it('is listed at, above and below a scope', async () => {
    const principalId = await makePrincipal();
    await assign({ principalId });
    await assign({ principalId, scope: THING, name: guidOf('second'), role: OTHER });
    const names = async (scope: string, filter: string): Promise<readonly string[]> => {
      const query = filter && `&$filter=${encodeURIComponent(filter)}`;
      const path = `${scope}/providers/Microsoft.Authorization/roleAssignments?${V}${query}`;
      const { body } = await subject().call('GET', path);
      const value: { name: string }[] = Object(body)['value'];
      return value.map(({ name }) => name);
    };
    const [first, second] = [guidOf('assignment'), guidOf('second')];
    const mine = `principalId eq '${principalId}'`;
    expect(await names(GROUP, mine)).toEqual([first, second]);
    expect(await names(THING, mine)).toEqual([first, second]);
    expect(await names(GROUP, `atScope() and ${mine}`)).toEqual([first]);
    expect(await names(GROUP, `principalId eq '${guidOf('x')}'`)).toEqual([]);
    expect(await names(`${THING}s`, '')).toEqual([first]);
  });

  it('outlives its identity and its group, and is told of', async () => {
    const principalId = await makePrincipal();
    await assign({ principalId });
    const { roles, call, clock } = subject();
    expect(roles.inventory()).toEqual([
      'role assignment Storage Queue Data Contributor at /resourceGroups/shop for orders',
    ]);
    await call('DELETE', `${GROUP}?api-version=2025-04-01`);
    await clock.advance(10_000);
    expect(roles.inventory()).toEqual([
      `role assignment Storage Queue Data Contributor at /resourceGroups/shop for the missing ${principalId}`,
    ]);
    const path = pathOf(GROUP, guidOf('assignment'));
    expect((await call('GET', path)).status).toBe(200);
    expect((await call('DELETE', path)).status).toBe(200);
    expect((await call('DELETE', path)).status).toBe(204);
    expect(refusal(await call('GET', path))).toEqual([404, 'RoleAssignmentNotFound']);
    expect(roles.inventory()).toEqual([]);
  });

  it('is what an identity needs for Resource Manager', async () => {
    const principalId = await makePrincipal();
    const { identity, endpoint, clock } = subject();
    const token = identity.issue({ kind: 'identity', principalId }, 'https://management.azure.com');
    const headers = { authorization: `Bearer ${token}` };
    const look = (): Promise<Response> =>
      fetch(`${endpoint}${GROUP}?api-version=2025-04-01`, { headers });
    const refused = await look();
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'AuthorizationFailed' } });
    await assign({ principalId, role: 'acdd72a7-3385-48ef-bd42-f606fba81ae7' });
    await clock.advance(15_000);
    expect((await look()).status).toBe(200);
  });
});
