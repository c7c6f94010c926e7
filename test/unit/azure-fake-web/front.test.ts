import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LONG_MS,
  createFlex,
  httpFunction,
  lastSetup,
  packageOf,
  publishZip,
  startAzure,
  textAt,
  type Answer,
  type SmallAzure,
} from './support.ts';

let azure: SmallAzure;
let site: Awaited<ReturnType<typeof createFlex>>;

beforeEach(async () => {
  azure = await startAzure();
  site = await createFlex(azure);
});

afterEach(() => azure.stop());

async function masterKey(): Promise<string> {
  return (await azure.client.webApps.listHostKeys('shop', 'orders')).masterKey ?? '';
}

async function putSettings(change: Readonly<Record<string, string>>): Promise<void> {
  const { properties } = await azure.client.webApps.listApplicationSettings('shop', 'orders');
  const settings = { properties: { ...properties, ...change } };
  await azure.client.webApps.updateApplicationSettings('shop', 'orders', settings);
}

describe('the address of a site', () => {
  it('shows a landing page, unless it is turned off', async () => {
    expect((await azure.http(site.host, '/')).text).toContain('is up and running');
    expect((await azure.http(site.host, '/nothing')).status).toBe(404);
    await putSettings({ AzureWebJobsDisableHomepage: 'true' });
    await azure.clock.advance(LONG_MS);
    expect((await azure.http(site.host, '/')).status).toBe(204);
  });

  it('lets requests through with the level of their key', async () => {
    const functions = [httpFunction('open', 'open'), httpFunction('closed', 'closed', 'function')];
    await publishZip(azure, site, await packageOf(functions));
    const { functionKeys } = await azure.client.webApps.listHostKeys('shop', 'orders');
    const own = await azure.arm('POST', `${site.path}/functions/closed/listkeys`);
    const ask = async (path: string, key?: string): Promise<unknown> => {
      const headers = key === undefined ? {} : { 'x-functions-key': key };
      const reply = await azure.http(site.host, path, { headers });
      return reply.status === 200 ? reply.body['keyLevel'] : reply.status;
    };
    expect(await ask('/open')).toBe('anonymous');
    expect(await ask('/closed')).toBe(401);
    expect(await ask('/closed', 'wrong')).toBe(401);
    expect(await ask('/closed', functionKeys?.['default'])).toBe('function');
    expect(await ask('/closed', textAt(own.body, 'default'))).toBe('function');
    expect(await ask('/open', textAt(own.body, 'default'))).toBe('anonymous');
    expect(await ask('/closed', await masterKey())).toBe('admin');
    expect(await ask(`/closed?code=${encodeURIComponent(await masterKey())}`)).toBe('admin');
  });

  it('says for a moment after a publish that nobody is there', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    await azure.http(site.scm, '/api/publish?type=zip', {
      method: 'POST',
      headers: { authorization: `Bearer ${azure.token}`, 'content-type': 'application/zip' },
      body: new Uint8Array(await packageOf([httpFunction('hello', 'hello')], { 'more.txt': '2' })),
    });
    expect((await azure.http(site.host, '/hello')).headers['x-generation']).toBe('1');
    await azure.clock.advance(3000);
    const down = await azure.http(site.host, '/hello');
    expect([down.status, down.text]).toEqual([503, 'Function host is not running.']);
    await azure.clock.advance(1000);
    expect((await azure.http(site.host, '/hello')).headers['x-generation']).toBe('2');
  });

  it('tells the state of the host to who has the master key', async () => {
    await publishZip(azure, site, await packageOf([]));
    expect((await azure.http(site.host, '/admin/host/ping')).status).toBe(200);
    expect((await azure.http(site.host, '/admin/host/status')).status).toBe(401);
    const headers = { 'x-functions-key': await masterKey() };
    const status = await azure.http(site.host, '/admin/host/status', { headers });
    expect(status.body).toMatchObject({ state: 'Running', id: 'orders' });
    expect((await azure.http(site.host, '/admin/anything', { headers })).status).toBe(404);
    expect((await azure.http(site.host, '/runtime/webhooks/blobs')).status).toBe(401);
  });

  it('runs any function by its admin route, and tells nothing of what came of it', async () => {
    const timer = { name: 'tick', bindings: { timer: { type: 'timerTrigger' } } };
    await publishZip(azure, site, await packageOf([timer]));
    const init = {
      method: 'POST',
      headers: { 'x-functions-key': await masterKey() },
      body: JSON.stringify({ input: 'now' }),
    };
    expect((await azure.http(site.host, '/admin/functions/Tick', init)).status).toBe(202);
    expect((await azure.http(site.host, '/admin/functions/none', init)).status).toBe(404);
    expect(azure.runtime.invoked).toEqual([{ functionName: 'tick', data: { string: 'now' } }]);
  });

  it('is closed while the site is stopped', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    await azure.client.webApps.stop('shop', 'orders');
    const closed = await azure.http(site.host, '/hello');
    expect([closed.status, closed.text.includes('This web app is stopped')]).toEqual([403, true]);
    expect(azure.web.hostOf(site.path)).toBeUndefined();
    expect(azure.runtime.stopped).toEqual(['orders']);
    await azure.client.webApps.start('shop', 'orders');
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
  });

  it('gives up on an answer after 230 seconds', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    const { start } = azure.runtime;
    const never = new Promise<never>(() => {});
    azure.runtime.start = (setup) => ({ ...start.call(azure.runtime, setup), http: () => never });
    await azure.client.webApps.restart('shop', 'orders');
    const pending = azure.clock.pending;
    const reply = azure.http(site.host, '/hello');
    while (azure.clock.pending === pending) await new Promise((resolve) => setImmediate(resolve));
    await azure.clock.advance(230_000);
    expect((await reply).status).toBe(502);
  });

  it('answers preflights by itself once origins are configured', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    const allowedOrigins = ['https://shop.example'];
    await azure.client.webApps.updateConfiguration('shop', 'orders', { cors: { allowedOrigins } });
    const ask = (origin: string): Promise<{ headers: Readonly<Record<string, string>> }> =>
      azure.http(site.host, '/hello', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await ask('https://shop.example');
    expect(allowed.headers['access-control-allow-origin']).toBe('https://shop.example');
    const other = await ask('https://other.example');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('refuses what is not signed in when authentication is required', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    await azure.client.webApps.updateAuthSettingsV2('shop', 'orders', {
      platform: { enabled: true },
      globalValidation: { requireAuthentication: true, excludedPaths: ['/open'] },
    });
    expect((await azure.http(site.host, '/hello')).status).toBe(401);
    expect((await azure.http(site.host, '/open')).status).toBe(404);
  });
});

describe('hosts', () => {
  it('get new settings a little after they were put', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    const flag = async (): Promise<unknown> => (await azure.http(site.host, '/hello')).body['flag'];
    await putSettings({ FLAG: 'new' });
    expect(await flag()).toBeNull();
    await azure.clock.advance(1000);
    expect(await flag()).toBe('new');
    expect(azure.runtime.stopped).toEqual(['orders']);
  });

  it('are known to listeners once something is published, and told of when they start anew', async () => {
    const restarts: string[] = [];
    azure.web.onRestart((id) => restarts.push(id));
    expect(azure.web.hostOf(site.path)).toBeUndefined();
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    expect(restarts).toEqual([site.path]);
    const first = azure.web.hostOf(site.path);
    expect(first).toBe(azure.web.hostOf(site.path.toUpperCase()));
    await putSettings({ AzureFunctionsJobHost__extensions__queues__batchSize: '1' });
    expect(azure.web.hostConfigOf(site.path)).toMatchObject({
      extensions: { queues: { batchSize: 8 } },
    });
    await azure.clock.advance(1000);
    expect(restarts).toEqual([site.path, site.path]);
    expect(azure.web.hostOf(site.path)).not.toBe(first);
    expect(azure.web.hostConfigOf(site.path)).toMatchObject({
      extensions: { queues: { batchSize: '1' }, http: { routePrefix: '' } },
    });
    await azure.arm('DELETE', site.path);
    expect(restarts).toHaveLength(3);
    expect(azure.web.hostOf(site.path)).toBeUndefined();
  });

  it('start at once where instances are always ready', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    const alwaysReady = [{ name: 'http', instanceCount: 2 }];
    const functionAppConfig = { scaleAndConcurrency: { alwaysReady } };
    const before = azure.runtime.setups.length;
    await azure.arm('PATCH', site.path, { properties: { functionAppConfig } });
    await azure.clock.advance(LONG_MS);
    expect(azure.runtime.setups).toHaveLength(before + 1);
    expect(lastSetup(azure)).toMatchObject({
      alwaysReady: { http: 2 },
      memoryMb: 2048,
      maxInstances: 100,
      httpConcurrency: 16,
      settings: { WEBSITE_HOSTNAME: site.host },
    });
  });

  it('get what references to Key Vault come to; else the text that they are', async () => {
    const good = '@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/db)';
    const bad = '@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/gone)';
    azure.secrets.set(good, 'hunter2');
    await publishZip(azure, site, await packageOf([]));
    await putSettings({ GOOD: good, BAD: bad });
    await azure.clock.advance(1000);
    expect(azure.web.settingsOf(site.path)).toMatchObject({ GOOD: 'hunter2', BAD: bad });
    const states: Record<string, string | undefined> = {};
    const references = azure.client.webApps.listAppSettingsKeyVaultReferences('shop', 'orders');
    for await (const { name, status } of references) states[name ?? ''] = status;
    expect(states).toEqual({ GOOD: 'Resolved', BAD: 'SecretNotFound' });
  });

  it('do not start without storage, and recover', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    const key = await masterKey();
    const status = async (): Promise<unknown> => {
      const headers = { 'x-functions-key': key };
      return (await azure.http(site.host, '/admin/host/status', { headers })).body;
    };
    const { properties } = await azure.client.webApps.listApplicationSettings('shop', 'orders');
    await azure.client.webApps.updateApplicationSettings('shop', 'orders', { properties: {} });
    await azure.clock.advance(1000);
    expect(await status()).toMatchObject({
      state: 'Error',
      errors: [expect.stringContaining('Secret initialization from Blob storage failed')],
    });
    expect((await azure.http(site.host, '/hello')).status).toBe(503);
    await azure.client.webApps.updateApplicationSettings('shop', 'orders', {
      properties: { ...properties },
    });
    await azure.clock.advance(1000);
    expect(await status()).toMatchObject({ state: 'Running' });
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
  });

  it('with the same first 32 characters of their names collide in one account', async () => {
    const name = 'a-name-of-thirty-two-characters-';
    const one = await createFlex(azure, `${name}one`, { plan: 'one' });
    const two = await createFlex(azure, `${name}two`, { plan: 'two' });
    expect((await azure.http(one.host, '/')).status).toBe(200);
    expect((await azure.http(two.host, '/')).status).toBe(503);
    const keys = await azure.client.webApps.listHostKeys('shop', `${name}two`);
    const headers = { 'x-functions-key': keys.masterKey ?? '' };
    const { body } = await azure.http(two.host, '/admin/host/status', { headers });
    expect(body['state']).toBe('Error');
    expect(textAt(body, 'errors', 0)).toContain('A collision for Host ID');
    await azure.arm('DELETE', one.path);
    await azure.clock.advance(LONG_MS);
    expect((await azure.http(two.host, '/')).status).toBe(200);
  });
});

describe('configuration', () => {
  it('of app settings is replaced as a whole', async () => {
    const put = { properties: { ONLY: 'this' } };
    const reply = await azure.client.webApps.updateApplicationSettings('shop', 'orders', put);
    expect(reply.properties).toEqual({ ONLY: 'this' });
    const listed = await azure.client.webApps.listApplicationSettings('shop', 'orders');
    expect(listed.properties).toEqual({ ONLY: 'this' });
  });

  it('refuses settings that Flex Consumption has no use for, and bad names', async () => {
    const put = (properties: Readonly<Record<string, string>>): Promise<Answer> =>
      azure.arm('PUT', `${site.path}/config/appsettings`, { properties });
    const refused = await put({ FUNCTIONS_EXTENSION_VERSION: '~4' });
    expect(refused.status).toBe(400);
    expect(refused.body['Message']).toContain('AppSettings.FUNCTIONS_EXTENSION_VERSION');
    expect((await put({ 'no-hyphens': '1' })).status).toBe(400);
    for (const name of ['TZ', 'WEBSITE_TIME_ZONE']) {
      expect((await put({ [name]: 'Europe/Zurich' })).status).toBe(400);
    }
  });

  it('takes names that differ in their case only for one setting', async () => {
    const properties = { Level: '1', LEVEL: '2' };
    await azure.arm('PUT', `${site.path}/config/appsettings`, { properties });
    const listed = await azure.client.webApps.listApplicationSettings('shop', 'orders');
    expect(listed.properties).toEqual({ LEVEL: '2' });
  });

  it('of the site is merged by a PATCH', async () => {
    const changed = await azure.client.webApps.updateConfiguration('shop', 'orders', {
      http20Enabled: true,
    });
    expect(changed.http20Enabled).toBe(true);
    const refused = azure.client.webApps.updateConfiguration('shop', 'orders', {
      linuxFxVersion: 'Node|22',
    });
    await expect(refused).rejects.toMatchObject({ statusCode: 400 });
    const found = await azure.client.webApps.getConfiguration('shop', 'orders');
    expect(found).toMatchObject({ http20Enabled: true, minTlsVersion: '1.2' });
  });
});
