/** What it costs on the wire to bind a function to an event, and to let go of it; see `cost-of-calls.test.ts`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costsOf } from '../support/cost/costs.ts';
import { callsDuring } from './support/calls-during.ts';
import { createStage, type Stage } from './support/stage.ts';

const EVENTFUL = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => 1, schedule: async () => 2, queue: async () => 3, http: async () => ({ status: 204 }),
};`;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A group for each function. */
const { during, fresh } = costsOf(
  () => stage,
  callsDuring,
  (name) => ({ app: `app-${name}` }),
);

describe('the calls of', () => {
  it('an event more, changed, and less', async () => {
    const manager = await fresh('bound', { source: EVENTFUL });
    await manager.deploy('bound');
    const nightly = { type: 'schedule', id: 'nightly', cron: '0 3 * * *' } as const;
    expect(await during(() => manager.configureEvent('bound', nightly))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "blob HEAD /polyfaas/artifacts/*.zip",
        "blob HEAD /polyfaas/packages/*.zip",
        "blob PUT /polyfaas/packages/*.zip",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm PUT Microsoft.Web/sites/*/config/appsettings",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "blob POST / (userdelegationkey service)",
        "arm PUT Microsoft.Web/sites/*/extensions/onedeploy",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
      ]
    `);
    expect(await during(() => manager.configureEvent('bound', nightly))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
      ]
    `);
    const later = { ...nightly, cron: '0 4 * * *' };
    expect(await during(() => manager.configureEvent('bound', later))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm PUT Microsoft.Web/sites/*/config/appsettings",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
      ]
    `);
    expect(await during(() => manager.removeEvent('bound', 'nightly'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "blob HEAD /polyfaas/artifacts/*.zip",
        "blob HEAD /polyfaas/packages/*.zip",
        "blob PUT /polyfaas/packages/*.zip",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm PUT Microsoft.Web/sites/*/config/appsettings",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "blob POST / (userdelegationkey service)",
        "arm PUT Microsoft.Web/sites/*/extensions/onedeploy",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
      ]
    `);
  });

  it('a queue', async () => {
    const manager = await fresh('queued', { source: EVENTFUL });
    await manager.deploy('queued');
    const queue = { type: 'queue', id: 'q', queue: 'queued', create: true } as const;
    expect(await during(() => manager.configureEvent('queued', queue))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Storage/storageAccounts/*",
        "arm PUT Microsoft.Storage/storageAccounts/*",
        "arm GET Microsoft.Storage/storageAccounts/*/queueServices/default/queues/queued",
        "arm GET subscription/Microsoft.Resources/operation/ID",
        "arm PUT Microsoft.Storage/storageAccounts/*/queueServices/default/queues/queued",
        "arm GET Microsoft.Storage/storageAccounts/*/queueServices/default/queues/queued/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm PUT Microsoft.Storage/storageAccounts/*/queueServices/default/queues/queued/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm GET Microsoft.Storage/storageAccounts/*",
        "blob HEAD /polyfaas/artifacts/*.zip",
        "blob HEAD /polyfaas/packages/*.zip",
        "blob PUT /polyfaas/packages/*.zip",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm PUT Microsoft.Web/sites/*/config/appsettings",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "blob POST / (userdelegationkey service)",
        "arm PUT Microsoft.Web/sites/*/extensions/onedeploy",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
      ]
    `);
  });

  it('a reading of everything, with events of three containers', async () => {
    const source = 'export default { object: async () => undefined };';
    const events = ['a', 'b', 'c'].map((id) => {
      const bucket = `pictures-${id}`;
      return { type: 'object', id, bucket, on: ['created'], create: true } as const;
    });
    const manager = await fresh('read', { source, events });
    await manager.deploy('read');
    const plan = () => manager.plan('read', { drift: 'full' });
    expect((await plan()).steps).toEqual([]);
    const calls = await during(plan);
    expect(calls.map((call) => call.replaceAll(/(?<=app-read-dev-|evt-)\w+/g, '*')))
      .toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.EventGrid/systemTopics/appreaddevlw2i3bej-polyfaas/eventSubscriptions/app-read-dev-*-zam5t76x-6diwazzk",
        "arm GET Microsoft.EventGrid/systemTopics/appreaddevlw2i3bej-polyfaas/eventSubscriptions/app-read-dev-*-zam5t76x-kxbsk35k",
        "arm GET Microsoft.EventGrid/systemTopics/appreaddevlw2i3bej-polyfaas/eventSubscriptions/app-read-dev-*-zam5t76x-o5mdjq2c",
        "arm GET Microsoft.Insights/components",
        "arm GET Microsoft.OperationalInsights/workspaces/*",
        "arm GET Microsoft.Storage/storageAccounts/*/blobServices/default/containers/pictures-a",
        "arm GET Microsoft.Storage/storageAccounts/*/blobServices/default/containers/pictures-b",
        "arm GET Microsoft.Storage/storageAccounts/*/blobServices/default/containers/pictures-c",
        "arm GET Microsoft.Storage/storageAccounts/*/blobServices/default/containers/polyfaas",
        "arm GET Microsoft.Storage/storageAccounts/*/queueServices/default/queues/polyfaas-async",
        "arm GET Microsoft.Storage/storageAccounts/*/queueServices/default/queues/polyfaas-event-6diwazzk",
        "arm GET Microsoft.Storage/storageAccounts/*/queueServices/default/queues/polyfaas-event-kxbsk35k",
        "arm GET Microsoft.Storage/storageAccounts/*/queueServices/default/queues/polyfaas-event-o5mdjq2c",
        "arm GET Microsoft.Web/sites/*",
        "arm GET subscription/Microsoft.Authorization/roleAssignments",
        "arm GET subscription/Microsoft.EventGrid/systemTopics",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
      ]
    `);
  });
});
