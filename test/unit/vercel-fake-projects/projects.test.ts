import { describe, expect, it } from 'vitest';
import { useScene } from '../vercel-fake-core/support.ts';

const scene = useScene();
const RECORD = {
  key: 'POLYFAAS_RECORD_1',
  value: 'abc',
  type: 'plain',
  target: ['development'],
};

describe('making projects', () => {
  it('makes one with its variables in one call', async () => {
    const { call, world } = scene();
    const { status, body } = await call('POST', '/v11/projects', {
      name: 'shop-dev-orders',
      environmentVariables: [RECORD],
    });
    expect([status, body.name, body.accountId]).toEqual([200, 'shop-dev-orders', world.teamId]);
    expect(body.id).toMatch(/^prj_/);
    expect(body.env).toMatchObject([{ ...RECORD, decrypted: true }]);
    expect(world.inventory()).toEqual([
      'project shop-dev-orders',
      'variable shop-dev-orders POLYFAAS_RECORD_1',
    ]);
  });

  it('refuses a name that is there', async () => {
    const { call } = scene();
    await call('POST', '/v11/projects', { name: 'orders' });
    const { status, body } = await call('POST', '/v11/projects', { name: 'orders' });
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect(body.error.message).toBe('Project "orders" already exists, please use a new name.');
  });

  it.each(['Orders', 'a---b', 'a/b', '', 'x'.repeat(101)])('refuses the name %j', async (name) => {
    const { status, body } = await scene().call('POST', '/v11/projects', { name });
    expect([status, body.error.code]).toEqual([400, 'bad_request']);
    expect(body.error.message).toContain('Project names can be up to 100 characters');
  });

  it.each<readonly [object, string]>([
    [{}, 'missing required property `name`'],
    [{ name: 'a', framework: null }, '`framework` should be equal to one of the allowed values'],
    [{ name: 'a', nonsense: 1 }, 'should NOT have additional property `nonsense`'],
    [{ name: 7 }, '`name` should be string'],
    [
      { name: 'a', environmentVariables: [{ ...RECORD, more: 1 }] },
      'additional property `environmentVariables.more`',
    ],
    [{ name: 'a', environmentVariables: [{ ...RECORD, key: 'A-B' }] }, 'invalid characters'],
    [{ name: 'a', environmentVariables: [RECORD, RECORD] }, 'given twice'],
    [
      { name: 'a', environmentVariables: [{ ...RECORD, type: 'sensitive' }] },
      'target to development',
    ],
    [{ name: 'a', resourceConfig: { functionDefaultTimeout: 1_900 } }, 'between 1 and 1800'],
  ])('refuses %j', async (body, message) => {
    const { call, world } = scene();
    const answer = await call('POST', '/v11/projects', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'bad_request']);
    expect(answer.body.error.message).toContain(message);
    expect(world.inventory()).toEqual([]);
  });
});

describe('projects', () => {
  it('are found by id and by name', async () => {
    const { call } = scene();
    const { body } = await call('POST', '/v11/projects', { name: 'orders' });
    expect((await call('GET', `/v9/projects/${body.id}`)).body.name).toBe('orders');
    expect((await call('GET', '/v9/projects/orders')).body.id).toBe(body.id);
    const missing = await call('GET', '/v9/projects/other');
    expect([missing.status, missing.body.error.code]).toEqual([404, 'not_found']);
  });

  it('show the last promotion only when they are asked for it', async () => {
    const { call, world } = scene();
    await call('POST', '/v11/projects', { name: 'orders' });
    const project = world.store.find('orders');
    if (!project) throw new Error('It was made');
    const path = '/v9/projects/orders';
    expect((await call('GET', `${path}?rollbackInfo=true`)).body.lastAliasRequest).toBeNull();
    project.aliasRequest = {
      fromDeploymentId: null,
      toDeploymentId: 'dpl_1',
      type: 'promote',
      requestedAt: 1,
      jobStatus: () => 'in-progress',
    };
    expect((await call('GET', path)).body.lastAliasRequest).toBeUndefined();
    expect((await call('GET', `${path}?rollbackInfo=true`)).body.lastAliasRequest).toEqual({
      fromDeploymentId: null,
      toDeploymentId: 'dpl_1',
      type: 'promote',
      requestedAt: 1,
      jobStatus: 'in-progress',
    });
  });

  it('show what the deployments say is in production', async () => {
    const { call, world } = scene();
    await call('POST', '/v11/projects', { name: 'orders' });
    world.store.showDeployments(() => ({
      targets: { production: { id: 'dpl_1' } },
      latestDeployments: [],
    }));
    const { body } = await call('GET', '/v9/projects/orders');
    expect(body.targets).toEqual({ production: { id: 'dpl_1' } });
  });

  it('change their settings', async () => {
    const { call, world } = scene();
    const { body: made } = await call('POST', '/v11/projects', { name: 'orders' });
    expect(made.ssoProtection).toEqual({
      deploymentType: 'prod_deployment_urls_and_all_previews',
    });
    expect(world.projects.protectionOf(made.id)).toBe('all_but_production');
    const { status, body } = await call('PATCH', '/v9/projects/orders', {
      ssoProtection: null,
      resourceConfig: { functionDefaultRegions: ['fra1'] },
    });
    expect([status, body.ssoProtection]).toEqual([200, null]);
    expect(body.resourceConfig).toMatchObject({ fluid: true, functionDefaultRegions: ['fra1'] });
    expect(world.projects.protectionOf(made.id)).toBe('none');
    expect((await call('PATCH', '/v9/projects/orders', { nonsense: 1 })).status).toBe(400);
  });

  it('are listed, page by page', async () => {
    const { call, clock } = scene();
    for (const name of ['shop-a', 'shop-b', 'other', 'shop-c']) {
      await call('POST', '/v11/projects', { name });
      await clock.advance(1000);
    }
    const first = (await call('GET', '/v10/projects?search=shop&limit=2')).body;
    expect(first.projects.map(({ name }) => name)).toEqual(['shop-c', 'shop-b']);
    const next = `/v10/projects?search=shop&limit=2&from=${first.pagination.next}`;
    const second = (await call('GET', next)).body;
    expect(second.projects.map(({ name }) => name)).toEqual(['shop-a']);
    expect(second.pagination.next).toBeNull();
    expect((await call('GET', '/v10/projects?limit=0')).status).toBe(400);
    expect((await call('GET', '/v10/projects?nonsense=1')).status).toBe(400);
  });

  it('are gone with all that is theirs', async () => {
    const { call, world } = scene();
    const { body } = await call('POST', '/v11/projects', {
      name: 'orders',
      environmentVariables: [RECORD],
    });
    const gone: string[] = [];
    world.projects.onProjectDeleted((id) => gone.push(id));
    expect((await call('DELETE', '/v9/projects/orders')).status).toBe(204);
    expect((await call('DELETE', '/v9/projects/orders')).status).toBe(404);
    expect(gone).toEqual([body.id]);
    expect(world.inventory()).toEqual([]);
  });
});

describe('the secrets of automation', () => {
  const path = '/v1/projects/orders/protection-bypass';

  it('are made, and let through', async () => {
    const { call, world } = scene();
    const { body } = await call('POST', '/v11/projects', { name: 'orders' });
    const secret = 'a'.repeat(32);
    const first = await call('PATCH', path, { generate: { secret, note: 'polyfaas' } });
    expect(first.status).toBe(200);
    expect(first.body.protectionBypass).toMatchObject({
      [secret]: { scope: 'automation-bypass', note: 'polyfaas', isEnvVar: true },
    });
    await call('PATCH', path, {});
    const secrets = world.projects.bypassSecretsOf(body.id);
    expect(secrets).toHaveLength(2);
    expect(Object.keys((await call('GET', '/v9/projects/orders')).body.protectionBypass)).toEqual([
      ...secrets,
    ]);
  });

  it('are refused when they are too short, or there already', async () => {
    const { call } = scene();
    await call('POST', '/v11/projects', { name: 'orders' });
    const secret = 'a'.repeat(32);
    expect((await call('PATCH', path, { generate: { secret: 'short' } })).status).toBe(400);
    await call('PATCH', path, { generate: { secret } });
    expect((await call('PATCH', path, { generate: { secret } })).status).toBe(409);
  });

  it('are revoked; another one takes the place in the environment', async () => {
    const { call } = scene();
    await call('POST', '/v11/projects', { name: 'orders' });
    const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];
    await call('PATCH', path, { generate: { secret: first } });
    await call('PATCH', path, { generate: { secret: second } });
    const { body } = await call('PATCH', path, { revoke: { secret: first, regenerate: false } });
    expect(Object.keys(body.protectionBypass)).toEqual([second]);
    expect(body.protectionBypass[second ?? '']?.isEnvVar).toBe(true);
  });
});
