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
          Reflect.set(spoiled, 'observe', () => Promise.resolve(undefined));
          return spoiled;
        },
      },
    );
    const failure: unknown = await manager.describe('orders').catch((error: unknown) => error);
    expect(ServerlessError.isInstance(failure)).toBe(true);
    expect(failure).toMatchObject({
      code: 'UNKNOWN',
      provider: 'toy',
      function: 'orders',
      message: expect.stringMatching(/describe of "orders" failed.*defect of the adapter "toy"/),
      cause: expect.any(TypeError),
    });
  });
});
