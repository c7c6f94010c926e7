/** Sizes of instances: each plan has its own. */
import { describe, expect, it } from 'vitest';
import { onFake, source, type OnFake } from '../azure-execute/on-fake.ts';

const SOURCE = source('one');

async function planned(azure: OnFake, spec: object, options: object = {}) {
  const manager = await azure.managerOf(
    { functions: { orders: { source: SOURCE, ...spec } } },
    options,
  );
  const { steps, warnings } = await manager.plan('orders');
  const memory = steps.flatMap(({ kind, input }) => {
    const note: unknown = Reflect.get(Object(Reflect.get(Object(input), 'package')), 'manifest');
    return kind === 'upload-package' ? [Reflect.get(Object(note), 'memoryMb')] : [];
  });
  return { memory, warnings };
}

const on = (azure: object, memoryMb?: number) => ({
  providerOptions: { azure },
  ...(memoryMb === undefined ? {} : { memoryMb }),
});

describe('memory that nobody asked for', () => {
  it.each([
    ['flex', {}, 512],
    ['consumption', { plan: 'consumption' }, 1536],
    ['premium', { plan: 'premium' }, 3584],
    ['premium, larger', { plan: 'premium', planSku: 'EP3' }, 14_336],
  ])('is the smallest that plan %s has, without a word', async (_, options, memoryMb) => {
    const azure = await onFake();
    expect(await planned(azure, on(options))).toEqual({ memory: [memoryMb], warnings: [] });
  });
});

describe('memory that was asked for', () => {
  it.each([
    [{}, 2048, 2048],
    [{ plan: 'consumption' }, 1536, 1536],
    [{ plan: 'premium' }, 3584, 3584],
    [{ plan: 'premium', planSku: 'EP2' }, 7168, 7168],
  ])('is taken as it is where %j has it', async (options, said, memoryMb) => {
    const azure = await onFake();
    expect(await planned(azure, on(options, said))).toEqual({ memory: [memoryMb], warnings: [] });
  });

  it.each([
    [{}, 600, 2048],
    [{ plan: 'consumption' }, 512, 1536],
    [{ plan: 'premium' }, 2048, 3584],
  ])('is rounded up aloud on %j', async (options, said, memoryMb) => {
    const azure = await onFake();
    expect(await planned(azure, on(options, said))).toMatchObject({
      memory: [memoryMb],
      warnings: [
        {
          type: 'rounded',
          field: 'functions.orders.memoryMb',
          message: expect.stringMatching(new RegExp(`${said}.*${memoryMb}`)),
        },
      ],
    });
  });

  it.each([
    [{}, 8192, /8192.*4096/],
    [{ plan: 'consumption' }, 2048, /2048.*1536.*Y1/],
    [{ plan: 'premium' }, 4096, /4096.*3584.*EP1/],
  ])('is refused beyond what %j has', async (options, said, words) => {
    const azure = await onFake();
    await expect(planned(azure, on(options, said))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(words),
    });
  });

  it('goes by the plan of the configuration too', async () => {
    const azure = await onFake();
    expect(await planned(azure, { memoryMb: 3584 }, { plan: 'premium' })).toEqual({
      memory: [3584],
      warnings: [],
    });
    // A function may be on another one.
    expect(await planned(azure, on({ plan: 'flex' }, 4096), { plan: 'premium' })).toEqual({
      memory: [4096],
      warnings: [],
    });
  });
});
