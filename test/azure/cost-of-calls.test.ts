/**
 * What each operation costs on the wire, exactly and in order: a call more is slower for everybody, and one more
 * permission to ask for. How often something is polled until it is ready follows from the fake's own times. Reads between
 * two writes are sorted, for some are made at the same time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { costsOf } from '../support/cost/costs.ts';
import { plainCode } from '../support/cost/plain-code.ts';
import { callsDuring } from './support/calls-during.ts';
import { createStage, type Stage } from './support/stage.ts';

const FIRST: FunctionSpec = { source: plainCode('a') };

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A group for each function. */
const { during, fresh, readingLogs } = costsOf(
  () => stage,
  callsDuring,
  (name) => ({ app: `app-${name}` }),
);

describe('the calls of', () => {
  it('a function that is made', async () => {
    const manager = await fresh('created', FIRST);
    expect(await during(() => manager.deploy('created'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites",
        "arm GET Microsoft.Web/sites/*",
        "arm GET resourceGroup",
        "arm PUT resourceGroup",
        "arm GET Microsoft.Storage/storageAccounts/*",
        "arm PUT Microsoft.Storage/storageAccounts/*",
        "arm GET subscription/Microsoft.Resources/operation/ID",
        "arm PUT Microsoft.Storage/storageAccounts/*/blobServices/default/containers/polyfaas",
        "arm PUT Microsoft.Storage/storageAccounts/*/queueServices/default/queues/polyfaas-async",
        "arm GET Microsoft.ManagedIdentity/userAssignedIdentities/*",
        "arm PUT Microsoft.ManagedIdentity/userAssignedIdentities/*",
        "arm GET Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm PUT Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm GET Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm PUT Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm GET Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm PUT Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm GET Microsoft.OperationalInsights/workspaces/*",
        "arm PUT Microsoft.OperationalInsights/workspaces/*",
        "arm GET Microsoft.Insights/components/*",
        "arm GET Microsoft.OperationalInsights/workspaces/*",
        "arm GET subscription/Microsoft.Resources/operation/ID",
        "arm PUT Microsoft.Insights/components/*",
        "arm GET Microsoft.Web/serverfarms/*",
        "arm PUT Microsoft.Web/serverfarms/*",
        "arm GET Microsoft.Web/serverfarms/*",
        "arm GET Microsoft.Web/sites/*",
        "arm GET subscription/Microsoft.Resources/operation/ID",
        "arm PUT Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "arm GET subscription/Microsoft.Resources/operation/ID",
        "blob HEAD /polyfaas/artifacts/*.zip",
        "blob HEAD /polyfaas/packages/*.zip",
        "blob PUT /polyfaas/artifacts/*.zip",
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
        "arm GET Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "blob POST / (userdelegationkey service)",
        "arm PUT Microsoft.Web/sites/*/extensions/onedeploy",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
        "blob PUT /polyfaas/versions/*.json",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "blob GET /polyfaas (list container)",
      ]
    `);
  });

  it('the same again', async () => {
    const manager = await fresh('same', FIRST);
    await manager.deploy('same');
    const before = stage.fake.faults.writes;
    expect(await during(() => manager.deploy('same'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
      ]
    `);
    const other = await fresh('same', FIRST);
    expect(await during(() => other.deploy('same'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
      ]
    `);
    expect(stage.fake.faults.writes).toBe(before);
  });

  it('another code', async () => {
    await (await fresh('code', FIRST)).deploy('code');
    const manager = await fresh('code', { source: plainCode('b') });
    expect(await during(() => manager.deploy('code'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Storage/storageAccounts/*",
        "arm GET Microsoft.Web/sites/*",
        "blob HEAD /polyfaas/artifacts/*.zip",
        "blob HEAD /polyfaas/packages/*.zip",
        "blob PUT /polyfaas/artifacts/*.zip",
        "blob PUT /polyfaas/packages/*.zip",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Web/sites/*",
        "blob POST / (userdelegationkey service)",
        "arm PUT Microsoft.Web/sites/*/extensions/onedeploy",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
        "blob PUT /polyfaas/versions/*.json",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "blob GET /polyfaas (list container)",
      ]
    `);
  });

  it('another environment', async () => {
    await (await fresh('env', FIRST)).deploy('env');
    const manager = await fresh('env', { ...FIRST, env: { PLACE: 'x' } });
    expect(await during(() => manager.deploy('env'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Storage/storageAccounts/*",
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
        "blob PUT /polyfaas/versions/*.json",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "blob GET /polyfaas (list container)",
      ]
    `);
  });

  it('another memory', async () => {
    await (await fresh('memory', FIRST)).deploy('memory');
    const manager = await fresh('memory', { ...FIRST, memoryMb: 2048 });
    expect(await during(() => manager.deploy('memory'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Storage/storageAccounts/*",
        "arm GET Microsoft.Web/sites/*",
        "blob HEAD /polyfaas/artifacts/*.zip",
        "blob HEAD /polyfaas/packages/*.zip",
        "blob PUT /polyfaas/packages/*.zip",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "arm GET subscription/Microsoft.Resources/operation/ID",
        "blob POST / (userdelegationkey service)",
        "arm PUT Microsoft.Web/sites/*/extensions/onedeploy",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm GET Microsoft.Web/sites/*/deployments/latest",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
        "blob PUT /polyfaas/versions/*.json",
        "arm GET Microsoft.Web/sites/*",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "blob GET /polyfaas (list container)",
      ]
    `);
  });

  it('a look that comes too early', async () => {
    await (await fresh('early', FIRST)).deploy('early');
    const manager = await fresh('early', { source: plainCode('b') });
    let isArmed = false;
    const calls = await during(() =>
      manager.deploy('early', {
        onProgress: ({ stage: word }) => {
          if (word !== 'starting' || isArmed) return;
          isArmed = true;
          // After the two reads of keys.
          stage.fake.faults.arm({ call: 2, kind: '500' });
        },
      }),
    );
    expect(calls.slice(calls.findIndex((call) => call.includes('listkeys')) - 1))
      .toMatchInlineSnapshot(`
        [
          "arm POST Microsoft.Web/sites/*/config/appsettings/list",
          "arm POST Microsoft.Web/sites/*/host/default/listkeys",
          "arm POST Microsoft.Web/sites/*/host/default/listkeys",
          "site GET /admin/host/status",
          "site POST /polyfaas/invoke",
          "blob PUT /polyfaas/versions/*.json",
          "arm GET Microsoft.Web/sites/*",
          "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
          "blob GET /polyfaas (list container)",
        ]
      `);
  });

  it('an invocation', async () => {
    const manager = await fresh('called', FIRST);
    await manager.deploy('called');
    await manager.invoke('called', 1);
    expect(await during(() => manager.invoke('called', 2))).toMatchInlineSnapshot(`
      [
        "site POST /polyfaas/invoke",
      ]
    `);
    await manager.invoke('called', 2, { mode: 'async' });
    expect(await during(() => manager.invoke('called', 2, { mode: 'async' })))
      .toMatchInlineSnapshot(`
      [
        "queue POST /polyfaas-async/messages",
      ]
    `);
    await stage.fake.settle();
    const other = await fresh('called', FIRST);
    const first = await during(() => other.invoke('called', 3));
    expect(first).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
      ]
    `);
    expect(await during(() => other.invoke('called', 4))).toMatchInlineSnapshot(`
      [
        "site POST /polyfaas/invoke",
      ]
    `);
    const third = await fresh('called', FIRST);
    expect(await during(() => third.invoke('called', 5, { mode: 'async' }))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "queue POST /polyfaas-async/messages",
      ]
    `);
  });

  it('three warm instances', async () => {
    await (await fresh('warm', FIRST)).deploy('warm');
    const manager = await fresh('warm', FIRST);
    expect(await during(() => manager.preWarm('warm', { instances: 3 }))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "arm POST Microsoft.Web/sites/*/host/default/listkeys",
        "site POST /polyfaas/invoke",
        "site POST /polyfaas/invoke",
        "site POST /polyfaas/invoke",
      ]
    `);
  });

  it('a rollback', async () => {
    await (await fresh('back', FIRST)).deploy('back');
    await (await fresh('back', { source: plainCode('b') })).deploy('back');
    const manager = await fresh('back', FIRST);
    expect(await during(() => manager.rollback('back'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Storage/storageAccounts/*",
        "arm GET Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "blob GET /polyfaas (list container)",
        "blob HEAD /polyfaas/artifacts/*.zip",
        "blob HEAD /polyfaas/packages/*.zip",
        "arm PATCH Microsoft.Web/sites/*/providers/Microsoft.Resources/tags/default",
        "arm GET Microsoft.Web/sites/*",
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
        "blob GET /polyfaas (list container)",
      ]
    `);
  });

  it('metrics', async () => {
    const manager = await fresh('measured', FIRST);
    await manager.deploy('measured');
    await manager.invoke('measured', 1);
    expect(await during(() => manager.metrics('measured', { last: '1h' }))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "logs POST /v1/workspaces/*/query",
        "logs POST /v1/workspaces/*/query",
        "logs POST /v1/workspaces/*/query",
      ]
    `);
  });

  it('logs', async () => {
    const manager = await fresh('logged', FIRST);
    await manager.deploy('logged');
    const calls = await readingLogs(manager, 'logged');
    expect(calls).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm POST Microsoft.Web/sites/*/config/appsettings/list",
        "logs POST /v1/workspaces/*/query",
      ]
    `);
  });

  it('a removal', async () => {
    await (await fresh('gone', FIRST)).deploy('gone');
    const manager = await fresh('gone', FIRST);
    expect(await during(() => manager.remove('gone'))).toMatchInlineSnapshot(`
      [
        "arm GET Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/sites/*",
        "arm DELETE Microsoft.Web/sites/*",
        "arm GET Microsoft.Web/serverfarms/*",
        "arm GET Microsoft.Web/sites/*",
        "arm DELETE Microsoft.Web/serverfarms/*",
        "arm GET Microsoft.ManagedIdentity/userAssignedIdentities/*",
        "arm GET Microsoft.Web/sites/*",
        "arm GET subscription/Microsoft.Authorization/roleAssignments",
        "arm DELETE Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm DELETE Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm DELETE Microsoft.Storage/storageAccounts/*/providers/Microsoft.Authorization/roleAssignments/ID",
        "arm GET Microsoft.ManagedIdentity/userAssignedIdentities/*",
        "arm DELETE Microsoft.ManagedIdentity/userAssignedIdentities/*",
        "arm GET Microsoft.Storage/storageAccounts/*",
        "arm GET Microsoft.Web/sites/*",
        "arm DELETE Microsoft.Storage/storageAccounts/*",
        "arm GET Microsoft.DocumentDB/databaseAccounts/app-gone-dev-4gio6qnc",
        "arm GET Microsoft.EventGrid/topics",
        "arm GET Microsoft.EventHub/namespaces/app-gone-dev-thybtt74",
        "arm GET Microsoft.Insights/components",
        "arm GET Microsoft.OperationalInsights/workspaces/*",
        "arm GET Microsoft.ServiceBus/namespaces/app-gone-dev-j5x65ncg",
        "arm GET Microsoft.Storage/storageAccounts",
        "arm GET Microsoft.Storage/storageAccounts",
        "arm GET Microsoft.Storage/storageAccounts/*",
        "arm GET Microsoft.Web/sites",
        "arm GET Microsoft.Web/sites",
        "arm DELETE Microsoft.Insights/components/*",
        "arm DELETE Microsoft.OperationalInsights/workspaces/*",
        "arm GET resourceGroup",
        "arm GET resourceGroup/resources",
        "arm DELETE resourceGroup",
        "arm GET subscription/Microsoft.Resources/operation/ID",
      ]
    `);
    expect(stage.fake.inventory().filter((line) => line.includes('gone'))).toStrictEqual([]);
  });
});
