import { describe, expect, it } from 'vitest';
import { createServerlessManager, ServerlessError } from 'polyfaas';
import { ToyCloud } from '../../toy/cloud.ts';
import { createToyProvider } from '../../toy/provider.ts';

describe('an adapter that breaks the rules of its interface', () => {
  it('is told as that: no raw error comes out of a manager', async () => {
    await using manager = await createServerlessManager(
      { app: 'shop' },
      {
        telemetry: false,
        provider(parts) {
          const toy = createToyProvider(new ToyCloud(parts.root, parts.clock), async (_, act) =>
            act(),
          );
          const spoiled = { ...toy };
          const description = {
            name: 'orders',
            app: 'shop',
            stage: 'dev',
            provider: 'toy',
            region: 'memory',
            physicalName: 'shop-dev-orders',
            liveVersion: '1',
            bindings: [],
            url: null,
            // A list, and what is in it is none of ours.
            versions: [null],
          };
          Reflect.set(spoiled, 'observe', () => Promise.resolve({ token: '1', description }));
          return spoiled;
        },
      },
    );
    const failure: unknown = await manager.rollback('orders').catch((error: unknown) => error);
    expect(ServerlessError.isInstance(failure)).toBe(true);
    expect(failure).toMatchObject({
      code: 'UNKNOWN',
      provider: 'toy',
      function: 'orders',
      message: expect.stringMatching(/rollback of "orders" failed.*defect of the adapter "toy"/),
      cause: expect.any(TypeError),
    });
  });
});
