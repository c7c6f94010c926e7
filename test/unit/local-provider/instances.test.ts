import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { answering, localOf, newShop } from './shop.ts';

/** Says in which process it runs; waits, so that calls meet. */
const whereabouts = {
  source: `
    export const handler = async () => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return process.pid;
    };`,
};

describe('a change of settings alone', () => {
  it('keeps the version and its code, and moves the instances over', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: whereabouts });
    await manager.deploy('hello');
    const before = await manager.invoke('hello');
    expect(before.output).toBe(process.pid);
    const spec = {
      ...whereabouts,
      description: 'elsewhere',
      providerOptions: { local: { isolation: 'process' } },
    } as const;
    const deployment = await manager.deploy('hello', { spec });
    expect(deployment).toMatchObject({ version: '1', changed: true });
    expect(deployment.journal.map(({ step }) => step)).toEqual(['live']);
    const after = await manager.invoke('hello');
    expect(after.version).toBe(before.version);
    expect(after.output).not.toBe(process.pid);
    expect((await manager.describe('hello'))?.versions).toHaveLength(1);
    expect(await manager.deploy('hello', { spec })).toMatchObject({ changed: false, journal: [] });
  });
});

describe('maxInstances', () => {
  it('is never passed: further calls wait for an instance', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: { ...whereabouts, maxInstances: 2 } });
    await manager.deploy('hello');
    const calls = Array.from({ length: 8 }, () => manager.invoke('hello'));
    const instances = new Set((await Promise.all(calls)).map(({ instanceId }) => instanceId));
    expect(instances.size).toBe(2);
    expect(await manager.preWarm('hello', { instances: 5 })).toMatchObject({
      requested: 5,
      distinctInstances: 2,
      guaranteed: true,
    });
  });

  it('leaves room for as many to wait as maxWaiting says; more are RATE_LIMITED', async () => {
    const shop = newShop();
    const local = { maxWaiting: 1 };
    // One attempt: the calls that were refused did not run, so they would be repeated.
    const manager = await shop.open(
      { hello: { ...whereabouts, maxInstances: 1, providerOptions: { local } } },
      { limits: { maxAttempts: 1 } },
    );
    await manager.deploy('hello');
    const calls = Array.from({ length: 4 }, () =>
      manager.invoke('hello').then(
        () => 'served',
        (error: { readonly code: string }) => error.code,
      ),
    );
    const outcomes = await Promise.all(calls);
    expect(outcomes).toEqual(['served', 'served', 'RATE_LIMITED', 'RATE_LIMITED']);
  });
});

describe('events of a function at its limit', () => {
  it('are waited for by settle(), also while the clock stands', async () => {
    const reader = {
      source: `export default { topic: (message, { log }) => log.info(String(message.data)) };`,
      events: [{ type: 'topic', topic: 'news' } as const],
      maxInstances: 1,
      providerOptions: { local: { maxWaiting: 0 } },
    };
    const manager = await newShop().open({ reader }, { clock: new ManualClock() });
    await manager.deploy('reader');
    const local = localOf(manager);
    const sent = Array.from({ length: 6 }, (_, index) => String(index));
    for (const data of sent) await local.sources.topic('news').publish(data);
    await local.settle();
    const lines: string[] = [];
    for await (const { message } of manager.logs('reader', { last: '1h' })) lines.push(message);
    expect(lines.toSorted()).toEqual(sent);
  });
});

describe('isolation', () => {
  it('is a thread of this process by default', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: whereabouts });
    await manager.deploy('hello');
    expect((await manager.invoke('hello')).output).toBe(process.pid);
  });

  it('is a process, unasked, for code that starts processes', async () => {
    const shop = newShop();
    shop.write({
      'starts.ts': `
        import { execFileSync } from 'node:child_process';
        export const handler = async () => ({
          pid: process.pid,
          said: String(execFileSync(process.execPath, ['-p', '6 * 7'])).trim(),
        });`,
    });
    const manager = await shop.open({ hello: { entry: './starts.ts' } });
    await manager.deploy('hello');
    const { output } = await manager.invoke<{ pid: number; said: string }>('hello');
    expect(output.said).toBe('42');
    expect(output.pid).not.toBe(process.pid);
  });

  it('is a thread for such code too where the declaration says so', async () => {
    const shop = newShop();
    shop.write({
      'starts.ts': `
        import { execFileSync } from 'node:child_process';
        export const handler = async () => [process.pid, typeof execFileSync];`,
    });
    const local = { isolation: 'thread' } as const;
    const manager = await shop.open({
      hello: { entry: './starts.ts', providerOptions: { local } },
    });
    await manager.deploy('hello');
    expect((await manager.invoke('hello')).output).toEqual([process.pid, 'function']);
  });
});

describe('a call that names a version', () => {
  it('gets that one, live or not, and NOT_FOUND with those that are kept otherwise', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    await manager.deploy('hello');
    await manager.deploy('hello', { spec: answering('two') });
    const at = (version?: string) => manager.invoke('hello', null, { version });
    expect(await at('1')).toMatchObject({ output: 'one', version: '1' });
    expect(await at('2')).toMatchObject({ output: 'two', version: '2' });
    expect(await at()).toMatchObject({ output: 'two', version: '2' });
    await expect(at('3')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('kept: 1, 2'),
    });

    await manager.prune('hello', { keepVersions: 1 });
    await expect(at('1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await manager.rollback('hello', { version: '2' });
    expect((await at()).output).toBe('two');
  });

  it('still gets it after a rollback has made it live', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    await manager.deploy('hello');
    await manager.deploy('hello', { spec: answering('two') });
    expect((await manager.rollback('hello')).version).toBe('1');
    expect((await manager.invoke('hello')).output).toBe('one');
    expect((await manager.invoke('hello', null, { version: '2' })).output).toBe('two');
    await manager.remove('hello');
    await expect(manager.invoke('hello', null, { version: '1' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
