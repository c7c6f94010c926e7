import { describe, expect, it } from 'vitest';
import { broken, onFake, source } from './on-fake.ts';

describe.each(['consumption', 'premium'] as const)('the %s plan', (plan) => {
  const memoryMb = 512;

  it('deploys, changes, rolls back and removes', async () => {
    const azure = await onFake();
    const before = azure.fake.inventory();
    const first = await azure.manager({ memoryMb, env: { PART: '1' } }, { plan });
    const { version } = await first.deploy('orders');
    expect((await first.invoke('orders', 1)).output).toMatchObject({ said: 'one', part: '1' });
    const writes = azure.fake.faults.writes;
    expect((await first.deploy('orders')).changed).toBe(false);
    expect(azure.fake.faults.writes).toBe(writes);
    const second = await azure.manager(
      { memoryMb, source: source('two'), env: { PART: '2' } },
      { plan },
    );
    await second.deploy('orders');
    expect((await second.invoke('orders', 1)).output).toMatchObject({ said: 'two', part: '2' });
    expect((await second.rollback('orders')).version).toBe(version);
    expect((await second.invoke('orders', 1)).output).toMatchObject({ said: 'one', part: '1' });
    expect(azure.fake.inventory().filter((line) => line.startsWith('web slot'))).toEqual([]);
    await second.remove('orders');
    expect(azure.fake.inventory()).toEqual(before);
  });

  it('keeps a version in service while the next one does not start', async () => {
    const azure = await onFake();
    const first = await azure.manager({ memoryMb }, { plan });
    await first.deploy('orders');
    const code = broken('two', "throw new RangeError('out of luck');");
    const next = await azure.manager({ memoryMb, ...code }, { plan });
    await expect(next.deploy('orders')).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('out of luck'),
    });
    expect((await first.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
    expect(azure.fake.inventory().filter((line) => line.startsWith('web slot'))).toEqual([]);
  });
});
