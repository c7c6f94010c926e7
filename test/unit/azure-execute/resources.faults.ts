import { describe, expect, it } from 'vitest';
import { API, onFake, REGION, source } from './on-fake.ts';

const { signal } = new AbortController();

describe('names that are taken', () => {
  it('of function apps are told, with what to do', async () => {
    const azure = await onFake();
    azure.fake.world.web.plantForeignName(azure.place.physicalName);
    const manager = await azure.manager();
    await expect(manager.deploy('orders')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('siteNames'),
    });
  });

  it('of storage accounts are told, with what to do', async () => {
    const azure = await onFake();
    const { observer, place } = azure;
    await group(azure, place.resourceGroup);
    await observer.arm({
      method: 'PUT',
      path: place.ownStorageId,
      apiVersion: '2023-05-01',
      body: { location: REGION, kind: 'StorageV2', sku: { name: 'Standard_LRS' } },
      signal,
    });
    await azure.clock.advance(20_000);
    const manager = await azure.manager();
    await expect(manager.deploy('orders')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });
});

async function group(azure: Awaited<ReturnType<typeof onFake>>, name: string): Promise<void> {
  await azure.observer.arm({
    method: 'PUT',
    path: `/subscriptions/${azure.fake.subscriptionId}/resourceGroups/${name}`,
    apiVersion: '2025-04-01',
    body: { location: REGION },
    signal,
  });
}

describe('app settings', () => {
  it('of others stay, and those of old versions go', async () => {
    const azure = await onFake();
    const manager = (n: number) =>
      azure.manager({ source: source(`v${n}`), env: { PART: `${n}` }, keepVersions: 2 });
    await (await manager(1)).deploy('orders');
    await azure.setSettings({ ...(await azure.settings()), OF_SOMEBODY: 'else' });
    for (const n of [2, 3, 4, 5]) await (await manager(n)).deploy('orders');
    const settings = await azure.settings();
    expect(settings['OF_SOMEBODY']).toBe('else');
    const versions = Object.keys(settings).filter((name) => name.startsWith('POLYFAAS_V'));
    expect(versions.length).toBeLessThanOrEqual(3);
    const last = await manager(5);
    expect((await last.invoke('orders', 1)).output).toMatchObject({ said: 'v5', part: '5' });
  });

  it('get another key when it is named, and calls go on', async () => {
    const azure = await onFake();
    const first = await azure.manager();
    await first.deploy('orders');
    const keys = async (): Promise<readonly string[]> =>
      ((await azure.settings())['POLYFAAS_INVOKE_KEYS'] ?? '').split(',');
    const [before = ''] = await keys();
    const second = await azure.manager({}, { invokeKeyId: 'k2' });
    await second.deploy('orders');
    const after = await keys();
    expect(after[0]).toMatch(/^k2:/);
    expect(after[1]).toBe(before);
    // One that knows only the key before.
    expect((await first.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
    expect((await second.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
    const third = await azure.manager({}, { invokeKeyId: 'k3' });
    await third.deploy('orders');
    expect(await keys()).toHaveLength(2);
  });
});

describe('the record', () => {
  it('leaves no parts of a longer one behind, and no tags that are declared no more', async () => {
    const azure = await onFake();
    const stateTags = async (): Promise<readonly string[]> => {
      const request = { method: 'GET', path: azure.place.siteId, apiVersion: API, signal } as const;
      const { body } = await azure.observer.arm(request);
      const tags: object = Object(Reflect.get(Object(body), 'tags'));
      return Object.keys(tags).toSorted();
    };
    const events = Array.from({ length: 40 }, (_, index) => ({
      type: 'schedule',
      id: `nightly-${index}-${'x'.repeat(index % 20)}`,
      cron: `${index} ${index % 24} * * *`,
    }));
    const code =
      'export default { invoke: async (input) => input, schedule: async () => {}, queue: async () => {} };';
    const many = await azure.manager({ source: code, events, tags: { team: 'blue', tier: '1' } });
    await many.deploy('orders');
    const before = await stateTags();
    const few = await azure.manager({ source: code, tags: { team: 'blue' } });
    await few.deploy('orders');
    const after = await stateTags();
    expect(before).toContain('tier');
    expect(after).not.toContain('tier');
    expect(after).toContain('team');
    expect(after.length).toBeLessThan(before.length - 1);
    expect((await few.describe('orders'))?.bindings).toEqual([]);
  });
});

describe('telemetry', () => {
  it('is made, is none, or is the one that was given', async () => {
    const azure = await onFake();
    const setting = async (): Promise<string | undefined> =>
      (await azure.settings())['APPLICATIONINSIGHTS_CONNECTION_STRING'];
    await (await azure.manager()).deploy('orders');
    expect(await setting()).toContain('InstrumentationKey=');
    expect((await azure.settings())['POLYFAAS_WORKSPACE']).toMatch(/^[0-9a-f-]{36}$/);
    await (await azure.manager({}, { applicationInsights: false })).deploy('orders');
    expect(await setting()).toBeUndefined();
    const connectionString = `InstrumentationKey=${crypto.randomUUID()}`;
    await (await azure.manager({}, { applicationInsights: { connectionString } })).deploy('orders');
    expect(await setting()).toBe(connectionString);
  });
});

describe('versions', () => {
  it('are kept as many as was asked for, with what rolling back needs', async () => {
    const azure = await onFake();
    for (const n of [1, 2, 3, 4]) {
      const manager = await azure.manager({ source: source(`v${n}`), keepVersions: 2 });
      await manager.deploy('orders');
      await azure.clock.advance(1_000_000);
    }
    const kinds = azure.blobs().map((name) => name.split('/')[0]);
    expect(kinds.filter((kind) => kind === 'versions')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'artifacts')).toHaveLength(2);
    const last = await azure.manager({ source: source('v4'), keepVersions: 2 });
    await last.rollback('orders');
    expect((await last.invoke('orders', 1)).output).toMatchObject({ said: 'v3' });
    await last.prune('orders', { keepVersions: 1 });
    expect(azure.blobs().filter((name) => name.startsWith('versions/'))).toHaveLength(1);
    expect((await last.invoke('orders', 1)).output).toMatchObject({ said: 'v3' });
  });
});

describe('a removal', () => {
  it("leaves the group while something of somebody's is in it", async () => {
    const azure = await onFake();
    const manager = await azure.manager();
    await manager.deploy('orders');
    const path = `${azure.place.siteId.split('/providers/')[0] ?? ''}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine`;
    await azure.observer.arm({
      method: 'PUT',
      path,
      apiVersion: '2023-01-31',
      body: { location: REGION },
      signal,
    });
    await manager.remove('orders');
    expect(azure.fake.inventory()).toEqual([
      'managed identity mine',
      `resource group ${azure.place.resourceGroup}`,
    ]);
  });

  it('takes what is shared only with the last function', async () => {
    const azure = await onFake();
    const before = azure.fake.inventory();
    const both = {
      functions: { orders: { source: source('one') }, mails: { source: source('m') } },
    };
    const manager = await azure.manager();
    await manager.deploy('orders');
    const other = await azure.managerOf(both);
    await other.deploy('mails');
    await other.remove('orders');
    expect((await other.invoke('mails', 1)).output).toMatchObject({ said: 'm' });
    expect(azure.fake.inventory().join('\n')).toContain('insights component');
    await other.remove('mails');
    expect(azure.fake.inventory()).toEqual(before);
  });

  it("leaves the user's own storage account and identity", async () => {
    const azure = await onFake();
    const { resourceGroup } = azure.place;
    await group(azure, resourceGroup);
    const base = `/subscriptions/${azure.fake.subscriptionId}/resourceGroups/${resourceGroup}/providers`;
    await azure.observer.arm({
      method: 'PUT',
      path: `${base}/Microsoft.Storage/storageAccounts/mineown`,
      apiVersion: '2023-05-01',
      body: { location: REGION, kind: 'StorageV2', sku: { name: 'Standard_LRS' } },
      signal,
    });
    const identity = `${base}/Microsoft.ManagedIdentity/userAssignedIdentities/mine`;
    await azure.observer.arm({
      method: 'PUT',
      path: identity,
      apiVersion: '2023-01-31',
      body: { location: REGION },
      signal,
    });
    await azure.clock.advance(20_000);
    const before = azure.fake.inventory();
    const azureOptions = { storageAccount: 'mineown', identity };
    const manager = await azure.manager({}, azureOptions);
    await manager.deploy('orders');
    expect((await manager.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
    // Two functions in one account would serve each other's versions.
    const both = await azure.managerOf(
      { functions: { mails: { source: source('m') } } },
      azureOptions,
    );
    await expect(both.deploy('mails')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringMatching(/storageAccount: "mineown" is the account of the function/),
    });
    await both.remove('mails');
    expect((await manager.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
    await manager.remove('orders');
    expect(azure.fake.inventory()).toEqual(before);
  });
});
