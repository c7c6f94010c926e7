import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secret, type FunctionSpec, type LogEntry } from 'polyfaas';
import { SecretFile } from '../../../providers/local/state/secrets.ts';
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
    await expect(deploying).rejects.toMatchObject({ code: 'NOT_FOUND', function: 'hello' });
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
      code: 'NOT_FOUND',
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

describe('the file of the secrets', () => {
  const opened = (text?: string): { readonly secrets: SecretFile; readonly file: string } => {
    const { root } = newShop();
    const file = join(root, 'secrets.json');
    if (text !== undefined) writeFileSync(file, text);
    return { secrets: new SecretFile(root, () => {}, 'process'), file };
  };

  it.each([
    '{"db": ["a value"',
    'null',
    '[]',
    '[["a value"]]',
    '5',
    '"a value"',
    '{"db": "a value"}',
    '{"db": [5]}',
    '{"db": ["a value", null]}',
    '{"db": {"0": "a value"}}',
  ])('that holds %s is refused, not quoted, and left as it is', (text) => {
    const { secrets, file } = opened(text);
    const refusal = expect.objectContaining({ code: 'UNAVAILABLE', provider: 'local' });
    const env = { DB: secret('db') };
    for (const use of [
      () => secrets.list(),
      () => secrets.set('other', 'x'),
      () => secrets.delete('db'),
      () => secrets.resolve(env),
    ]) {
      expect(use).toThrow(refusal);
      expect(use).toThrow(/Restore it, or delete it and set the secrets again/);
      expect(use).not.toThrow('a value');
    }
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('that cannot be written or read says why, with the next step', () => {
    const { secrets, file } = opened();
    secrets.set('db', 'first');
    mkdirSync(`${file}.draft`);
    expect(() => secrets.set('db', 'second')).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE', message: expect.stringContaining(file) }),
    );
    expect(secrets.resolve({ DB: secret('db') })).toEqual({ DB: 'first' });
    rmSync(file);
    mkdirSync(file);
    expect(() => secrets.list()).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE', message: expect.stringContaining(file) }),
    );
  });

  it.runIf(existsSync('/dev/full'))('on a full disk is QUOTA_EXCEEDED, and nothing is lost', () => {
    const { secrets, file } = opened();
    secrets.set('db', 'first');
    symlinkSync('/dev/full', `${file}.draft`);
    expect(() => secrets.set('db', 'second')).toThrow(
      expect.objectContaining({ code: 'QUOTA_EXCEEDED', provider: 'local' }),
    );
    expect(secrets.resolve({ DB: secret('db') })).toEqual({ DB: 'first' });
  });
});

describe('secrets.set', () => {
  const secrets = (): SecretFile => new SecretFile(newShop().root, () => {}, 'process');

  it.each(['', 'bad name', 'a//b', '../a', 'a/', '-a', 'x'.repeat(129), '__proto__'])(
    'refuses the name %j, as secret() does',
    (name) => {
      expect(() => secret(name)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
      const set = (): string => secrets().set(name, 'hunter2');
      expect(set).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
      expect(set).toThrow(/is no name of a secret\. Use letters/);
      expect(set).not.toThrow('hunter2');
    },
  );

  it('has the rule of secret(), whatever the name', () => {
    const store = secrets();
    const isRefused = (use: () => unknown): boolean => {
      try {
        use();
        return false;
      } catch {
        return true;
      }
    };
    const names = fc.oneof(
      fc.string({ maxLength: 140 }),
      fc.stringMatching(/^[A-Za-z0-9/_.@+= -]{0,130}$/),
    );
    fc.assert(
      fc.property(names, (name) => {
        expect(isRefused(() => store.set(name, 'x'))).toBe(isRefused(() => secret(name)));
      }),
    );
  });

  it('refuses a value that no process can be given, and names the secret alone', () => {
    const store = secrets();
    const set = (): string => store.set('orders/db', 'hunter2\0hunter3');
    expect(set).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(set).toThrow(/"orders\/db".*NUL/);
    expect(set).not.toThrow('hunter');
    expect(store.list()).toEqual([]);
  });
});
