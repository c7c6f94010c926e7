/** Functions of one app and stage whose telemetry goes to different workspaces. */
import { describe, expect, it } from 'vitest';
import { onFake, REGION, source, type OnFake } from '../azure-execute/on-fake.ts';

const { signal } = new AbortController();

async function workspaceOf(azure: OnFake, name: string): Promise<string> {
  const group = `/subscriptions/${azure.fake.subscriptionId}/resourceGroups/logs`;
  const id = `${group}/providers/Microsoft.OperationalInsights/workspaces/${name}`;
  const put = (path: string, apiVersion: string, properties: object) =>
    azure.observer.arm({
      method: 'PUT',
      path,
      apiVersion,
      body: { location: REGION, properties },
      signal,
    });
  await put(group, '2025-04-01', {});
  await put(id, '2023-09-01', { sku: { name: 'PerGB2018' } });
  await azure.clock.advance(60_000);
  return id;
}

const into = (workspaceId: string): object => ({
  providerOptions: { azure: { applicationInsights: { workspaceId } } },
});

describe('workspaces of the user', () => {
  it('keep their calls apart, and leave nothing of ours behind', async () => {
    const azure = await onFake();
    const mine = await workspaceOf(azure, 'mine-logs');
    const yours = await workspaceOf(azure, 'your-logs');
    const before = azure.fake.inventory();
    const names = ['one', 'two', 'three', 'four'];
    const manager = await azure.managerOf({
      functions: {
        one: { source: source('one') },
        two: { source: source('two'), ...into(mine) },
        three: { source: source('three'), ...into(yours) },
        // The same one: resource ids are the same whatever their case.
        four: {
          source: source('four'),
          ...into(mine.toUpperCase().replace('/SUBSCRIPTIONS/', '/subscriptions/')),
        },
      },
    });
    for (const name of names) await manager.deploy(name);
    const components = azure.fake.inventory().filter((line) => line.startsWith('insights comp'));
    expect(components).toHaveLength(3);
    await azure.clock.advance(60_000);
    for (const [index, name] of names.entries()) {
      for (let call = 0; call <= index; call += 1) await manager.invoke(name, call);
    }
    await azure.fake.settle();
    await azure.clock.advance(600_000);
    for (const [index, name] of names.entries()) {
      const { invocations } = await manager.metrics(name, { last: '1h' });
      expect([name, invocations]).toEqual([name, index + 1]);
      expect((await manager.plan(name, { drift: 'full' })).steps).toEqual([]);
    }
    for (const name of names) await manager.remove(name);
    expect(azure.fake.inventory()).toEqual(before);
  });
});
