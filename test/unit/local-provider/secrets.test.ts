import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { secret, type FunctionSpec, type LogEntry } from 'polyfaas';
import { localOf, newShop } from './shop.ts';

/** Answers with what it finds in its environment. */
const reader = (env: FunctionSpec['env'] = {}): FunctionSpec => ({
  source: 'export const handler = async () => process.env.DB ?? null;',
  env,
});

const withSecret = reader({ DB: secret('orders/db') });

describe('a secret on the local provider', () => {
  it('that is missing is named, with the variable and the next step', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: reader() });
    await manager.deploy('hello');
    const deploying = manager.deploy('hello', { spec: withSecret });
    await expect(deploying).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', function: 'hello' });
    await expect(deploying).rejects.toThrow(/env\.DB: there is no secret "orders\/db".*Set it/);
    // The version without it still serves.
    expect(await manager.invoke('hello')).toMatchObject({ output: null, version: '1' });

    localOf(manager).secrets.set('orders/db', 'first value');
    await manager.deploy('hello', { spec: withSecret });
    expect((await manager.invoke('hello')).output).toBe('first value');
  });

  it('that is set anew reaches new instances, without a deploy', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: withSecret, other: reader({ DB: 'plain' }) });
    const { secrets } = localOf(manager);
    expect(secrets.set('orders/db', 'first value')).toBe('1');
    await manager.deployAll();
    const before = await manager.invoke('hello');
    const other = await manager.invoke('other');
    expect(secrets.set('orders/db', 'second value')).toBe('2');
    const after = await manager.invoke('hello');
    expect([before.output, after.output]).toEqual(['first value', 'second value']);
    expect(after.version).toBe(before.version);
    expect((await manager.plan('hello')).steps).toEqual([]);
    // Nobody else's instances are disturbed.
    expect((await manager.invoke('other')).instanceId).toBe(other.instanceId);
  });

  it('that is pinned to a version stays as it is', async () => {
    const shop = newShop();
    const env = { DB: { ...secret('orders/db'), version: '1' } };
    const manager = await shop.open({ hello: reader(env) });
    localOf(manager).secrets.set('orders/db', 'first value');
    await manager.deploy('hello');
    localOf(manager).secrets.set('orders/db', 'second value');
    expect((await manager.invoke('hello')).output).toBe('first value');
  });

  it('that was deleted is named by the next call, and works again once it is back', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: withSecret });
    const { secrets } = localOf(manager);
    secrets.set('orders/db', 'first value');
    await manager.deploy('hello');
    secrets.delete('orders/db');
    expect(secrets.list()).toEqual([]);
    await expect(manager.invoke('hello')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('"orders/db"'),
    });
    secrets.set('orders/db', 'third value');
    expect((await manager.invoke('hello')).output).toBe('third value');
  });

  it('is in no plan, no description, no record, and no log', async () => {
    const shop = newShop();
    const value = 'hunter2-hunter2';
    const logged: string[] = [];
    const manager = await shop.open(
      { hello: withSecret },
      { log: { log: (...line) => void logged.push(JSON.stringify(line)) } },
    );
    localOf(manager).secrets.set('orders/db', value);
    const plan = await manager.plan('hello');
    await manager.deploy('hello');
    const lines: LogEntry[] = [];
    for await (const line of manager.logs('hello')) lines.push(line);
    const seen = JSON.stringify([plan, await manager.describe('hello'), logged, lines]);
    expect(seen).not.toContain(value);
    await manager.close();
    expect(readFileSync(join(shop.stateFolder, 'state.db'), 'latin1')).not.toContain(value);
  });

  it('file that is damaged is named, and none of it is quoted', async () => {
    const shop = newShop();
    const manager = await shop.open({ hello: withSecret });
    localOf(manager).secrets.set('orders/db', 'first value');
    const file = join(shop.stateFolder, 'secrets.json');
    writeFileSync(file, '{"orders/db": ["first value"');
    const deploying = manager.deploy('hello');
    await expect(deploying).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(deploying).rejects.toThrow(file);
    await expect(deploying).rejects.not.toThrow('first value');
  });
});
