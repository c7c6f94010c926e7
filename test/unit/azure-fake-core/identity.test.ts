import { describe, expect, it } from 'vitest';
import { Identity } from '../../fakes/azure/core/identity.ts';
import { GROUP, refusal, TENANT, useSubject, type Answer } from './support.ts';

const subject = useSubject();
const V = 'api-version=2023-01-31';
const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/orders`;
const LOCATION = { location: 'westeurope' };

const call = (method: string, path: string, body?: object): Promise<Answer> =>
  subject().call(method, path, body);

interface Made {
  readonly principalId: string;
  readonly clientId: string;
}

async function makeIdentity(path = IDENTITY): Promise<Made> {
  await call('PUT', `${GROUP}?api-version=2025-04-01`, LOCATION);
  await call('PUT', `${path}?${V}`, LOCATION);
  const made = subject().identity.identityOf(path);
  if (!made) throw new Error('The identity was not made');
  return made;
}

describe('tokens', () => {
  it('are for one caller and one audience, and end', async () => {
    let now = 0;
    const identity = new Identity(
      () => undefined,
      () => now,
    );
    const { token, expiresOnTimestamp } = await identity
      .credentialOf(identity.deployer)
      .getToken(['https://vault.azure.net/.default']);
    expect(identity.callerOf(token, 'https://vault.azure.net')).toBe(identity.deployer);
    expect(identity.callerOf(token, 'https://storage.azure.com')).toBeUndefined();
    expect(identity.callerOf(`${token}x`, 'https://vault.azure.net')).toBeUndefined();
    now = expiresOnTimestamp;
    expect(identity.callerOf(token, 'https://vault.azure.net')).toBeUndefined();
  });

  it('are refused for a scope that is no resource', async () => {
    const { identity, endpoint } = subject();
    const credential = identity.credentialOf(identity.observer);
    await expect(credential.getToken(`${endpoint}/.default`)).rejects.toThrow('AADSTS70011');
    await expect(credential.getToken('https://vault.azure.net')).rejects.toThrow('AADSTS70011');
  });
});

describe('a user-assigned identity', () => {
  it('is made, read, tagged and deleted', async () => {
    const group = `${GROUP}?api-version=2025-04-01`;
    expect(refusal(await call('PUT', `${IDENTITY}?${V}`, LOCATION))).toEqual([
      404,
      'ResourceGroupNotFound',
    ]);
    await call('PUT', group, LOCATION);
    expect(refusal(await call('GET', `${IDENTITY}?${V}`))).toEqual([404, 'ResourceNotFound']);
    expect(refusal(await call('PUT', `${IDENTITY}?${V}`, {}))).toEqual([400, 'LocationRequired']);
    expect(refusal(await call('PUT', `${IDENTITY}?api-version=2001-01-01`, LOCATION))).toEqual([
      400,
      'NoRegisteredProviderFound',
    ]);
    const made = await call('PUT', `${IDENTITY}?${V}`, { ...LOCATION, tags: { a: '1' } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ id: IDENTITY, properties: { tenantId: TENANT } });
    expect((await call('PUT', `${IDENTITY}?${V}`, LOCATION)).status).toBe(200);
    const list = IDENTITY.split('/').slice(0, -1).join('/');
    expect((await call('GET', `${list}?${V}`)).body).toMatchObject({ value: [{ id: IDENTITY }] });
    expect((await call('DELETE', `${IDENTITY}?${V}`)).status).toBe(200);
    expect((await call('DELETE', `${IDENTITY}?${V}`)).status).toBe(204);
  });

  it('is another one when it is made anew', async () => {
    const first = await makeIdentity();
    await call('DELETE', `${IDENTITY}?${V}`);
    const second = await makeIdentity();
    expect(second.principalId).not.toBe(first.principalId);
    expect(second.clientId).not.toBe(first.clientId);
  });
});

describe('the token endpoint of an app', () => {
  const ask = async (header: string, query: string): Promise<readonly [number, unknown]> => {
    const reply = await fetch(`${subject().tokenEndpoint}/msi/token?${query}`, {
      headers: { 'X-IDENTITY-HEADER': header },
    });
    return [reply.status, await reply.json()];
  };
  const VAULT = 'api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net';

  it('gives tokens for the identities of the app', async () => {
    const { principalId, clientId } = await makeIdentity();
    const header = subject().identity.headerFor({ [clientId]: principalId });
    const [status, body] = await ask(header, `${VAULT}&client_id=${clientId}`);
    expect([status, body]).toMatchObject([
      200,
      { token_type: 'Bearer', client_id: clientId, resource: 'https://vault.azure.net' },
    ]);
    const token = String(Object(body)['access_token']);
    expect(subject().identity.callerOf(token, 'https://vault.azure.net')).toEqual({
      kind: 'identity',
      principalId,
    });
    const byId = `${VAULT}&mi_res_id=${encodeURIComponent(IDENTITY.toUpperCase())}`;
    expect((await ask(header, byId))[0]).toBe(200);
  });

  it('refuses others, and requests that do not say which identity', async () => {
    const { principalId, clientId } = await makeIdentity();
    const header = subject().identity.headerFor({ [clientId]: principalId });
    expect((await ask('wrong', `${VAULT}&client_id=${clientId}`))[0]).toBe(401);
    expect(await ask(header, VAULT)).toMatchObject([
      400,
      { message: 'Unable to load the proper Managed Identity.' },
    ]);
    expect((await ask(header, `${VAULT}&client_id=${principalId}`))[0]).toBe(400);
    const unknown = VAULT.replace('vault', 'nothing');
    expect((await ask(header, `${unknown}&client_id=${clientId}`))[0]).toBe(400);
    const old = VAULT.replace('2019-08-01', '2017-09-01');
    expect((await ask(header, `${old}&client_id=${clientId}`))[0]).toBe(400);
    await call('DELETE', `${IDENTITY}?${V}`);
    expect((await ask(header, `${VAULT}&client_id=${clientId}`))[0]).toBe(400);
  });
});
