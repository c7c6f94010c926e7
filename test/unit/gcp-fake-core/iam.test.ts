import { describe, expect, it } from 'vitest';
import { refusal, useSubject, type Answer } from './support.ts';

const subject = useSubject();
const ACCOUNTS = (): string => `/v1/${subject().name('serviceAccounts')}`;
const EMAIL = 'runner-1@polyfaas-fake.iam.gserviceaccount.com';
const make = (): Promise<Answer> =>
  subject().call('iam', 'POST', ACCOUNTS(), {
    accountId: 'runner-1',
    serviceAccount: { displayName: 'Runner', description: 'polyfaas a/b/c' },
  });

describe('service accounts', () => {
  it('are made, shown, changed and deleted', async () => {
    const { call, world } = subject();
    const made = await make();
    expect(made.body).toMatchObject({
      name: `${subject().name('serviceAccounts')}/${EMAIL}`,
      email: EMAIL,
      displayName: 'Runner',
      description: 'polyfaas a/b/c',
    });
    expect(refusal(await make())).toEqual([
      409,
      'ALREADY_EXISTS',
      'Service account runner-1 already exists within project projects/polyfaas-fake.',
    ]);
    expect(world.inventory()).toEqual([`service account ${EMAIL}`]);
    const path = `${ACCOUNTS()}/${EMAIL}`;
    expect((await call('iam', 'GET', path)).body).toEqual(made.body);
    const wildcard = `/v1/projects/-/serviceAccounts/${made.body.uniqueId}`;
    expect((await call('iam', 'GET', wildcard)).body.email).toBe(EMAIL);
    const changed = await call('iam', 'PATCH', path, {
      serviceAccount: { description: 'new', displayName: 'not in the mask' },
      updateMask: 'description',
    });
    expect(changed.body).toMatchObject({ description: 'new', displayName: 'Runner' });
    expect((await call('iam', 'GET', ACCOUNTS())).body.accounts).toHaveLength(1);
    expect((await call('iam', 'DELETE', path)).status).toBe(200);
    expect(refusal(await call('iam', 'GET', path)).slice(0, 2)).toEqual([404, 'NOT_FOUND']);
    expect(refusal(await call('iam', 'DELETE', path)).slice(0, 2)).toEqual([404, 'NOT_FOUND']);
    const again = await make();
    expect(again.body.uniqueId).not.toBe(made.body.uniqueId);
  });

  it('need a good id and known fields', async () => {
    const { call } = subject();
    const ask = async (body: object): Promise<readonly unknown[]> =>
      refusal(await call('iam', 'POST', ACCOUNTS(), body)).slice(0, 2);
    expect(await ask({ accountId: 'short' })).toEqual([400, 'INVALID_ARGUMENT']);
    expect(await ask({ accountId: 'Upper-case' })).toEqual([400, 'INVALID_ARGUMENT']);
    expect(await ask({ accountId: 'good-one', labels: {} })).toEqual([400, 'INVALID_ARGUMENT']);
  });

  it('are known everywhere only after a while', async () => {
    const { call, world, pass } = subject();
    await make();
    const grant = (): Promise<Answer> =>
      call('cloudresourcemanager', 'POST', `/v3/projects/${world.projectId}:setIamPolicy`, {
        policy: {
          bindings: [
            { role: 'roles/eventarc.eventReceiver', members: [`serviceAccount:${EMAIL}`] },
          ],
        },
      });
    expect(refusal(await grant())).toEqual([
      400,
      'INVALID_ARGUMENT',
      `Service account ${EMAIL} does not exist.`,
    ]);
    await pass(5_000);
    expect((await grant()).status).toBe(200);
  });
});

describe('policies', () => {
  const resource = (): string => `/v1/${subject().name(`serviceAccounts/${EMAIL}`)}`;
  const CREATOR = 'roles/iam.serviceAccountTokenCreator';
  const AGENT = 'serviceAccount:service-416161616161@gcp-sa-pubsub.iam.gserviceaccount.com';

  it('are compared and set', async () => {
    const { call } = subject();
    await make();
    const get = (): Promise<Answer> => call('iam', 'POST', `${resource()}:getIamPolicy`, {});
    const set = (policy: object): Promise<Answer> =>
      call('iam', 'POST', `${resource()}:setIamPolicy`, { policy });
    const empty = await get();
    expect(empty.body).toEqual({ etag: 'ACAB' });
    const bindings = [{ role: CREATOR, members: [AGENT] }];
    const first = await set({ ...empty.body, bindings });
    expect(first.body).toMatchObject({ version: 1, bindings });
    expect(refusal(await set({ etag: 'ACAB', bindings: [] }))).toEqual([
      409,
      'ABORTED',
      expect.stringContaining('concurrent policy changes'),
    ]);
    expect((await get()).body).toEqual(first.body);
    for (const wrong of [
      { bindings: [{ role: 'creator', members: [AGENT] }] },
      { bindings: [{ role: CREATOR, members: ['somebody'] }] },
      { bindings: [{ role: CREATOR, member: [AGENT] }] },
      { rules: [] },
    ]) {
      expect(refusal(await set(wrong)).slice(0, 2)).toEqual([400, 'INVALID_ARGUMENT']);
    }
  });

  it('take a while to spread, and end with the account', async () => {
    const { call, world, pass } = subject();
    await make();
    await pass(5_000);
    const name = subject().name('secrets/s');
    const caller = { kind: 'account', email: EMAIL } as const;
    const members = [`serviceAccount:${EMAIL}`];
    const role = 'roles/secretmanager.secretAccessor';
    world.policies.set(name, { bindings: [{ role, members }] });
    const allowed = (): boolean => world.policies.allows(caller, name, [role]);
    expect(allowed()).toBe(false);
    await pass(4_000);
    world.policies.set(name, {
      bindings: [
        { role, members },
        { role: 'roles/viewer', members: ['allUsers'] },
      ],
    });
    await pass(3_000);
    expect(allowed()).toBe(true);
    expect(world.policies.allows({ kind: 'account', email: '' }, name, ['roles/viewer'])).toBe(
      false,
    );
    await pass(4_000);
    expect(world.policies.allows({ kind: 'account', email: '' }, name, ['roles/viewer'])).toBe(
      true,
    );
    const { uniqueId } = (await call('iam', 'GET', `${ACCOUNTS()}/${EMAIL}`)).body;
    await call('iam', 'DELETE', `${ACCOUNTS()}/${EMAIL}`);
    expect(world.policies.get(name).bindings[0]?.members).toEqual([
      `deleted:serviceAccount:${EMAIL}?uid=${uniqueId}`,
    ]);
    await make();
    await pass(60_000);
    expect(allowed()).toBe(false);
  });
});

describe('credentials and projects', () => {
  it('gives ID tokens to those that may impersonate', async () => {
    const { call, world } = subject();
    await make();
    const path = `/v1/projects/-/serviceAccounts/${EMAIL}:generateIdToken`;
    const ask = { audience: 'https://x', includeEmail: true };
    const { body } = await call('iamcredentials', 'POST', path, ask);
    expect(await world.identity.claimsOfIdToken(body.token)).toEqual({
      email: EMAIL,
      aud: 'https://x',
    });
    const stranger = { kind: 'account', email: 'other@x' } as const;
    expect(refusal(await call('iamcredentials', 'POST', path, ask, stranger)).slice(0, 2)).toEqual([
      403,
      'PERMISSION_DENIED',
    ]);
    const unknown = path.replace('runner-1', 'nobody');
    expect(refusal(await call('iamcredentials', 'POST', unknown, ask)).slice(0, 2)).toEqual([
      404,
      'NOT_FOUND',
    ]);
  });

  it('tells the number of the project', async () => {
    const { call, world } = subject();
    const api = 'cloudresourcemanager';
    expect((await call(api, 'GET', '/v3/projects/polyfaas-fake')).body).toMatchObject({
      name: `projects/${world.projectNumber}`,
      projectId: world.projectId,
      state: 'ACTIVE',
    });
    expect((await call(api, 'GET', '/v1/projects/polyfaas-fake')).body).toMatchObject({
      projectNumber: world.projectNumber,
    });
    const { body } = await call(api, 'POST', '/v1/projects/polyfaas-fake:getIamPolicy', {});
    expect(body.bindings.map((one: { role: string }) => one.role)).toContain('roles/owner');
  });
});
