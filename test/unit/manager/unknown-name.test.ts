import { describe, expect, it } from 'vitest';
import type { ServerlessManager } from 'polyfaas';
import { answering, newShop } from '../local-provider/shop.ts';
import { collect } from '../review/core-support.ts';
import { pairOfClouds } from '../targets/support.ts';

const CALLS: Readonly<
  Record<string, (manager: ServerlessManager, name: string) => Promise<unknown>>
> = {
  invoke: (manager, name) => manager.invoke(name),
  'invoke, async': (manager, name) => manager.invoke(name, null, { mode: 'async' }),
  logs: (manager, name) => collect(manager.logs(name)),
  metrics: (manager, name) => manager.metrics(name, { last: '1h' }),
  preWarm: (manager, name) => manager.preWarm(name, { instances: 1 }),
  rollback: (manager, name) => manager.rollback(name),
  prune: (manager, name) => manager.prune(name),
};

describe('a name that is neither deployed nor configured', () => {
  it.each(Object.entries(CALLS))('is said to be both by %s', async (_name, call) => {
    const manager = await newShop().open({ hello: answering('one'), other: answering('two') });
    await manager.deploy('hello');
    await expect(call(manager, 'helo')).rejects.toMatchObject({
      name: 'ServerlessError',
      code: 'NOT_FOUND',
      provider: 'local',
      function: 'helo',
      details: { notDeployed: true },
      message:
        '"helo" is not deployed in app "shop", stage "dev" on local. It is not among the configured functions either; did you mean "hello"?',
    });
  });

  it('is told what to do when none is like it', async () => {
    const manager = await newShop().open({ hello: answering('one'), other: answering('two') });
    await expect(manager.invoke('payments')).rejects.toThrow(
      /on local\. It is not among the configured functions either \(hello, other\)\. Add it under `functions`, or pass `spec` to deploy\("payments"\)\.$/,
    );
    const empty = await newShop().open({});
    await expect(empty.invoke('payments')).rejects.toThrow(/either \(none\)\. Add it/);
  });

  it('is said to be both on every target', async () => {
    const pair = await pairOfClouds();
    await expect(pair.manager.invoke('ecko')).rejects.toThrow(/did you mean "echo"\?$/);
    await expect(pair.manager.prune('ecko')).rejects.toThrow(
      /aws: NOT_FOUND: .* did you mean "echo"\?\n {2}gcp: NOT_FOUND: .* did you mean "echo"\?$/,
    );
    await pair.close();
  });

  it('is suggested one to deploy', async () => {
    const manager = await newShop().open({ hello: answering('one') });
    await expect(manager.deploy('helo')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/"helo" is not among .*\(hello\)\. Did you mean "hello"\?/),
    });
  });
});

describe('other names', () => {
  it.each(Object.entries(CALLS))(
    'that are configured are to be deployed first, says %s',
    async (_name, call) => {
      const manager = await newShop().open({ hello: answering('one') });
      await expect(call(manager, 'hello')).rejects.toThrow(
        /^"hello" is not deployed .* on local\. Call deploy\("hello"\) first\.$/,
      );
    },
  );

  it('that are deployed and not configured go on working, and have their own errors', async () => {
    const manager = await newShop().open({ hello: answering('one') });
    await manager.deploy('helo', { spec: answering('other') });
    expect((await manager.invoke('helo')).output).toBe('other');
    expect(await collect(manager.logs('helo'))).toEqual([]);
    await expect(manager.rollback('helo', { version: 'x' })).rejects.toThrow(
      /^"helo" keeps no version "x"; kept: 1\.$/,
    );
  });
});
