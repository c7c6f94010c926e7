import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerlessManager } from 'polyfaas';
import { createLocalProvider } from 'polyfaas/local';
import { answering, newShop } from './shop.ts';

const route = { type: 'http', id: 'route', path: '/' } as const;

/** Takes a port until told otherwise. */
async function occupiedPort(): Promise<{ readonly port: number; release(): Promise<void> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const release = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  onTestFinished(release);
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, release };
}

/** A disk that is full whenever the named thing is written. */
class FullDisk {
  full: string | undefined;

  async run<Value>(
    name: string,
    _changes: boolean,
    act: () => Value | Promise<Value>,
  ): Promise<Value> {
    if (name === this.full) {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    return act();
  }
}

async function expectVersionOne(manager: ServerlessManager): Promise<void> {
  expect((await manager.describe('hello'))?.liveVersion).toBe('1');
  expect(await manager.invoke('hello')).toMatchObject({ output: 'one', version: '1' });
}

describe('a port that is in use', () => {
  it('is CONFLICT and named; the old version stays live, and a repeat works', async () => {
    const shop = newShop();
    const { port, release } = await occupiedPort();
    const manager = await shop.open({ hello: answering('one') }, { local: { port } });
    await manager.deploy('hello');
    const spec = { ...answering('two'), events: [route] };
    await expect(manager.deploy('hello', { spec })).rejects.toMatchObject({
      code: 'CONFLICT',
      function: 'hello',
      message: expect.stringContaining(`Port ${port}`),
    });
    await expectVersionOne(manager);
    expect(await manager.describe('hello')).toMatchObject({ url: null, bindings: [] });

    await release();
    const { url, version } = await manager.deploy('hello', { spec });
    expect(version).toBe('2');
    expect(url).toContain(String(port));
    expect(await (await fetch(`${url}/`)).text()).toBe('two');
  });

  it('is met by configureEvent too, and nothing is bound', async () => {
    const shop = newShop();
    const { port } = await occupiedPort();
    const manager = await shop.open({ hello: answering('one') }, { local: { port } });
    await manager.deploy('hello');
    await expect(manager.configureEvent('hello', route)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`Port ${port}`),
    });
    expect((await manager.describe('hello'))?.bindings).toEqual([]);
  });
});

describe('a full disk', () => {
  it.each(['artifact.write', 'version.write', 'record.write'])(
    'at %s is QUOTA_EXCEEDED; the old version stays live, and a repeat works',
    async (name) => {
      const shop = newShop();
      const disk = new FullDisk();
      const manager = await shop.open(
        { hello: answering('one') },
        { provider: (parts) => createLocalProvider(parts, disk) },
      );
      await manager.deploy('hello');
      const spec = { ...answering('two'), events: [route] };

      disk.full = name;
      await expect(manager.deploy('hello', { spec })).rejects.toMatchObject({
        code: 'QUOTA_EXCEEDED',
        message: expect.stringContaining('Make room'),
      });
      await expectVersionOne(manager);
      expect(await manager.describe('hello')).toMatchObject({ url: null, bindings: [] });

      disk.full = undefined;
      const { url } = await manager.deploy('hello', { spec });
      expect(await (await fetch(`${url}/`)).text()).toBe('two');
      expect((await manager.describe('hello'))?.versions).toHaveLength(2);
      expect(readdirSync(join(shop.stateFolder, 'artifacts'))).toHaveLength(2);
    },
  );

  it('while old versions are deleted is told, and the next deploy deletes them', async () => {
    const shop = newShop();
    const disk = new FullDisk();
    const manager = await shop.open(
      { hello: { ...answering('one'), keepVersions: 1 } },
      { provider: (parts) => createLocalProvider(parts, disk) },
    );
    await manager.deploy('hello');
    const spec = { ...answering('two'), keepVersions: 1 };
    disk.full = 'versions.delete';
    await expect(manager.deploy('hello', { spec })).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
    });
    expect((await manager.invoke('hello')).output).toBe('two');

    disk.full = undefined;
    await manager.deploy('hello', { spec });
    expect((await manager.describe('hello'))?.versions).toHaveLength(1);
    expect(readdirSync(join(shop.stateFolder, 'artifacts'))).toHaveLength(1);
    expect((await manager.plan('hello', { spec })).steps).toEqual([]);
  });
});

describe('a plan', () => {
  it('whose world has moved on is CONFLICT, and changes nothing', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    const stale = await manager.plan('hello', { spec: answering('two') });
    await manager.deploy('hello');
    await expect(manager.apply(stale)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Make the plan anew'),
    });
    await expectVersionOne(manager);
  });

  it('that came as JSON is applied once', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    const plan = JSON.parse(JSON.stringify(await manager.plan('hello')));
    expect(await manager.apply(plan)).toMatchObject({ version: '1', changed: true });
    await expect(manager.apply(plan)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expectVersionOne(manager);
  });
});

describe('deployAll', () => {
  it('reports the one that fails, and deploys the rest', async () => {
    const shop = newShop();
    const manager = await shop.open({
      first: answering('first'),
      broken: { source: "throw new Error('no database here');" },
      missing: { entry: './not-there.ts' },
      last: answering('last'),
    });
    const { outcomes } = await manager.deployAll();
    expect(outcomes).toMatchObject([
      { name: 'first', status: 'deployed' },
      { name: 'broken', status: 'failed' },
      { name: 'missing', status: 'failed', error: { code: 'INVALID_ARGUMENT' } },
      { name: 'last', status: 'deployed' },
    ]);
    expect((await manager.invoke('first')).output).toBe('first');
    expect((await manager.invoke('last')).output).toBe('last');
    await expect(manager.invoke('broken')).rejects.toMatchObject({ code: 'NOT_FOUND' });

    const again = await manager.deployAll({ only: ['first', 'last'] });
    expect(again.outcomes.map(({ status }) => status)).toEqual(['unchanged', 'unchanged']);
  });
});
