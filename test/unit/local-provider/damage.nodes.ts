import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import { LOCAL } from 'polyfaas/local';
import { answering, newShop, type Shop } from './shop.ts';

/** Where the code of the only function is. */
function codeOf(shop: Shop, file = 'index.mjs'): string {
  const [digest = ''] = readdirSync(join(shop.stateFolder, 'artifacts'));
  return join(shop.stateFolder, 'artifacts', digest, file);
}

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

describe('code that was damaged behind the back of the provider', () => {
  it.each<readonly [string, (path: string) => void]>([
    ['empty', (path) => writeFileSync(path, '')],
    ['cut', (path) => writeFileSync(path, readFileSync(path).subarray(0, 100))],
    [
      'of zeros, as a power loss leaves it',
      (path) => writeFileSync(path, readFileSync(path).fill(0)),
    ],
    ['gone', (path) => rmSync(path)],
  ])('%s is noticed by the next deploy, and put back', async (_how, damage) => {
    const shop = newShop();
    const before = await shop.open({ hello: answering('one') });
    await before.deploy('hello');
    await before.close();
    damage(codeOf(shop));

    const manager = await shop.open({ hello: answering('one') });
    await expect(manager.invoke('hello')).rejects.toMatchObject({ name: 'ServerlessError' });
    expect(await manager.deploy('hello')).toMatchObject({
      version: '1',
      changed: true,
      warnings: [{ type: 'drift', message: expect.stringContaining('damaged') }],
    });
    expect((await manager.invoke('hello')).output).toBe('one');
    expect(await manager.deploy('hello', { drift: 'full' })).toMatchObject({ changed: false });
    expect(readdirSync(join(shop.stateFolder, 'artifacts'))).toHaveLength(1);
  });

  it('is not reused for a version with other settings', async () => {
    const shop = newShop();
    const before = await shop.open({ hello: answering('one') });
    await before.deploy('hello');
    await before.close();
    writeFileSync(codeOf(shop), '');

    const manager = await shop.open({ hello: { ...answering('one'), memoryMb: 300 } });
    expect(await manager.deploy('hello')).toMatchObject({ version: '2', changed: true });
    expect((await manager.invoke('hello')).output).toBe('one');
  });

  it('is put back file by file: an instance that runs keeps the folder that it stands in', async () => {
    const shop = newShop();
    const source = `
      import { readFileSync } from 'node:fs';
      export const handler = async () => [process.cwd(), readFileSync('index.mjs').length > 0];`;
    const hello = { source, providerOptions: { local: { isolation: 'process' as const } } };
    const manager = await shop.open({ hello });
    await manager.deploy('hello');
    const before = await manager.invoke('hello');
    const listed = readdirSync(codeOf(shop, '.'));
    writeFileSync(codeOf(shop), '');
    expect(await manager.deploy('hello')).toMatchObject({ version: '1', changed: true });
    const after = await manager.invoke('hello');
    expect(after).toMatchObject({ output: [codeOf(shop, ''), true], coldStart: false });
    expect(after.instanceId).toBe(before.instanceId);
    expect(readdirSync(codeOf(shop, '.'))).toEqual(listed);
  });

  it('is noticed in large code when all is to be read, and never taken for a new version', async () => {
    const shop = newShop();
    shop.write({ 'large.bin': 'a'.repeat(5_000_000) });
    const source = `
      import { readFileSync } from 'node:fs';
      export const handler = async () =>
        readFileSync(new URL('./large.bin', import.meta.url), 'utf8').slice(0, 1);`;
    const hello = { source, package: { include: ['large.bin'] } };
    const manager = await shop.open({ hello });
    await manager.deploy('hello');
    const damage = () => writeFileSync(codeOf(shop, 'large.bin'), 'b'.repeat(5_000_000));
    damage();
    expect(await manager.deploy('hello')).toMatchObject({ changed: false });
    expect(await manager.deploy('hello', { drift: 'full' })).toMatchObject({ changed: true });
    expect((await manager.invoke('hello')).output).toBe('a');
    damage();
    const spec = { ...hello, memoryMb: 300 };
    expect(await manager.deploy('hello', { spec })).toMatchObject({ version: '2' });
    expect((await manager.invoke('hello')).output).toBe('a');
  });

  it('list of files that is damaged is damage too', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    await manager.deploy('hello');
    writeFileSync(codeOf(shop, '.polyfaas-code.json'), '{"index.mjs":');
    expect(await manager.deploy('hello')).toMatchObject({ changed: true });
    expect(await manager.deploy('hello')).toMatchObject({ changed: false });
  });

  it('of an earlier release, which kept no list of files, goes on working', async () => {
    const shop = newShop();
    const before = await shop.open({ hello: answering('one') });
    await before.deploy('hello');
    await before.close();
    rmSync(codeOf(shop, '.polyfaas-code.json'));
    const manager = await shop.open({ hello: answering('one') });
    expect(await manager.deploy('hello')).toMatchObject({ version: '1', changed: false });
    expect((await manager.invoke('hello')).output).toBe('one');
  });
});

describe('a state folder that goes while a manager has it', () => {
  it.each([
    ['is deleted', (folder: string) => rmSync(folder, { recursive: true })],
    ['is moved', (folder: string) => renameSync(folder, `${folder}-moved`)],
    ['loses its state file', (folder: string) => rmSync(join(folder, 'state.db'))],
  ])('and %s: nothing is accepted that would be lost', async (_how, spoil) => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    await manager.deploy('hello');
    spoil(shop.stateFolder);
    const { sources, secrets } = manager.native(LOCAL) ?? {};
    const gone = { name: 'ServerlessError', code: 'UNAVAILABLE' };
    await expect(sources?.queue('q').send(1)).rejects.toMatchObject({
      ...gone,
      message: expect.stringContaining('deleted, moved or replaced'),
    });
    await expect(sources?.bucket('b').put('k', 'v')).rejects.toMatchObject(gone);
    await expect(manager.deploy('hello', { spec: answering('two') })).rejects.toMatchObject(gone);
    expect(() => secrets?.set('db', 'value')).toThrow('deleted, moved or replaced');
    await manager.close();
  });

  it('by its manager being closed: its secrets are not written to behind the next one', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: answering('one') });
    await manager.close();
    const next = await shop.open({ hello: answering('one') });
    expect(() => manager.native(LOCAL)?.secrets.set('db', 'value')).toThrow('was closed');
    expect(next.native(LOCAL)?.secrets.list()).toEqual([]);
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
      expect(await second.remove('hello')).toEqual({ removed: false, warnings: [] });
    }
    await using first = await open(root, 'shop-a', 'b');
    expect((await first.invoke('hello')).output).toBe('shop-a b');
  });
});
