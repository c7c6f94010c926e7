import { describe, expect, it } from 'vitest';
import { REGION, onFake } from '../azure-execute/on-fake.ts';

const { signal } = new AbortController();

describe('a removal that was broken off, in a group of somebody else', () => {
  it('leaves nothing that the next one does not find, also without Application Insights', async () => {
    const azure = await onFake();
    await azure.observer.arm({
      method: 'PUT',
      path: `/subscriptions/${azure.fake.subscriptionId}/resourceGroups/mine`,
      apiVersion: '2025-04-01',
      body: { location: REGION },
      signal,
    });
    const before = azure.fake.inventory();
    const spec = {
      source: 'export default { queue: async () => {} };',
      events: [{ type: 'queue', queue: 'inbox', create: true }],
    };
    const manager = await azure.manager(spec, {
      resourceGroup: 'mine',
      applicationInsights: false,
    });
    await manager.deploy('orders');
    const stop = new AbortController();
    const removal = manager.remove('orders', {
      signal: stop.signal,
      onProgress: ({ step, status }) => {
        if (step === 'storage' && status === 'done') stop.abort();
      },
    });
    await expect(removal).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(azure.fake.inventory()).not.toEqual(before);
    await manager.remove('orders');
    expect(azure.fake.inventory()).toEqual(before);
  });
});
