import { describe, expect, it } from 'vitest';
import type { Capabilities } from '../../../src/spi/capabilities.ts';
import type { ProviderFactory } from '../../../src/manager/types.ts';
import { createLocalProvider } from '../../../providers/local/provider.ts';
import { answering, newShop } from '../local-provider/shop.ts';

/** The local provider, with limits that a cloud has. */
function limitedTo(limits: Partial<Capabilities['limits']>): ProviderFactory {
  return async (parts) => {
    const provider = await createLocalProvider(parts);
    const { capabilities } = provider;
    return {
      ...provider,
      capabilities: { ...capabilities, limits: { ...capabilities.limits, ...limits } },
    };
  };
}

const route = { type: 'http', method: 'GET', path: '/slow' } as const;

describe('a platform that has a list of sizes', () => {
  const memoryMb = { min: 512, max: 4096, steps: [512, 2048, 4096] };

  it('gets the next size up, and the plan says so', async () => {
    const manager = await newShop().open(
      { orders: { ...answering('one'), memoryMb: 300 } },
      { provider: limitedTo({ memoryMb }) },
    );
    const { warnings, changed } = await manager.deploy('orders');
    expect(changed).toBe(true);
    expect(warnings).toEqual([
      expect.objectContaining({ type: 'rounded', field: 'functions.orders.memoryMb' }),
    ]);
    const described = await manager.describe('orders');
    expect(described?.versions[0]?.memoryMb).toBe(512);
    expect((await manager.deploy('orders')).changed).toBe(false);
  });

  it('gets it for the default too, which is no news', async () => {
    const manager = await newShop().open(
      { orders: answering('one') },
      { provider: limitedTo({ memoryMb }) },
    );
    expect((await manager.deploy('orders')).warnings).toEqual([]);
    expect((await manager.describe('orders'))?.versions[0]?.memoryMb).toBe(512);
  });

  it('still refuses what is larger than its largest', async () => {
    const manager = await newShop().open(
      { orders: { ...answering('one'), memoryMb: 5000 } },
      { provider: limitedTo({ memoryMb }) },
    );
    await expect(manager.deploy('orders')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('a timeout beyond what a route waits', () => {
  it('is refused too when the route comes later', async () => {
    const manager = await newShop().open(
      { orders: { ...answering('one'), timeoutSeconds: 300 } },
      { provider: limitedTo({ httpTimeoutSeconds: 230 }) },
    );
    await manager.deploy('orders');
    await expect(manager.configureEvent('orders', route)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('230'),
    });
  });

  it('is refused too when a rollback would bring it back', async () => {
    const manager = await newShop().open(
      { orders: { ...answering('one'), timeoutSeconds: 300 } },
      { provider: limitedTo({ httpTimeoutSeconds: 230 }) },
    );
    await manager.deploy('orders');
    await manager.deploy('orders', { spec: { ...answering('two'), events: [route] } });
    await expect(manager.rollback('orders')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('standing instances', () => {
  it('beyond what the platform can run are refused', async () => {
    const manager = await newShop().open({ orders: { ...answering('one'), minInstances: 2000 } });
    await expect(manager.deploy('orders')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('minInstances'),
    });
  });
});
