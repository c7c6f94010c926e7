/** Deploys that are broken off before the switch: the next one brings the function app to what is declared then. */
import { describe, expect, it } from 'vitest';
import type { FunctionSpec, ServerlessManager } from 'polyfaas';
import type { AzureFunctionOptions } from '../../providers/azure/options.ts';
import { placeOf } from '../../providers/azure/names.ts';
import { API, onFake, source, type OnFake } from '../unit/azure-execute/on-fake.ts';

const { signal } = new AbortController();

function specOf(
  said: string,
  azure: AzureFunctionOptions,
  more: Pick<FunctionSpec, 'memoryMb' | 'maxInstances'> = {},
): FunctionSpec {
  return { source: source(said), handles: ['invoke'], ...more, providerOptions: { azure } };
}

async function read(azure: OnFake, path: string): Promise<unknown> {
  const { body } = await azure.observer.arm({ method: 'GET', path, apiVersion: API, signal });
  return body;
}

/** Ends when the step begins. */
async function breakOff(manager: ServerlessManager, last: string): Promise<void> {
  const stop = new AbortController();
  const broken = manager.deploy('orders', {
    signal: stop.signal,
    onProgress: ({ step }) => {
      if (step === last) stop.abort();
    },
  });
  await expect(broken).rejects.toMatchObject({ code: 'CANCELLED' });
}

describe('a deploy that is broken off before the switch', () => {
  it('leaves a size of the plan that the declaration of before takes back', async () => {
    const azure = await onFake();
    const premium = (planSku: 'EP1' | 'EP2', said: string) =>
      azure.manager(specOf(said, { plan: 'premium', planSku }, { maxInstances: 60 }));
    const plan = () => read(azure, azure.place.planId);
    const of = (name: string) => ({
      sku: { name },
      properties: { maximumElasticWorkerCount: 60 },
    });
    await (await premium('EP1', 'a')).deploy('orders');
    expect(await plan()).toMatchObject(of('EP1'));
    await breakOff(await premium('EP2', 'b'), 'upload');
    // As many instances as before may serve meanwhile.
    expect(await plan()).toMatchObject(of('EP2'));
    expect((await (await premium('EP1', 'a')).deploy('orders')).changed).toBe(true);
    expect(await plan()).toMatchObject(of('EP1'));
    expect((await (await premium('EP1', 'a')).deploy('orders')).changed).toBe(false);
  });

  for (const last of ['upload', 'settings', 'activate']) {
    it(`leaves a subnet that the declaration of before leaves: at "${last}"`, async () => {
      const azure = await onFake();
      const net = `/subscriptions/${azure.fake.subscriptionId}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets`;
      const inside = (name: string) =>
        azure.manager(specOf('b', { vnetSubnetId: `${net}/${name}` }, { memoryMb: 2048 }));
      const outside = () => azure.manager(specOf('a', {}));
      const site = async () => {
        const { properties } = Object(await read(azure, azure.place.siteId));
        const { virtualNetworkSubnetId, functionAppConfig } = Object(properties);
        const { instanceMemoryMB } = Object(functionAppConfig).scaleAndConcurrency;
        return [
          String(virtualNetworkSubnetId ?? '')
            .split('/')
            .at(-1),
          instanceMemoryMB,
        ];
      };
      await (await outside()).deploy('orders');
      expect(await site()).toEqual(['', 512]);
      await breakOff(await inside('one'), last);
      expect(await site()).toEqual(['one', 2048]);
      await breakOff(await inside('two'), last);
      expect(await site()).toEqual(['two', 2048]);
      expect((await (await outside()).deploy('orders')).changed).toBe(true);
      expect(await site()).toEqual(['', 512]);
      const next = await outside();
      expect((await next.plan('orders', { drift: 'full' })).steps).toEqual([]);
      expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'a' });
    });
  }

  it('leaves an identity that the declaration of before replaces', async () => {
    const azure = await onFake();
    await (
      await azure.managerOf({ app: 'donor', functions: { orders: { source: source('x') } } })
    ).deploy('orders');
    const { subscriptionId } = azure.fake;
    const ref = { app: 'donor', stage: 'dev', name: 'orders' };
    const platform = { resourceGroup: null, siteNames: {} };
    const identity = placeOf(ref, subscriptionId, platform).ownIdentityId;
    const used = async () =>
      Object(Object(await read(azure, azure.place.siteId)).properties).keyVaultReferenceIdentity;
    const former = await azure.manager(specOf('a', {}));
    await former.deploy('orders');
    const before = await used();
    await breakOff(await azure.manager(specOf('b', { identity })), 'upload');
    expect(await used()).not.toBe(before);
    expect((await former.deploy('orders')).changed).toBe(true);
    expect(await used()).toBe(before);
    expect((await former.plan('orders', { drift: 'full' })).steps).toEqual([]);
  });

  it('leaves names of settings that the declaration of before does not have', async () => {
    const azure = await onFake();
    const former = await azure.manager(specOf('a', { appSettings: { LEVEL: '1' } }));
    await former.deploy('orders');
    const next = specOf('b', { appSettings: { FURTHER: 'yes' }, applicationInsights: false });
    await breakOff(await azure.manager(next), 'activate');
    expect(await azure.settings()).toMatchObject({ FURTHER: 'yes' });
    await former.deploy('orders');
    expect(await azure.settings()).toMatchObject({ LEVEL: '1' });
    expect(await azure.settings()).not.toHaveProperty('FURTHER');
  });
});
