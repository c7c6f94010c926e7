/** App settings have no condition on their writes: one that another write took away again is noticed. */
import { createServerlessManager, type FunctionSpec, type ServerlessManager } from 'polyfaas';
import { createAzureProvider } from 'polyfaas/azure';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placeOf } from '../../../providers/azure/names.ts';
import { decodeRecord, encodeRecord } from '../../../providers/azure/tags.ts';
import { createAzureFake, type AzureFake } from '../../fakes/azure/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';
import { API, REF, REGION, source } from '../azure-execute/on-fake.ts';

const SETTINGS = '/config/appsettings';

interface Crossed {
  readonly fake: AzureFake;
  open(spec?: Pick<FunctionSpec, 'env' | 'providerOptions'>): Promise<ServerlessManager>;
  /** From now on, the next `times` writes of settings are written over with what was there before. */
  cross(times: number, mark?: string): void;
  readonly crossings: number;
}

/** Somebody else who read the settings before each write of the deployer's, and writes them after it. */
async function crossed(): Promise<Crossed> {
  const clock = new ManualClock(Date.now());
  let left = 0;
  let crossings = 0;
  let mark: string | undefined;
  let read: Readonly<Record<string, string>> = {};
  const fake: AzureFake = await createAzureFake({
    clock,
    location: REGION,
    recorder: (plane, method, path) => {
      if (plane !== 'arm' || !path.includes(SETTINGS)) return;
      if (method === 'POST') read = fake.world.web.settingsOf(siteId);
      if (method !== 'PUT' || left === 0) return;
      left -= 1;
      crossings += 1;
      void over();
    },
  });
  const { siteId } = placeOf(REF, fake.subscriptionId, { resourceGroup: null, siteNames: {} });
  const { arm, identity } = fake.world;
  const asOther = { apiVersion: API, caller: identity.observer } as const;
  async function over(): Promise<void> {
    const written = arm.call({
      ...asOther,
      method: 'PUT',
      path: `${siteId}${SETTINGS}`,
      body: { properties: read },
    });
    if (mark !== undefined) await markBy(mark);
    await written;
  }
  async function markBy(next: string): Promise<void> {
    const site = await arm.call({ ...asOther, method: 'GET', path: siteId });
    const tags: Record<string, string> = Object(Reflect.get(Object(site.body), 'tags'));
    const record = decodeRecord(tags);
    if (!record) throw new Error('There is no record');
    await arm.call({
      ...asOther,
      apiVersion: '2021-04-01',
      method: 'PATCH',
      path: `${siteId}/providers/Microsoft.Resources/tags/default`,
      body: {
        operation: 'Merge',
        properties: { tags: { ...encodeRecord({ ...record, next }) } },
      },
    });
  }
  onTestFinished(() => fake.stop());
  return {
    fake,
    async open(spec = {}) {
      const manager = await createServerlessManager(
        {
          app: REF.app,
          stage: REF.stage,
          region: REGION,
          functions: { orders: { source: source('one'), ...spec } },
          providerOptions: {
            azure: {
              subscriptionId: fake.subscriptionId,
              endpoint: fake.endpoint,
              credential: fake.credential,
              applicationInsights: false,
            },
          },
        },
        { clock: new WaitingClock(clock), provider: createAzureProvider },
      );
      onTestFinished(() => manager.close());
      return manager;
    },
    cross(times, by) {
      left = times;
      mark = by;
    },
    get crossings() {
      return crossings;
    },
  };
}

describe('a write of the settings that another one took away', () => {
  it.each([
    ['a first deploy', {}],
    ['variables', { env: { PART: 'two' } }],
    ['settings alone', { providerOptions: { azure: { appSettings: { FURTHER: 'yes' } } } }],
  ])('is made once more: %s', async (name, change) => {
    const azure = await crossed();
    if (name !== 'a first deploy') await (await azure.open()).deploy('orders');
    azure.cross(1);
    const next = await azure.open({ ...change, env: { PART: 'two' } });
    await next.deploy('orders');
    expect(azure.crossings).toBe(1);
    expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'one', part: 'two' });
    expect((await next.plan('orders', { drift: 'full' })).steps).toEqual([]);
  });

  it('is the loser’s, where somebody else has marked the function since', async () => {
    const azure = await crossed();
    await (await azure.open()).deploy('orders');
    azure.cross(1, 'another');
    const next = await azure.open({ env: { PART: 'two' } });
    await expect(next.deploy('orders')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'one', part: null });
    // Run again, it brings the function to what is declared.
    await next.deploy('orders');
    expect((await next.invoke('orders', 1)).output).toMatchObject({ part: 'two' });
  });

  it('is given up when it is taken away each time', async () => {
    const azure = await crossed();
    await (await azure.open()).deploy('orders');
    azure.cross(100);
    const next = await azure.open({ env: { PART: 'two' } });
    await expect(next.deploy('orders')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('app settings'),
    });
    expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'one', part: null });
  });
});
