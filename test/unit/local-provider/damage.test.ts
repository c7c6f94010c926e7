import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import { answering, newShop } from './shop.ts';

describe('code that was deleted behind the back of the provider', () => {
  it('is noticed by the next deploy, and put back under the same version', async () => {
    const shop = newShop();
    const before = await shop.open({ hello: answering('one') });
    await before.deploy('hello');
    await before.close();
    rmSync(join(shop.stateFolder, 'artifacts'), { recursive: true });

    const manager = await shop.open({ hello: answering('one') });
    await expect(manager.invoke('hello')).rejects.toMatchObject({ name: 'ServerlessError' });
    expect(await manager.deploy('hello')).toMatchObject({
      version: '1',
      changed: true,
      warnings: [{ type: 'drift' }],
    });
    expect((await manager.invoke('hello')).output).toBe('one');
    expect(await manager.deploy('hello')).toMatchObject({ version: '1', changed: false });
    expect(readdirSync(join(shop.stateFolder, 'artifacts'))).toHaveLength(1);
  });
});

describe('a manager that is closed', () => {
  it('refuses everything after, and closing it again is no failure', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    await manager.deploy('hello');
    await manager.close();
    const closed = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('closed') };
    await expect(manager.invoke('hello')).rejects.toMatchObject(closed);
    await expect(manager.deploy('hello')).rejects.toMatchObject(closed);
    await expect(manager.preWarm('hello', { instances: 1 })).rejects.toMatchObject(closed);
    await manager.close();
  });

  it('in the middle of a deploy: that one is told, and the next manager finds one whole version', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    await manager.deploy('hello');
    let closing: Promise<void> | undefined;
    const deploying = manager.deploy('hello', {
      spec: { ...answering('two'), events: [{ type: 'http', path: '/' }] },
      onProgress: ({ step }) => {
        if (step === 'verify') closing ??= manager.close();
      },
    });
    await expect(deploying).rejects.toMatchObject({ name: 'ServerlessError' });
    await closing;
    const next = await shop.open({ hello: answering('two') });
    expect(await next.invoke('hello')).toMatchObject({ output: 'one', version: '1' });
    await next.deploy('hello');
    expect((await next.invoke('hello')).output).toBe('two');
  });
});

describe('standing instances', () => {
  it('stand again after a restart', async () => {
    const shop = newShop();
    const declared = { hello: { ...answering('one'), minInstances: 2, maxInstances: 2 } };
    const before = await shop.open(declared);
    await before.deploy('hello');
    await before.close();
    const manager = await shop.open(declared);
    await manager.preWarm('hello', { instances: 2 });
    const { warmUps } = await manager.metrics('hello', { last: '1h' });
    // They were there, so that nothing had to be started.
    expect(warmUps).toBe(0);
  });
});

describe('functions of the same name', () => {
  const open = (root: string, app: string, stage: string): Promise<ServerlessManager> =>
    createServerlessManager(
      { app, stage, root, functions: { hello: answering(`${app} ${stage}`) } },
      { telemetry: false },
    );

  it('in other apps and stages are other functions', async () => {
    const { root } = newShop();
    const places = [
      ['shop', 'dev'],
      ['shop', 'live'],
      ['mall', 'dev'],
    ] as const;
    for (const [app, stage] of places) {
      await using manager = await open(root, app, stage);
      expect(await manager.deploy('hello')).toMatchObject({ version: '1' });
    }
    for (const [app, stage] of places) {
      await using manager = await open(root, app, stage);
      expect((await manager.invoke('hello')).output).toBe(`${app} ${stage}`);
      const listed: string[] = [];
      for await (const { name } of manager.list()) listed.push(name);
      expect(listed).toEqual(['hello']);
    }
  });

  it('whose names on the platform are the same are kept apart: the second is refused', async () => {
    const { root } = newShop();
    {
      await using first = await open(root, 'shop-a', 'b');
      await first.deploy('hello');
    }
    {
      await using second = await open(root, 'shop', 'a-b');
      await expect(second.deploy('hello')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      // What another function of ours owns is not to be had by `adopt` either.
      await expect(second.deploy('hello', { adopt: true })).rejects.toThrow(/rename one of them/);
      await expect(second.invoke('hello')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await second.remove('hello')).toEqual({ removed: false });
    }
    await using first = await open(root, 'shop-a', 'b');
    expect((await first.invoke('hello')).output).toBe('shop-a b');
  });
});
