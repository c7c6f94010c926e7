/** The app setting that holds the keys of direct calls, taken away by hand; and keys that cannot be read for a while. */
import { describe, expect, it } from 'vitest';
import { AzureError } from '../../providers/azure/arm/error.ts';
import { lookUntilServed } from '../../providers/azure/execute/start.ts';
import type { CallContext, JsonValue } from 'polyfaas/spi';
import { broken, onFake, REF, source, type OnFake } from '../unit/azure-execute/on-fake.ts';

const { signal } = new AbortController();
const KEYS = 'POLYFAAS_INVOKE_KEYS';

async function take(azure: OnFake, name: string): Promise<void> {
  const { [name]: taken, ...left } = await azure.settings();
  expect(taken).toBeDefined();
  await azure.setSettings(left);
}

describe('the keys of direct calls, when they are gone', () => {
  it('are told to who invokes, with what makes them again', async () => {
    const azure = await onFake();
    await (await azure.manager()).deploy('orders');
    await take(azure, KEYS);
    const manager = await azure.manager();
    await expect(manager.invoke('orders', 1)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: false,
      message: expect.stringMatching(/POLYFAAS_INVOKE_KEYS is missing.*drift: 'full'/),
      details: { didNotRun: true },
    });
    expect((await manager.deploy('orders', { drift: 'full' })).changed).toBe(true);
    expect((await manager.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
  });

  for (const plan of ['flex', 'premium'] as const) {
    it(`are made by what publishes: ${plan}`, async () => {
      const azure = await onFake();
      await (await azure.manager({}, { plan })).deploy('orders');
      await take(azure, KEYS);
      const began = azure.clock.now();
      const next = await azure.manager({ source: source('two') }, { plan });
      await next.deploy('orders');
      expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'two' });
      expect(azure.clock.now() - began).toBeLessThan(240_000);
      await take(azure, KEYS);
      await next.rollback('orders');
      expect((await next.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
    });
  }

  it('do not keep the version before from coming back', async () => {
    const azure = await onFake();
    const first = await azure.manager();
    await first.deploy('orders');
    await take(azure, KEYS);
    const next = await azure.manager(broken('two', "throw new Error('no database');"));
    await expect(next.deploy('orders')).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('no database'),
    });
    expect((await first.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
  });

  it('are not needed to tell of a queue that is gone', async () => {
    const azure = await onFake();
    await (await azure.manager()).deploy('orders');
    await take(azure, 'AzureWebJobsStorage__queueServiceUri');
    const manager = await azure.manager();
    await expect(manager.invoke('orders', 1, { mode: 'async' })).rejects.toMatchObject({
      message: expect.stringMatching(/queueServiceUri is missing.*drift: 'full'/),
    });
    await manager.deploy('orders', { drift: 'full' });
    await manager.invoke('orders', 1, { mode: 'async' });
  });
});

describe('keys that cannot be read', () => {
  it('are what a look that ends in vain tells of, and not that the host never ran', async () => {
    const azure = await onFake();
    const { subscriptionId } = azure.fake;
    const { physicalName, resourceGroup, siteId, ownStorageId, ownIdentityId } = azure.place;
    const target = {
      ref: REF,
      physicalName,
      subscriptionId,
      resourceGroup,
      siteId,
      location: 'westeurope',
      storageAccount: ownStorageId,
      identityId: ownIdentityId,
      principalId: '',
      clientId: '',
    };
    const throttled = () => Promise.reject(new AzureError(429, 'TooManyRequests', 'Slow down.'));
    const parts = {
      target,
      address: { ref: REF, siteId, hostName: 'nobody.invalid' },
      version: '0123456789',
      lookAt: throttled,
    };
    const now = azure.clock.now();
    const look = (resume: JsonValue) => {
      const call = { signal, clock: azure.clock, resume } satisfies Partial<CallContext>;
      return lookUntilServed(azure.observer, parts, Object(call));
    };
    // The host said before that it is broken: what is not known now does not undo that.
    expect(await look({ since: now - 20_000, brokenSince: now - 10_000 })).toMatchObject({
      done: false,
      resume: { brokenSince: now - 10_000 },
    });
    await expect(look({ since: now - 400_000 })).rejects.toMatchObject({
      message: expect.stringMatching(/Its keys cannot be read: Slow down/),
    });
  });
});
