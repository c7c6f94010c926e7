import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answering, localOf, newShop, type Shop, type ShopOptions } from './shop.ts';

const functions = { hello: answering('one') };

const modeOf = (...path: readonly string[]): number => statSync(join(...path)).mode & 0o777;

const opened = (shop: Shop, options?: ShopOptions) => shop.open(functions, options);

describe('the state folder of the local provider', () => {
  it('has one manager: the second gets CONFLICT, and a closed one makes room', async () => {
    const shop = newShop();
    const first = await opened(shop);
    await expect(opened(shop)).rejects.toMatchObject({
      code: 'CONFLICT',
      provider: 'local',
      message: expect.stringContaining(shop.stateFolder),
    });
    await first.deploy('hello');
    await first.close();
    const second = await opened(shop);
    expect((await second.invoke('hello')).output).toBe('one');
  });

  it('that is damaged is UNAVAILABLE, named with the next step, and left as it is', async () => {
    const shop = newShop();
    mkdirSync(shop.stateFolder);
    const path = join(shop.stateFolder, 'state.db');
    const garbage = 'this is no database '.repeat(500);
    writeFileSync(path, garbage);
    await expect(opened(shop)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/Move it aside/),
    });
    await expect(opened(shop)).rejects.toThrow(path);
    expect(readFileSync(path, 'utf8')).toBe(garbage);
  });

  it('whose file is a folder is UNAVAILABLE, named with the next step', async () => {
    const shop = newShop();
    const path = join(shop.stateFolder, 'state.db');
    mkdirSync(path, { recursive: true });
    await expect(opened(shop)).rejects.toMatchObject({ code: 'UNAVAILABLE', provider: 'local' });
    await expect(opened(shop)).rejects.toThrow(/is a folder\. Move it aside\./);
    await expect(opened(shop)).rejects.toThrow(path);
  });

  it('that the provider made is not for git, which would take the secrets in it', async () => {
    const shop = newShop();
    await opened(shop);
    expect(readFileSync(join(shop.stateFolder, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('that was there has the .gitignore that it had', async () => {
    const [none, own] = [newShop(), newShop()];
    mkdirSync(none.stateFolder);
    mkdirSync(own.stateFolder);
    writeFileSync(join(own.stateFolder, '.gitignore'), 'mine');
    await opened(none);
    await opened(own);
    expect(existsSync(join(none.stateFolder, '.gitignore'))).toBe(false);
    expect(readFileSync(join(own.stateFolder, '.gitignore'), 'utf8')).toBe('mine');
  });

  it('is for its owner only, and so are the secrets in it', async () => {
    const shop = newShop();
    const manager = await opened(shop);
    await manager.deploy('hello');
    localOf(manager).secrets.set('orders/db', 'value');
    expect(modeOf(shop.stateFolder)).toBe(0o700);
    expect(modeOf(shop.stateFolder, 'secrets.json')).toBe(0o600);
    expect(modeOf(shop.stateFolder, 'state.db')).toBe(0o600);
    expect(modeOf(shop.stateFolder, 'artifacts') & 0o077).toBe(0);
  });

  it('keeps what was deployed for the next manager, standing bindings too', async () => {
    const shop = newShop();
    const declared = {
      hello: {
        ...answering('one'),
        events: [{ type: 'http', path: '/', method: 'GET' }],
      },
    } as const;
    const before = await shop.open(declared);
    await before.deploy('hello');
    await before.configureEvent('hello', { type: 'queue', queue: 'orders', id: 'orders' });
    await before.close();

    const after = await shop.open(declared);
    const description = await after.describe('hello');
    expect(description).toMatchObject({ liveVersion: '1' });
    expect(description?.bindings.map(({ id, origin }) => [id, origin])).toContainEqual([
      'orders',
      'api',
    ]);
    expect((await after.plan('hello')).steps).toEqual([]);
    const response = await fetch(`${description?.url}/`);
    expect(await response.text()).toBe('one');
  });
});

describe('settings of the local provider', () => {
  it('that are wrong are named, all of them', async () => {
    const shop = newShop();
    const local = { port: 99_999, isolation: 'vm', durability: 'maybe', stateFoldr: 'x' };
    const opening = opened(shop, { local });
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', provider: 'local' });
    for (const name of ['port', 'isolation', 'durability']) {
      await expect(opening).rejects.toThrow(`providerOptions.local.${name}`);
    }
    await expect(opening).rejects.toThrow('stateFoldr');
  });

  it.each<readonly [object, string]>([
    [
      { port: '80' },
      'providerOptions.local.port: "80" is not allowed. Give a whole number from 0 to 65,535.',
    ],
    [
      { port: 99_999 },
      'providerOptions.local.port: 99999 is not allowed. Give a whole number from 0 to 65,535.',
    ],
    [
      { idleSeconds: 0 },
      'providerOptions.local.idleSeconds: 0 is not allowed. Give a number from 1 to 86,400.',
    ],
    [
      { isolaton: 'thread' },
      'providerOptions.local.isolaton: unknown field. Did you mean "isolation"? Rename or remove it.',
    ],
    [
      { isolation: 'proces' },
      'providerOptions.local.isolation: "proces" is not allowed. Give one of "auto", "thread", "process". Did you mean "process"?',
    ],
    [{ durability: 5 }, '.durability: 5 is not allowed. Give one of "process", "power".'],
    [
      { maxBodyBytes: 1.5 },
      '.maxBodyBytes: 1.5 is not allowed. Give a whole number from 1 to 1,073,741,824.',
    ],
    [{ maxWaiting: -1 }, '.maxWaiting: -1 is not allowed. Give a whole number from 0 to 100,000.'],
    [{ stateFolder: '' }, '.stateFolder: "" is not allowed. Give a text that is not empty.'],
    [{ host: ['::'] }, '.host: a list is not allowed. Give an address to listen on'],
    [{ allowedHosts: 'a' }, '.allowedHosts: "a" is not allowed. Give a list of host names.'],
    [{ allowedHosts: ['a', {}] }, '.allowedHosts[1]: an object is not allowed. Give a host name.'],
  ])(
    'that are wrong, as %j, say the value, what is allowed, and what was meant',
    async (...given) => {
      const [local, message] = given;
      await expect(opened(newShop(), { local })).rejects.toThrow(message);
    },
  );

  it('that are unknown are told with those that are known', async () => {
    const opening = opened(newShop(), { local: { foo: 1, bar: { secret: 'hunter2' } } });
    await expect(opening).rejects.toMatchObject({
      details: {
        issues: [
          {
            path: 'providerOptions.local.foo',
            message: expect.stringMatching(
              /^unknown field\. Remove it\. Known fields of providerOptions\.local: .*stateFolder/,
            ),
          },
          { path: 'providerOptions.local.bar' },
        ],
      },
    });
    await expect(opening).rejects.not.toThrow('hunter2');
  });

  it('of one function are checked before anything is packaged', async () => {
    const shop = newShop();
    const declared = {
      hello: {
        entry: './not-there.ts',
        providerOptions: { local: { idleSeconds: 0, maxWaiting: -1 } },
      },
    };
    const manager = await shop.open(declared);
    const deploying = manager.deploy('hello');
    await expect(deploying).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', function: 'hello' });
    for (const name of ['idleSeconds', 'maxWaiting']) {
      await expect(deploying).rejects.toThrow(`functions.hello.providerOptions.local.${name}`);
    }
    await expect(deploying).rejects.toThrow('0 is not allowed. Give a number from 1');
  });
});
