import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LONG_MS,
  at,
  createFlex,
  flexConfig,
  flexPlan,
  flexSite,
  objectAt,
  startAzure,
  textAt,
  type SiteChange,
  type SmallAzure,
} from './support.ts';

let azure: SmallAzure;

beforeEach(async () => {
  azure = await startAzure();
});

afterEach(() => azure.stop());

async function plan(name = 'plan'): Promise<void> {
  await azure.arm('PUT', `${azure.base}/serverfarms/${name}`, flexPlan());
  await azure.clock.advance(LONG_MS);
}

function site(name = 'orders'): string {
  return `${azure.base}/sites/${name}`;
}

describe('sites', () => {
  it('are made by a long-running operation and are as they were asked for', async () => {
    await plan();
    const made = await azure.arm('PUT', site(), flexSite(azure));
    expect(made.status).toBe(202);
    expect(made.headers['azure-asyncoperation']).toContain(azure.world.endpoint);
    await azure.clock.advance(LONG_MS);
    const found = await azure.client.webApps.get('shop', 'orders');
    const { clientId, principalId } = azure.world.identity.identityOf(azure.identityId) ?? {};
    expect(found).toMatchObject({
      name: 'orders',
      location: 'West Europe',
      state: 'Running',
      tags: { owner: 'shop' },
      identity: {
        type: 'UserAssigned',
        userAssignedIdentities: { [azure.identityId]: { clientId, principalId } },
      },
      functionAppConfig: {
        runtime: { name: 'node', version: '22' },
        scaleAndConcurrency: { instanceMemoryMB: 2048 },
      },
    });
    expect(found.defaultHostName).toMatch(/^127\.0\.0\.1:\d+$/);
    const scm = found.hostNameSslStates?.find(({ hostType }) => hostType === 'Repository')?.name;
    expect(scm).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(scm).not.toBe(found.defaultHostName);
    expect(found.siteConfig?.appSettings).toBeUndefined();
    expect(azure.web.inventory()).toEqual(['web plan plan', 'web site orders']);
  });

  it('are listed by group and by subscription, and gone once deleted', async () => {
    const { path } = await createFlex(azure);
    const names: (string | undefined)[] = [];
    for await (const found of azure.client.webApps.listByResourceGroup('shop'))
      names.push(found.name);
    for await (const found of azure.client.webApps.list()) names.push(found.name);
    expect(names).toEqual(['orders', 'orders']);
    expect(azure.web.resourcesIn('SHOP')).toContain(path);
    expect((await azure.arm('DELETE', path)).status).toBe(200);
    expect((await azure.arm('DELETE', path)).status).toBe(204);
    const gone = await azure.arm('GET', path);
    expect(gone.status).toBe(404);
    expect(at(gone.body, 'error', 'code')).toBe('ResourceNotFound');
  });

  it('keep others out while something is under way', async () => {
    await plan();
    await azure.arm('PUT', site(), flexSite(azure));
    const changes = [
      azure.arm('PATCH', site(), { tags: {} }),
      azure.arm('PUT', `${site()}/config/appsettings`, { properties: {} }),
      azure.arm('DELETE', site()),
    ];
    for (const refused of await Promise.all(changes)) {
      expect(refused.status).toBe(409);
      expect(refused.body['Message']).toContain(
        'Cannot modify this site because another operation',
      );
    }
    await azure.clock.advance(LONG_MS);
    expect((await azure.arm('PATCH', site(), { tags: { a: 'b' } })).status).toBe(200);
  });

  it('replace tags and settings that a PUT gives, and keep settings that it does not', async () => {
    const { path } = await createFlex(azure, 'orders', {
      settings: { ONE: '1' },
      tags: { a: '1', b: '2' },
    });
    const body = flexSite(azure, { tags: { b: '3' } });
    const { siteConfig: _, ...properties } = objectAt(body, 'properties');
    expect((await azure.arm('PUT', path, { ...body, properties })).status).toBe(202);
    await azure.clock.advance(LONG_MS);
    expect((await azure.arm('GET', path)).body['tags']).toEqual({ b: '3' });
    const kept = await azure.client.webApps.listApplicationSettings('shop', 'orders');
    expect(kept.properties?.['ONE']).toBe('1');
    await azure.arm('PUT', path, flexSite(azure, { settings: { TWO: '2' } }));
    await azure.clock.advance(LONG_MS);
    const replaced = await azure.client.webApps.listApplicationSettings('shop', 'orders');
    expect(replaced.properties).toMatchObject({ TWO: '2' });
    expect(replaced.properties).not.toHaveProperty('ONE');
  });

  it('take changes of functionAppConfig by PATCH, and leave the rest of it as it was', async () => {
    const { path } = await createFlex(azure);
    const functionAppConfig = {
      scaleAndConcurrency: {
        alwaysReady: [{ name: 'http', instanceCount: 1 }],
        instanceMemoryMB: 512,
      },
    };
    expect((await azure.arm('PATCH', path, { properties: { functionAppConfig } })).status).toBe(
      202,
    );
    await azure.clock.advance(LONG_MS);
    const found = await azure.arm('GET', path);
    expect(at(found.body, 'properties', 'functionAppConfig')).toMatchObject({
      runtime: { version: '22' },
      scaleAndConcurrency: {
        instanceMemoryMB: 512,
        maximumInstanceCount: 100,
        alwaysReady: [{ name: 'http', instanceCount: 1 }],
      },
    });
    expect(found.body['tags']).toEqual({ owner: 'shop' });
  });

  it('restart nothing when the tags are set by the generic tags API', async () => {
    const { path } = await createFlex(azure);
    const restarts: string[] = [];
    azure.web.onRestart((id) => restarts.push(id));
    const reply = await azure.arm(
      'PATCH',
      `${path}/providers/Microsoft.Resources/tags/default`,
      { operation: 'Merge', properties: { tags: { more: 'yes' } } },
      '2021-04-01',
    );
    expect(reply.status).toBe(200);
    await azure.clock.advance(LONG_MS);
    expect((await azure.arm('GET', path)).body['tags']).toEqual({ owner: 'shop', more: 'yes' });
    expect(restarts).toEqual([]);
  });

  it('have an identity of the system when they are asked to', async () => {
    await plan();
    const functionAppConfig = {
      deployment: {
        storage: {
          type: 'blobContainer',
          value: textAt(flexConfig(azure), 'deployment', 'storage', 'value'),
          authentication: { type: 'SystemAssignedIdentity' },
        },
      },
    };
    const body = {
      ...flexSite(azure, { functionAppConfig }),
      identity: { type: 'SystemAssigned' },
    };
    await azure.arm('PUT', site(), body);
    await azure.clock.advance(LONG_MS);
    const found = await azure.arm('GET', site());
    const principalId = textAt(found.body, 'identity', 'principalId');
    expect(principalId).toMatch(/^[\da-f-]{36}$/);
    expect(azure.web.identitiesOf(site())['']).toBe(principalId);
  });

  it('have names that are good, and nobody else has', async () => {
    await plan();
    const bad = await azure.arm('PUT', site('no_underscores'), flexSite(azure));
    expect(bad.status).toBe(400);
    azure.web.plantForeignName('taken');
    const taken = await azure.arm('PUT', site('taken'), flexSite(azure));
    expect(taken.status).toBe(409);
    expect(taken.body).toMatchObject({
      Code: 'Conflict',
      Message: 'Website with given name taken already exists.',
    });
    const check = (name: string): Promise<{ nameAvailable?: boolean; reason?: string }> =>
      azure.client.checkNameAvailability(name, 'Microsoft.Web/sites');
    expect(await check('Taken')).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' });
    expect(await check('a')).toMatchObject({ nameAvailable: false, reason: 'Invalid' });
    expect(await check('free')).toMatchObject({ nameAvailable: true });
  });

  it('are alone on a plan of Flex Consumption', async () => {
    await createFlex(azure);
    const second = await azure.arm('PUT', site('second'), flexSite(azure));
    expect(second.status).toBe(400);
    expect(second.body['Message']).toContain('one site only');
  });

  const refusals: [string, SiteChange, string][] = [
    [
      'a setting of other plans',
      { settings: { FUNCTIONS_WORKER_RUNTIME: 'node' } },
      'Site.SiteConfig.AppSettings.FUNCTIONS_WORKER_RUNTIME',
    ],
    [
      'several of them',
      { settings: { FUNCTIONS_WORKER_RUNTIME: 'node', WEBSITE_RUN_FROM_PACKAGE: '1' } },
      'list of 2 app settings',
    ],
    [
      'linuxFxVersion',
      { siteConfig: { linuxFxVersion: 'Node|22' } },
      'Site.SiteConfig.LinuxFxVersion',
    ],
    [
      'no functionAppConfig',
      { properties: { functionAppConfig: null } },
      'The FunctionAppConfig section was not specified',
    ],
    [
      'an odd memory',
      { functionAppConfig: { scaleAndConcurrency: { instanceMemoryMB: 1024 } } },
      'InstanceMemoryMB',
    ],
    [
      'too many instances',
      {
        functionAppConfig: {
          scaleAndConcurrency: { instanceMemoryMB: 512, maximumInstanceCount: 1001 },
        },
      },
      'between 1 and 1000',
    ],
    [
      'an unknown always ready group',
      {
        functionAppConfig: {
          scaleAndConcurrency: {
            instanceMemoryMB: 512,
            alwaysReady: [{ name: 'queue', instanceCount: 1 }],
          },
        },
      },
      "The name 'queue' is not valid",
    ],
    [
      'an old Node',
      { functionAppConfig: { runtime: { name: 'node', version: '18' } } },
      "runtime version '18' for runtime name 'node'",
    ],
    [
      'too much concurrency',
      {
        functionAppConfig: {
          scaleAndConcurrency: {
            instanceMemoryMB: 512,
            triggers: { http: { perInstanceConcurrency: 0 } },
          },
        },
      },
      'PerInstanceConcurrency',
    ],
    [
      'a container that is not there',
      {
        functionAppConfig: {
          deployment: {
            storage: { type: 'blobContainer', value: 'https://nobody.blob.core.windows.net/x' },
          },
        },
      },
      'was not found',
    ],
    [
      'a plan that is not there',
      { plan: 'missing' },
      'Cannot find AppServicePlan with name missing.',
    ],
  ];

  it.each(refusals)('refuse %s on Flex Consumption', async (_, change, said) => {
    await plan();
    const refused = await azure.arm('PUT', site(), flexSite(azure, change));
    expect([400, 404]).toContain(refused.status);
    expect(refused.body['Message']).toContain(said);
    expect(azure.web.inventory()).toEqual(['web plan plan']);
  });

  it('refuse identities that are not there', async () => {
    await plan();
    const missing = azure.identityId.replace('worker', 'nobody');
    const body = {
      ...flexSite(azure),
      identity: { type: 'UserAssigned', userAssignedIdentities: { [missing]: {} } },
    };
    const refused = await azure.arm('PUT', site(), body);
    expect(refused.status).toBe(400);
    expect(at(refused.body, 'error', 'code')).toBe('FailedIdentityOperation');
  });

  it('go with their group', async () => {
    const { host } = await createFlex(azure);
    azure.web.deleteGroup('shop');
    await azure.clock.advance(0);
    expect(azure.web.inventory()).toEqual([]);
    expect(azure.web.siteIds()).toEqual([]);
    await expect(azure.http(host, '/')).rejects.toThrow('fetch failed');
  });
});
