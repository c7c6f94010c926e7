import { describe, expect, it } from 'vitest';
import { guidOf } from '../../fakes/azure/core/guid.ts';
import type { Caller } from '../../fakes/azure/core/ports.ts';
import { GROUP, refusal, SUBSCRIPTION, TENANT, useSubject } from './support.ts';

const subject = useSubject();
const V = 'api-version=2023-07-01';
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/shop-keys`;
const USER = '4633458b-17de-408a-b874-0445c86b69e6';
const someone: Caller = { kind: 'identity', principalId: guidOf('someone') };
const wish = {
  location: 'westeurope',
  properties: {
    tenantId: TENANT,
    sku: { family: 'A', name: 'standard' },
    enableRbacAuthorization: true,
  },
};

async function makeVault(more: object = {}): Promise<void> {
  await subject().call('PUT', `${GROUP}?api-version=2025-04-01`, { location: 'westeurope' });
  const properties = { ...wish.properties, ...more };
  const made = await subject().call('PUT', `${VAULT}?${V}`, { ...wish, properties });
  expect(made.status).toBe(201);
}

async function ask(
  caller: Caller | undefined,
  method: string,
  path: string,
  body?: object,
): Promise<readonly [number, unknown]> {
  const { vaultPlane, identity } = subject();
  const token = caller && identity.issue(caller, 'https://vault.azure.net');
  const reply = await fetch(`${vaultPlane}${path}`, {
    method,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    ...(body && { body: JSON.stringify(body) }),
  });
  return [reply.status, await reply.json()];
}

const grant = async (scope: string): Promise<void> => {
  const name = guidOf(scope);
  await subject().call(
    'PUT',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${USER}`,
        principalId: someone.principalId,
        principalType: 'ServicePrincipal',
      },
    },
  );
  await subject().clock.advance(15_000);
};

const SECRET = '/shop-keys/secrets/db?api-version=7.4';

describe('a vault', () => {
  it('is made and read through Resource Manager', async () => {
    await makeVault();
    const { call, vaultPlane } = subject();
    expect((await call('GET', `${VAULT}?${V}`)).body).toMatchObject({
      id: VAULT,
      properties: { vaultUri: `${vaultPlane}/shop-keys/`, enableRbacAuthorization: true },
    });
    expect(refusal(await call('GET', `${VAULT}x?${V}`))).toEqual([404, 'ResourceNotFound']);
    expect(refusal(await call('PUT', `${VAULT}x?${V}`, { location: 'westeurope' }))).toEqual([
      400,
      'BadRequest',
    ]);
    const bad = VAULT.replace('shop-keys', '1--x');
    expect(refusal(await call('PUT', `${bad}?${V}`, wish))).toEqual([400, 'VaultNameNotValid']);
    const other = VAULT.replace('/shop/', '/other/');
    await call('PUT', `${GROUP.replace('shop', 'other')}?api-version=2025-04-01`, {
      location: 'westeurope',
    });
    expect(refusal(await call('PUT', `${other}?${V}`, wish))).toEqual([409, 'VaultAlreadyExists']);
  });
});

describe('secrets', () => {
  it('are set and read, each version by itself', async () => {
    await makeVault();
    const { deployer } = subject().identity;
    const [, first] = await ask(deployer, 'PUT', SECRET, { value: 'one' });
    await ask(deployer, 'PUT', SECRET, { value: 'two' });
    expect(await ask(deployer, 'GET', SECRET)).toMatchObject([200, { value: 'two' }]);
    const version = String(Object(first)['id']).split('/').at(-1) ?? '';
    const old = SECRET.replace('?', `/${version}?`);
    expect(await ask(deployer, 'GET', old)).toMatchObject([200, { value: 'one' }]);
    const [, list] = await ask(deployer, 'GET', '/shop-keys/secrets?api-version=7.4');
    expect(list).toMatchObject({ value: [{ attributes: { enabled: true } }] });
    expect(JSON.stringify(list)).not.toContain('two');
    expect((await ask(deployer, 'DELETE', SECRET))[0]).toBe(200);
    expect(await ask(deployer, 'GET', SECRET)).toMatchObject([
      404,
      { error: { code: 'SecretNotFound' } },
    ]);
  });

  it('are kept from strangers', async () => {
    await makeVault();
    subject().vault.set('shop-keys', 'db', 'value');
    const bare = await fetch(`${subject().vaultPlane}${SECRET}`);
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate')).toContain('resource="https://vault.azure.net"');
    expect(await ask(someone, 'GET', SECRET)).toMatchObject([
      403,
      { error: { code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } } },
    ]);
    await grant(`${VAULT}/secrets/db`);
    expect(await ask(someone, 'GET', SECRET)).toMatchObject([200, { value: 'value' }]);
    expect((await ask(someone, 'PUT', SECRET, { value: 'mine' }))[0]).toBe(403);
    expect((await ask(someone, 'GET', SECRET.replace('db', 'other')))[0]).toBe(403);
  });

  it('may be opened by policies of the vault instead', async () => {
    const permissions = { secrets: ['get'] };
    const accessPolicies = [{ tenantId: TENANT, objectId: someone.principalId, permissions }];
    await makeVault({ enableRbacAuthorization: false, accessPolicies });
    subject().vault.set('shop-keys', 'db', 'value');
    expect((await ask(someone, 'GET', SECRET))[0]).toBe(200);
    expect((await ask(someone, 'PUT', SECRET, { value: 'mine' }))[0]).toBe(403);
  });

  it('are refused when the request is malformed', async () => {
    await makeVault();
    const { deployer } = subject().identity;
    const bare = SECRET.split('?')[0] ?? '';
    expect((await ask(deployer, 'GET', bare))[0]).toBe(400);
    expect((await ask(deployer, 'GET', `${bare}?api-version=1.0`))[0]).toBe(400);
    expect((await ask(deployer, 'PUT', SECRET, {}))[0]).toBe(400);
    expect((await ask(deployer, 'GET', SECRET.replace('db', 'a_b')))[0]).toBe(400);
  });
});

describe('a reference', () => {
  const resolve = (inner: string, caller: Caller = someone): unknown =>
    subject().vault.resolve(`@Microsoft.KeyVault(${inner})`, caller);
  const URI = 'SecretUri=https://shop-keys.vault.azure.net/secrets/db';

  it('gives the value to who may read it', async () => {
    await makeVault();
    subject().vault.set('shop-keys', 'db', 'value');
    expect(resolve(URI)).toEqual({ status: 'AccessToKeyVaultDenied' });
    await grant(VAULT);
    expect(resolve(URI)).toEqual({ value: 'value' });
    expect(resolve(`${URI}/`)).toEqual({ value: 'value' });
    expect(resolve('VaultName=shop-keys;SecretName=db')).toEqual({ value: 'value' });
    const here = `SecretUri=${subject().vaultPlane}/shop-keys/secrets/db`;
    expect(resolve(here)).toEqual({ value: 'value' });
    expect(resolve(`${URI}/${'0'.repeat(32)}`)).toEqual({ status: 'SecretVersionNotFound' });
    expect(resolve(URI.replace('db', 'other'))).toEqual({ status: 'SecretNotFound' });
    expect(resolve(URI.replace('shop', 'no'))).toEqual({ status: 'VaultNotFound' });
    expect(resolve('SecretUri=https://example.com/secrets/db')).toEqual({
      status: 'InvalidSyntax',
    });
    expect(resolve('VaultName=shop-keys')).toEqual({ status: 'InvalidSyntax' });
  });

  it('finds secrets that a test has set, in a vault that it did not make', () => {
    const { vault, identity } = subject();
    vault.set('users-own', 'db', 'value');
    expect(resolve('VaultName=users-own;SecretName=db', identity.observer)).toEqual({
      value: 'value',
    });
    expect(vault.provider.inventory()).toEqual([
      'key vault users-own',
      'key vault secret users-own/db',
    ]);
  });
});
