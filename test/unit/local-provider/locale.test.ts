import { describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { newShop } from './shop.ts';

/** Says what time zone and locale it has, and whether the process is ours. */
const where = (env: FunctionSpec['env'], isolation?: 'auto' | 'thread' | 'process') => ({
  source: `
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    export const handler = async () => [new Date(2026, 0, 1).getTimezoneOffset(), timeZone, process.pid];`,
  ...(env ? { env } : {}),
  ...(isolation ? { providerOptions: { local: { isolation } } } : {}),
});

describe('a time zone or a locale in the environment of a function', () => {
  it('holds, for it gets a process', async () => {
    const manager = await newShop().open({ hello: where({ TZ: 'Asia/Tokyo' }) });
    expect(await manager.deploy('hello')).toMatchObject({ warnings: [] });
    const { output } = await manager.invoke('hello');
    expect(output).toEqual([-540, 'Asia/Tokyo', expect.any(Number)]);
    expect(output).not.toContain(process.pid);
  });

  it.each(['LANG', 'LC_ALL', 'LC_TIME'])('asks for a process also as %s', async (name) => {
    const manager = await newShop().open({ hello: where({ [name]: 'de_DE.UTF-8' }) });
    await manager.deploy('hello');
    expect((await manager.invoke('hello')).output).not.toContain(process.pid);
  });

  it.each(['TZDIR', 'LANGUAGE_LEVEL', 'XLC_ALL'])(
    'is not %s, which leaves it a thread',
    async (name) => {
      const manager = await newShop().open({ hello: where({ [name]: 'x' }, 'auto') });
      expect(await manager.deploy('hello')).toMatchObject({ warnings: [] });
      expect((await manager.invoke('hello')).output).toContain(process.pid);
    },
  );

  const env = { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8', OTHER: 'x' };
  const inThread = { isolation: 'thread' };

  it('that the whole provider keeps in threads may have a process where the function asks for one', async () => {
    const hello = where({ TZ: 'Asia/Tokyo' }, 'auto');
    const manager = await newShop().open({ hello }, { local: inThread });
    expect(await manager.deploy('hello')).toMatchObject({ warnings: [] });
    expect((await manager.invoke('hello')).output).toContain('Asia/Tokyo');
  });

  it.each([
    ['the declaration itself', where(env, 'thread'), {}],
    ['the whole provider', where(env), inThread],
  ])('is warned of where %s asks for threads', async (_who, hello, local) => {
    const manager = await newShop().open({ hello }, { local });
    const { warnings } = await manager.deploy('hello');
    expect(warnings).toMatchObject([
      { type: 'ignored', message: expect.stringMatching(/LC_ALL.*isolation/) },
      { type: 'ignored', message: expect.stringMatching(/TZ.*isolation.*"auto" or "process"/) },
    ]);
    expect(JSON.stringify(warnings)).not.toContain('Tokyo');
    expect((await manager.invoke('hello')).output).toContain(process.pid);
  });
});
