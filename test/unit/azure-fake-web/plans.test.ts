import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LONG_MS,
  REGION,
  at,
  createFlex,
  flexPlan,
  startAzure,
  type SmallAzure,
} from './support.ts';

let azure: SmallAzure;

beforeEach(async () => {
  azure = await startAzure();
});

afterEach(() => azure.stop());

function plan(name = 'plan'): string {
  return `${azure.base}/serverfarms/${name}`;
}

describe('plans', () => {
  it('are made by a long-running operation, read and listed', async () => {
    const made = await azure.arm('PUT', plan(), { ...flexPlan(), tags: { owner: 'shop' } });
    expect(made.status).toBe(202);
    expect(made.headers['azure-asyncoperation']).toContain('/operations/');
    expect(at(made.body, 'properties', 'provisioningState')).toBe('InProgress');
    const busy = await azure.arm('PUT', plan(), flexPlan());
    expect(busy.status).toBe(409);
    expect(busy.body['Message']).toContain('another operation is in progress');
    await azure.clock.advance(LONG_MS);
    const found = await azure.arm('GET', plan());
    expect(found.body).toMatchObject({
      location: 'West Europe',
      tags: { owner: 'shop' },
      sku: { name: 'FC1', tier: 'FlexConsumption' },
      properties: { provisioningState: 'Succeeded', reserved: true, numberOfSites: 0 },
    });
    const listed = await azure.client.appServicePlans.listByResourceGroup('shop').next();
    expect(listed.value).toMatchObject({ name: 'plan', sku: { name: 'FC1' } });
  });

  it('are made by the typed client, which waits for them', async () => {
    const made = azure.client.appServicePlans.createOrUpdate(
      'shop',
      'premium',
      {
        location: REGION,
        kind: 'elastic',
        reserved: true,
        sku: { name: 'EP1', tier: 'ElasticPremium' },
        maximumElasticWorkerCount: 20,
      },
      { updateIntervalInMs: 1 },
    );
    const [done] = await Promise.all([
      made,
      (async () => {
        await made.poll();
        await azure.clock.advance(LONG_MS);
      })(),
    ]);
    expect(done).toMatchObject({ maximumElasticWorkerCount: 20, sku: { name: 'EP1' } });
  });

  it.each([
    ['an unknown size', { sku: { name: 'XX9' } }],
    ['a tier of another size', { sku: { name: 'FC1', tier: 'Dynamic' } }],
    ['Flex Consumption on Windows', { properties: { reserved: false } }],
    [
      'too many workers',
      { sku: { name: 'EP1' }, properties: { reserved: true, maximumElasticWorkerCount: 101 } },
    ],
  ])('refuse %s', async (_, change) => {
    const refused = await azure.arm('PUT', plan(), { ...flexPlan(), ...change });
    expect(refused.status).toBe(400);
    expect(refused.body['Code']).toBe('BadRequest');
    expect(at(refused.body, 'Details', 2, 'ErrorEntity', 'Code')).toBe('BadRequest');
  });

  it('are not made where Flex Consumption is not', async () => {
    const refused = await azure.arm('PUT', plan(), { ...flexPlan(), location: 'brazilsoutheast' });
    expect(refused.status).toBe(409);
    expect(refused.body['Message']).toContain('FlexConsumption');
    expect(refused.body['Message']).toContain('Brazil Southeast');
    await azure.arm('PUT', plan('other'), {
      ...flexPlan(),
      location: 'brazilsoutheast',
      sku: { name: 'Y1' },
    });
    await azure.clock.advance(LONG_MS);
    expect(azure.web.inventory()).toEqual(['web plan other']);
  });

  it('with sites on them cannot be deleted, and go with the last site', async () => {
    const site = await createFlex(azure);
    const refused = await azure.arm('DELETE', plan());
    expect(refused.status).toBe(409);
    expect(refused.body['Message']).toBe(
      "Server farm 'plan' cannot be deleted because it has web app(s) orders assigned to it.",
    );
    expect((await azure.arm('DELETE', site.path)).status).toBe(200);
    expect((await azure.arm('GET', plan())).status).toBe(404);
    expect((await azure.arm('DELETE', plan())).status).toBe(204);
  });

  it('stay when the last site is deleted without them', async () => {
    const site = await createFlex(azure);
    await azure.arm('DELETE', `${site.path}?deleteEmptyServerFarm=false`);
    expect(azure.web.inventory()).toEqual(['web plan plan']);
    expect((await azure.arm('DELETE', plan())).status).toBe(200);
    expect(azure.web.inventory()).toEqual([]);
  });
});
