/** What a function app stands on, deleted by hand: a full reading sees it, the next deploy makes it again, a removal goes on. */
import { describe, expect, it } from 'vitest';
import { EVENT_API } from '../../providers/azure/events/api-versions.ts';
import { insightsIds } from '../../providers/azure/names.ts';
import { containerIdIn, queueIdIn } from '../../providers/azure/events/arm-id.ts';
import { onFake, REF, REGION, source, type OnFake } from '../unit/azure-execute/on-fake.ts';

const { signal } = new AbortController();
const STORAGE = '2023-05-01';
const full = { drift: 'full' } as const;

async function erase(azure: OnFake, path: string, apiVersion: string): Promise<void> {
  const before = azure.fake.inventory();
  await azure.observer.arm({ method: 'DELETE', path, apiVersion, signal });
  await azure.clock.advance(60_000);
  expect(azure.fake.inventory()).not.toEqual(before);
}

describe('a storage account that is gone', () => {
  it('keeps nobody from describing, pruning and removing', async () => {
    const azure = await onFake();
    const before = azure.fake.inventory();
    const manager = await azure.manager();
    await manager.deploy('orders');
    await erase(azure, azure.place.ownStorageId, STORAGE);
    // One knows the address of the account, the other one does not.
    for (const one of [manager, await azure.manager()]) {
      const described = await one.describe('orders');
      expect(described?.versions.map(({ version }) => version)).toEqual([described?.liveVersion]);
      expect(await one.prune('orders')).toEqual({ removedVersions: [], warnings: [] });
    }
    expect(await manager.remove('orders')).toEqual({ removed: true, warnings: [] });
    expect(azure.fake.inventory()).toEqual(before);
  });

  it('is made again by a deploy that reads everything, with the package in it', async () => {
    const azure = await onFake();
    const manager = await azure.manager();
    await manager.deploy('orders');
    const before = azure.fake.inventory();
    await erase(azure, azure.place.ownStorageId, STORAGE);
    const next = await azure.manager();
    expect((await next.deploy('orders', full)).changed).toBe(true);
    expect(azure.fake.inventory()).toEqual(before);
    expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
    expect((await next.plan('orders', full)).steps).toEqual([]);
  });

  it('is told to a deploy of other code, with what makes it again', async () => {
    const azure = await onFake();
    await (await azure.manager()).deploy('orders');
    await erase(azure, azure.place.ownStorageId, STORAGE);
    const next = await azure.manager({ source: source('two') });
    await expect(next.deploy('orders')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining("drift: 'full'"),
    });
    expect((await next.deploy('orders', full)).changed).toBe(true);
    expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'two' });
  });

  it('of the user keeps nobody from removing the function', async () => {
    const azure = await onFake();
    const { resourceGroup } = azure.place;
    const group = `/subscriptions/${azure.fake.subscriptionId}/resourceGroups/${resourceGroup}`;
    const account = `${group}/providers/Microsoft.Storage/storageAccounts/mineown`;
    const put = (path: string, apiVersion: string, body: object) =>
      azure.observer.arm({ method: 'PUT', path, apiVersion, body, signal });
    await put(group, '2025-04-01', { location: REGION });
    await put(account, STORAGE, {
      location: REGION,
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
    });
    await azure.clock.advance(20_000);
    const manager = await azure.manager({}, { storageAccount: 'mineown' });
    await manager.deploy('orders');
    await erase(azure, account, STORAGE);
    await manager.remove('orders');
    expect(azure.fake.inventory()).toEqual([`resource group ${resourceGroup}`]);
  });
});

describe('a part of it that is gone', () => {
  it('is made again: the queue of asynchronous calls', async () => {
    const azure = await onFake();
    const manager = await azure.manager();
    await manager.deploy('orders');
    await erase(azure, queueIdIn(azure.place.ownStorageId, 'polyfaas-async'), STORAGE);
    await expect(manager.invoke('orders', 1, { mode: 'async' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining("drift: 'full'"),
    });
    expect((await manager.deploy('orders', full)).changed).toBe(true);
    await manager.invoke('orders', 1, { mode: 'async' });
    expect((await manager.plan('orders', full)).steps).toEqual([]);
  });

  it('is made again: the container of packages', async () => {
    const azure = await onFake();
    const manager = await azure.manager();
    await manager.deploy('orders');
    const before = azure.blobs();
    await erase(azure, containerIdIn(azure.place.ownStorageId, 'polyfaas'), STORAGE);
    const other = await azure.manager({ source: source('two') });
    await expect(other.deploy('orders')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining("drift: 'full'"),
    });
    expect((await manager.deploy('orders', full)).changed).toBe(true);
    expect(azure.blobs()).toEqual(before);
    expect((await manager.plan('orders', full)).steps).toEqual([]);
    expect((await manager.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
  });

  it('is made again: Application Insights, and its workspace', async () => {
    const azure = await onFake();
    const manager = await azure.manager();
    await manager.deploy('orders');
    const before = azure.fake.inventory();
    const { componentId, workspaceId } = insightsIds(
      REF,
      azure.fake.subscriptionId,
      azure.place.resourceGroup,
      null,
    );
    await erase(azure, componentId, '2020-02-02');
    expect((await manager.deploy('orders', full)).changed).toBe(true);
    expect(azure.fake.inventory()).toEqual(before);
    await erase(azure, componentId, '2020-02-02');
    await erase(azure, `${workspaceId}?force=true`, '2023-09-01');
    expect((await manager.deploy('orders', full)).changed).toBe(true);
    expect(azure.fake.inventory()).toEqual(before);
    await manager.invoke('orders', 1);
    await azure.fake.settle();
    await azure.clock.advance(600_000);
    expect(await manager.metrics('orders', { last: '1h' })).toMatchObject({ invocations: 1 });
    expect((await manager.plan('orders', full)).steps).toEqual([]);
  });
});

describe('leases of a table that are gone', () => {
  it('are made again, with a warning of rows that come once more', async () => {
    const azure = await onFake();
    const spec = {
      source: 'export default { table: async () => undefined };',
      events: [{ type: 'table', id: 'rows', table: 'rows', create: true }],
    };
    const manager = await azure.manager(spec);
    await manager.deploy('orders');
    const inventory = azure.fake.inventory();
    const line = inventory.find((one) => /^cosmos container .*\/leases-/.test(one)) ?? '';
    const [account = '', database = '', name = ''] = line
      .slice('cosmos container '.length)
      .split('/');
    const { subscriptionId } = azure.fake;
    const group = `/subscriptions/${subscriptionId}/resourceGroups/${azure.place.resourceGroup}`;
    await erase(
      azure,
      `${group}/providers/Microsoft.DocumentDB/databaseAccounts/${account}/sqlDatabases/${database}/containers/${name}`,
      EVENT_API.cosmos,
    );
    expect((await manager.plan('orders', full)).warnings).toContainEqual({
      type: 'drift',
      field: 'events.rows',
      message: expect.stringMatching(/"rows" were deleted.*those since the event was bound/),
    });
    await manager.deploy('orders', full);
    expect(azure.fake.inventory()).toEqual(inventory);
  });
});
