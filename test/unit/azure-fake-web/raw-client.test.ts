import { createWebSiteManagement } from '@azure/arm-appservice/api';
import { getFunction, listHostKeys } from '@azure/arm-appservice/api/webApps';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createFlex,
  httpFunction,
  packageOf,
  publishZip,
  startAzure,
  type SmallAzure,
} from './support.ts';

let azure: SmallAzure;

beforeEach(async () => {
  azure = await startAzure();
});

afterEach(() => azure.stop());

function context(): ReturnType<typeof createWebSiteManagement> {
  const made = createWebSiteManagement(
    {
      getToken: () => Promise.resolve({ token: azure.token, expiresOnTimestamp: Date.now() + 1e6 }),
    },
    azure.world.subscriptionId,
    {
      endpoint: azure.world.endpoint,
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    },
  );
  made.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  made.pipeline.addPolicy({
    name: 'token',
    sendRequest(request, next) {
      request.headers.set('authorization', `Bearer ${azure.token}`);
      return next(request);
    },
  });
  return made;
}

describe('raw paths of the vendor client', () => {
  it('reach what its typed operations drop', async () => {
    const site = await createFlex(azure);
    await publishZip(azure, site, await packageOf([httpFunction('hello', 'hello', 'function')]));
    const web = context();
    const keys = await web
      .path(`${site.path}/functions/hello/listkeys?api-version=2025-05-01`)
      .post({ contentType: 'application/json' });
    expect(keys.status).toBe('200');
    expect(Object.keys(Object(keys.body))).toEqual(['default']);
    expect((await listHostKeys(web, 'shop', 'orders')).masterKey).toMatch(/\S{20}/);
    expect((await getFunction(web, 'shop', 'orders', 'hello')).name).toBe('orders/hello');
    const changed = await web.path(`${site.path}?api-version=2025-05-01`).patch({
      contentType: 'application/json',
      body: {
        properties: { functionAppConfig: { scaleAndConcurrency: { instanceMemoryMB: 4096 } } },
      },
    });
    expect(changed.status).toBe('202');
    expect(changed.headers['azure-asyncoperation']).toContain(azure.world.endpoint);
  });

  it('do not throw where the service says no, and get its own words', async () => {
    const refused = await context()
      .path(`${azure.base}/serverfarms/plan?api-version=2025-05-01`)
      .put({
        contentType: 'application/json',
        body: { location: 'westeurope', sku: { name: 'F9' } },
      });
    expect(refused.status).toBe('400');
    expect(refused.body).toMatchObject({
      Code: 'BadRequest',
      Message: 'The parameter SKU.Name has an invalid value.',
      Details: [{}, { Code: 'BadRequest' }, { ErrorEntity: { Code: 'BadRequest' } }],
    });
  });

  it('know only versions of the API that there are', async () => {
    const refused = await context().path(`${azure.base}/sites?api-version=2030-01-01`).get();
    expect(refused.status).toBe('400');
    expect(refused.body).toMatchObject({ error: { code: 'NoRegisteredProviderFound' } });
  });
});
