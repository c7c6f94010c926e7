import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  LONG_MS,
  at,
  createFlex,
  httpFunction,
  lastSetup,
  packageOf,
  publishZip,
  startAzure,
  textAt,
  zipOf,
  type Answer,
  type SmallAzure,
} from './support.ts';
import { sasUrl } from './sas.ts';

let azure: SmallAzure;
let site: Awaited<ReturnType<typeof createFlex>>;

beforeEach(async () => {
  azure = await startAzure();
  site = await createFlex(azure);
});

afterEach(() => azure.stop());

function oneDeploy(packageUri: string): Promise<Answer> {
  const properties = { packageUri, remoteBuild: false };
  return azure.arm('PUT', `${site.path}/extensions/onedeploy`, { properties }, '2022-09-01');
}

async function uploaded(zip: Buffer): Promise<string> {
  azure.world.blobs.put(ACCOUNT, 'polyfaas', 'packages/one.zip', zip);
  return sasUrl(azure, 'polyfaas', 'packages/one.zip');
}

async function newest(): Promise<unknown> {
  const listed = await azure.arm('GET', `${site.path}/deployments`);
  return at(listed.body, 'value', 0, 'properties');
}

describe('One Deploy by Resource Manager', () => {
  it('reads the package by its URL, keeps it, and serves it', async () => {
    const zip = await packageOf([httpFunction('hello', 'hello')]);
    const begun = await oneDeploy(await uploaded(zip));
    expect(begun.status).toBe(202);
    expect(at(begun.body, 'properties', 'status')).toBe(0);
    const poll = new URL(begun.headers['location'] ?? '');
    expect((await azure.arm('GET', poll.pathname)).status).toBe(202);
    await azure.clock.advance(2000);
    expect(at(await newest(), 'status')).toBe(2);
    await azure.clock.advance(LONG_MS);
    const done = await azure.arm('GET', poll.pathname);
    expect(done.status).toBe(200);
    expect(at(done.body, 'properties', 'status')).toBe(4);
    expect(azure.world.blobs.get(ACCOUNT, 'polyfaas', 'released-package.zip')).toEqual(zip);
    expect((await azure.http(site.host, '/hello')).body).toMatchObject({ function: 'hello' });
  });

  it('takes one package at a time', async () => {
    const url = await uploaded(await packageOf([]));
    await oneDeploy(url);
    const second = await oneDeploy(url);
    expect(second.status).toBe(409);
    expect(second.body['Message']).toContain('deployment currently in progress');
    expect((await azure.arm('PATCH', site.path, { tags: {} })).status).toBe(409);
    await azure.clock.advance(LONG_MS);
    expect((await oneDeploy(url)).status).toBe(202);
  });

  it('tells only by the status that the URL may not be read', async () => {
    const url = await uploaded(await packageOf([]));
    expect((await oneDeploy(url.replace(/sig=[^&]+/, 'sig=wrong'))).status).toBe(202);
    await azure.clock.advance(LONG_MS);
    expect(await newest()).toMatchObject({ status: 3, complete: true, active: false });
  });

  it('can be without support', async () => {
    const url = await uploaded(await packageOf([]));
    azure.web.behaviour.oneDeployStatus = 404;
    expect((await oneDeploy(url)).status).toBe(404);
    azure.web.behaviour.oneDeployStatus = 400;
    expect((await oneDeploy(url)).status).toBe(400);
    expect(await newest()).toBeUndefined();
  });

  it('wants a package', async () => {
    const refused = await azure.arm(
      'PUT',
      `${site.path}/extensions/onedeploy`,
      { properties: {} },
      '2022-09-01',
    );
    expect(refused.status).toBe(400);
    expect(refused.body['Message']).toContain('packageUri');
  });
});

describe('the SCM site', () => {
  const authorized = (): RequestInit => ({ headers: { authorization: `Bearer ${azure.token}` } });

  it('takes packages, and tells how far they are', async () => {
    const reply = await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    expect(reply.status).toBe(202);
    const id: unknown = JSON.parse(reply.text);
    const listed = await azure.http(site.scm, '/api/deployments', authorized());
    expect(JSON.parse(listed.text)).toMatchObject([{ id, status: 4, active: true }]);
    const one = await azure.http(site.scm, `/api/deployments/${String(id)}`, authorized());
    expect(one.body['status']).toBe(4);
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
  });

  it('wants a token, and has no zipdeploy', async () => {
    expect((await azure.http(site.scm, '/api/deployments')).status).toBe(401);
    const zipdeploy = await azure.http(site.scm, '/api/zipdeploy', {
      method: 'POST',
      ...authorized(),
    });
    expect(zipdeploy.status).toBe(404);
  });

  it('refuses what is no zip, and what was there stays', async () => {
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello')]));
    await publishZip(azure, site, Buffer.from('no zip at all'));
    expect(await newest()).toMatchObject({ status: 3 });
    const log = await azure.http(site.scm, '/api/deployments/latest/log', authorized());
    expect(log.text).toContain('no valid zip archive');
    expect((await azure.http(site.host, '/hello')).status).toBe(200);
  });

  it('refuses a package that is damaged', async () => {
    const zip = await packageOf([]);
    zip[60] = (zip[60] ?? 0) ^ 0xff;
    await publishZip(azure, site, zip);
    expect(await newest()).toMatchObject({ status: 3 });
  });

  it('takes a package without host.json, which has no functions', async () => {
    await publishZip(azure, site, await zipOf({ 'functions.json': '[]', 'package.json': '{}' }));
    expect(await newest()).toMatchObject({ status: 4 });
    expect(lastSetup(azure)?.files).toBeUndefined();
  });

  it('cannot publish before the role of the identity has spread', async () => {
    const other = await azure.arm(
      'PUT',
      azure.identityId.replace('worker', 'other'),
      { location: 'westeurope' },
      '2023-01-31',
    );
    const id = textAt(other.body, 'id');
    await createFlex(azure, 'second', { plan: 'plan2' });
    const second = `${azure.base}/sites/second`;
    await azure.arm('PATCH', second, {
      identity: { type: 'UserAssigned', userAssignedIdentities: { [id]: {} } },
      properties: {
        functionAppConfig: {
          deployment: {
            storage: {
              authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: id },
            },
          },
        },
      },
    });
    await azure.clock.advance(LONG_MS);
    const states = at((await azure.arm('GET', second)).body, 'properties', 'hostNameSslStates');
    await publishZip(azure, { scm: textAt(states, 1, 'name') }, await packageOf([]));
    const listed = await azure.arm('GET', `${second}/deployments`);
    expect(at(listed.body, 'value', 0, 'properties')).toMatchObject({ status: 3 });
    expect(textAt(listed.body, 'value', 0, 'properties', 'status_text')).toContain('403');
  });
});

describe('the functions of a site', () => {
  it('are listed a while after they were published', async () => {
    const reply = publishZip(azure, site, await packageOf([httpFunction('first', 'first')]));
    await reply;
    const names = async (): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const each of azure.client.webApps.listFunctions('shop', 'orders'))
        found.push(each.name);
      return found;
    };
    expect(await names()).toEqual(['orders/first']);
    const zip = await packageOf([httpFunction('first', 'first'), httpFunction('second', 'second')]);
    await azure.http(site.scm, '/api/publish?type=zip', {
      method: 'POST',
      headers: { authorization: `Bearer ${azure.token}`, 'content-type': 'application/zip' },
      body: new Uint8Array(zip),
    });
    await azure.clock.advance(3000);
    expect(at(await newest(), 'status')).toBe(4);
    expect(await names()).toEqual(['orders/first']);
    await azure.clock.advance(3000);
    expect(await names()).toEqual(['orders/first', 'orders/second']);
  });

  it('have keys once the host ran, and not before', async () => {
    const keys = `${site.path}/host/default/listkeys`;
    expect((await azure.arm('POST', keys)).status).toBe(404);
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello', 'function')]));
    const found = await azure.client.webApps.listHostKeys('shop', 'orders');
    expect(found.masterKey).toMatch(/\S{20}/);
    expect(found.functionKeys?.['default']).toMatch(/\S{20}/);
    const own = await azure.arm('POST', `${site.path}/functions/hello/listkeys`);
    expect(Object.keys(own.body)).toEqual(['default']);
    expect((await azure.arm('POST', `${site.path}/functions/nope/listkeys`)).status).toBe(404);
    const one = await azure.client.webApps.getFunction('shop', 'orders', 'hello');
    expect(one.isDisabled).toBe(false);
  });

  it('are synchronised with a 200, which the typed client takes for a failure', async () => {
    await expect(azure.client.webApps.syncFunctionTriggers('shop', 'orders')).rejects.toMatchObject(
      {
        statusCode: 200,
      },
    );
  });
});
