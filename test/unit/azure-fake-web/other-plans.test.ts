import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  LONG_MS,
  REGION,
  at,
  createFlex,
  hostStorage,
  httpFunction,
  objectAt,
  packageOf,
  startAzure,
  textAt,
  type Answer,
  type Json,
  type SmallAzure,
} from './support.ts';

let azure: SmallAzure;

beforeEach(async () => {
  azure = await startAzure();
});

afterEach(() => azure.stop());

const EXTRA = { FUNCTIONS_EXTENSION_VERSION: '~4', FUNCTIONS_WORKER_RUNTIME: 'node' };

function settingsOf(change: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...hostStorage(azure),
    ...EXTRA,
    WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: azure.identityId,
    ...change,
  };
}

function siteOn(settings: Readonly<Record<string, string>>): Json {
  return {
    location: REGION,
    kind: 'functionapp,linux',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [azure.identityId]: {} } },
    properties: {
      serverFarmId: `${azure.base}/serverfarms/plan`,
      siteConfig: {
        linuxFxVersion: 'Node|22',
        appSettings: Object.entries(settings).map(([name, value]) => ({ name, value })),
      },
    },
  };
}

async function plan(name: string): Promise<void> {
  const properties = { reserved: true };
  await azure.arm('PUT', `${azure.base}/serverfarms/plan`, {
    location: REGION,
    sku: { name },
    properties,
  });
  await azure.clock.advance(LONG_MS);
}

async function packageUrl(name: string, marker = ''): Promise<string> {
  const zip = await packageOf([httpFunction('hello', `hello${marker}`)]);
  azure.world.blobs.put(ACCOUNT, 'polyfaas', name, zip);
  return `${azure.world.storage.blobEndpoint(ACCOUNT)}polyfaas/${name}`;
}

async function create(
  sku: string,
  change: Readonly<Record<string, string>> = {},
): Promise<{ readonly path: string; readonly host: string }> {
  await plan(sku);
  const path = `${azure.base}/sites/orders`;
  const made = await azure.arm('PUT', path, siteOn(settingsOf(change)));
  if (made.status !== 202) throw new Error(made.text);
  await azure.clock.advance(LONG_MS);
  return { path, host: textAt(made.body, 'properties', 'defaultHostName') };
}

async function slot(site: string, name: string, url: string): Promise<Answer> {
  const body = siteOn(settingsOf({ WEBSITE_RUN_FROM_PACKAGE: url, SLOT: name }));
  const reply = await azure.arm('PUT', `${site}/slots/${name}`, body);
  await azure.clock.advance(LONG_MS);
  return reply;
}

describe('sites on Consumption', () => {
  it('run the package that a setting names, with an identity that may read it', async () => {
    const url = await packageUrl('one.zip');
    const site = await create('Y1', { WEBSITE_RUN_FROM_PACKAGE: url });
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
    await packageUrl('one.zip', '-again');
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
    await azure.client.webApps.restart('shop', 'orders');
    expect((await azure.http(site.host, '/hello-again')).status).toBe(200);
  });

  it('have no functions when nobody lets them read it', async () => {
    const url = await packageUrl('one.zip');
    const site = await create('Y1', {
      WEBSITE_RUN_FROM_PACKAGE: url,
      WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: 'SystemAssigned',
    });
    expect((await azure.http(site.host, '/hello')).status).toBe(404);
  });

  it('are woken by events only after the triggers were synchronised', async () => {
    const site = await create('Y1', { WEBSITE_RUN_FROM_PACKAGE: await packageUrl('one.zip') });
    expect(azure.web.hostOf(site.path)).toBeUndefined();
    const reply = await azure.arm('POST', `${site.path}/syncfunctiontriggers`);
    expect(reply.status).toBe(200);
    expect(azure.web.hostOf(site.path)).toBeDefined();
  });

  it('do not run without the settings that say what runs', async () => {
    const site = await create('Y1', { FUNCTIONS_WORKER_RUNTIME: '' });
    expect((await azure.http(site.host, '/')).status).toBe(503);
  });

  it('want linuxFxVersion, and know no functionAppConfig', async () => {
    await plan('Y1');
    const path = `${azure.base}/sites/orders`;
    const body = siteOn(settingsOf({}));
    const properties = objectAt(body, 'properties');
    const without = { ...body, properties: { ...properties, siteConfig: {} } };
    expect((await azure.arm('PUT', path, without)).body['Message']).toContain('LinuxFxVersion');
    const flex = { ...body, properties: { ...properties, functionAppConfig: { runtime: {} } } };
    expect((await azure.arm('PUT', path, flex)).status).toBe(400);
  });
});

describe('slots', () => {
  it('are none on Flex Consumption', async () => {
    const site = await createFlex(azure);
    const refused = await azure.arm('PUT', `${site.path}/slots/next`, { location: REGION });
    expect(refused.status).toBe(409);
    expect(refused.body['Message']).toBe(
      "Cannot complete the operation because the site will exceed the number of slots allowed for the 'FlexConsumption' SKU.",
    );
  });

  it('are two beside production on Premium, each with settings of its own', async () => {
    const url = await packageUrl('one.zip');
    const site = await create('EP1', { WEBSITE_RUN_FROM_PACKAGE: url });
    const made = await slot(site.path, 'next', await packageUrl('two.zip', '-next'));
    expect(made.body).toMatchObject({ name: 'orders/next', type: 'Microsoft.Web/sites/slots' });
    const host = textAt(made.body, 'properties', 'defaultHostName');
    expect((await azure.http(host, '/hello-next')).body['function']).toBe('hello');
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
    expect((await slot(site.path, 'other', url)).status).toBe(202);
    expect((await slot(site.path, 'third', url)).status).toBe(409);
    const listed = await azure.arm('GET', `${site.path}/slots`);
    expect(at(listed.body, 'value', 1, 'name')).toBe('orders/other');
    expect(azure.web.inventory()).toContain('web slot orders/next');
    const settings = await azure.client.webApps.listApplicationSettingsSlot(
      'shop',
      'orders',
      'next',
    );
    expect(settings.properties?.['SLOT']).toBe('next');
    await azure.arm('DELETE', `${site.path}/slots/other`);
    await azure.arm('DELETE', site.path);
    expect(azure.web.inventory()).toEqual([]);
  });

  it('change places but for what sticks to them', async () => {
    const site = await create('EP1', {
      WEBSITE_RUN_FROM_PACKAGE: await packageUrl('one.zip'),
      SLOT: 'production',
    });
    await slot(site.path, 'next', await packageUrl('two.zip', '-next'));
    await azure.client.webApps.updateSlotConfigurationNames('shop', 'orders', {
      appSettingNames: ['SLOT'],
    });
    const swap = { targetSlot: 'next', preserveVnet: true };
    const begun = await azure.arm('POST', `${site.path}/slotsswap`, swap);
    expect(begun.status).toBe(202);
    expect((await azure.arm('POST', `${site.path}/slotsswap`, swap)).status).toBe(409);
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
    await azure.clock.advance(LONG_MS);
    expect((await azure.http(site.host, '/hello-next')).status).toBe(200);
    const settings = await azure.client.webApps.listApplicationSettings('shop', 'orders');
    expect(settings.properties?.['SLOT']).toBe('production');
    const missing = await azure.arm('POST', `${site.path}/slotsswap`, { targetSlot: 'nope' });
    expect(missing.status).toBe(404);
  });
});
