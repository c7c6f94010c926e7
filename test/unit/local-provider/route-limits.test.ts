import type { FunctionSpec } from 'polyfaas';
import { describe, expect, it } from 'vitest';
import { answering, newShop } from './shop.ts';

const withLimit = (maxBodyBytes: number): Record<string, FunctionSpec> => ({
  hello: { ...answering('one'), events: [{ type: 'http', id: 'upload', maxBodyBytes }] },
});

describe('a route of the local provider', () => {
  it('that allows a larger body than the gateway takes is refused before anything changes', async () => {
    const manager = await newShop().open(withLimit(6_291_457));
    const refusal = {
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(
        'functions.hello.events.upload.maxBodyBytes: 6291457 is more than the 6291456 bytes that a request to the local gateway may carry (0 to 6291456). Lower it, or raise providerOptions.local.maxBodyBytes.',
      ),
    };
    await expect(manager.plan('hello')).rejects.toMatchObject(refusal);
    await expect(manager.deploy('hello')).rejects.toMatchObject(refusal);
  });

  it('gets the body that it allows where the gateway takes as much', async () => {
    const manager = await newShop().open(withLimit(7_000_000), {
      local: { maxBodyBytes: 7_000_000 },
    });
    const { url } = await manager.deploy('hello');
    const post = async (bytes: number): Promise<number> => {
      const response = await fetch(url ?? '', { method: 'POST', body: new Uint8Array(bytes) });
      await response.text();
      return response.status;
    };
    expect([await post(7_000_000), await post(7_000_001)]).toEqual([200, 413]);
  });
});
