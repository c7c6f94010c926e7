import { describe, expect, it } from 'vitest';
import { broken, onFake, source } from './on-fake.ts';

describe('a version that does not start', () => {
  it('leaves the one before in service, and says what its code said', async () => {
    const azure = await onFake();
    const first = await azure.manager();
    const { version } = await first.deploy('orders');
    const next = await azure.manager({
      ...broken('two', "throw new TypeError('no database');"),
      memoryMb: 4096,
    });
    await expect(next.deploy('orders')).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('no database'),
    });
    expect((await first.invoke('orders', 1)).output).toMatchObject({ said: 'one', input: 1 });
    expect((await first.describe('orders'))?.liveVersion).toBe(version);
    // What is declared is there still, or again, but for what has to be looked at.
    await first.deploy('orders');
    const writes = azure.fake.faults.writes;
    expect((await first.deploy('orders')).changed).toBe(false);
    expect(azure.fake.faults.writes).toBe(writes);
    const mended = await azure.manager({ source: source('two'), memoryMb: 4096 });
    await mended.deploy('orders');
    expect((await mended.invoke('orders', 2)).output).toMatchObject({ said: 'two' });
  });

  it('brings the instances back to what they were', async () => {
    const azure = await onFake();
    const first = await azure.manager({ memoryMb: 512 });
    await first.deploy('orders');
    const next = await azure.manager({
      ...broken('two', "throw new Error('no');"),
      memoryMb: 4096,
    });
    await expect(next.deploy('orders')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
    const { signal } = new AbortController();
    const { body } = await azure.observer.arm({
      method: 'GET',
      path: azure.place.siteId,
      apiVersion: '2025-05-01',
      signal,
    });
    expect(JSON.stringify(body)).toContain('"instanceMemoryMB":512');
  });

  it('is told of a first deploy too, which can be repeated', async () => {
    const azure = await onFake();
    const next = await azure.manager(broken('one', "throw new Error('not yet');"));
    await expect(next.deploy('orders')).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('not yet'),
    });
    expect((await next.describe('orders'))?.liveVersion ?? null).toBeNull();
    const mended = await azure.manager();
    await mended.deploy('orders');
    expect((await mended.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
  });

  it('may end its process at once', async () => {
    const azure = await onFake();
    const first = await azure.manager();
    await first.deploy('orders');
    const next = await azure.manager(broken('two', 'process.exit(3);'));
    await expect(next.deploy('orders')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
    expect((await first.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
  });
});

describe('One Deploy', () => {
  it.each([400, 404, 405] as const)(
    'goes by the SCM site where Resource Manager answers %d',
    async (status) => {
      const azure = await onFake();
      azure.fake.world.web.behaviour.oneDeployStatus = status;
      const manager = await azure.manager();
      await manager.deploy('orders');
      expect((await manager.invoke('orders', 1)).output).toMatchObject({ said: 'one' });
      const second = await azure.manager({ source: source('two') });
      await second.deploy('orders');
      expect((await second.invoke('orders', 1)).output).toMatchObject({ said: 'two' });
    },
  );
});

describe('two deploys at once', () => {
  it('end with one of them, which is wholly there', async () => {
    const azure = await onFake();
    const [one, two] = await Promise.all([
      azure.manager({ source: source('one'), env: { PART: 'one' } }),
      azure.manager({ source: source('two'), env: { PART: 'two' } }),
    ]);
    await one.deploy('orders');
    const three = await azure.manager({ source: source('three'), env: { PART: 'three' } });
    const outcomes = await Promise.allSettled([two.deploy('orders'), three.deploy('orders')]);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
      }
    }
    expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
    const { output, version } = await three.invoke('orders', 1);
    expect(Reflect.get(Object(output), 'said')).toBe(Reflect.get(Object(output), 'part'));
    expect((await three.describe('orders'))?.liveVersion).toBe(version);
  });
});
