/** A switch that fails, or is broken off: the package that is served meets its own settings, and no others. */
import { describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { createStage, type Stage } from '../../azure/support/stage.ts';

const KEYED = /^POLYFAAS_P([0-9a-f]{10})_/;
const old = { type: 'http', id: 'way', path: '/old' } as const;
const next = { type: 'http', id: 'way', path: '/new' } as const;
const leaving = { type: 'queue', id: 'leaving', queue: 'leaving', create: true } as const;
const coming = { type: 'queue', id: 'coming', queue: 'coming', create: true } as const;
const tick = (cron: string) => ({ type: 'schedule', id: 'tick', cron }) as const;

/** Says its name, and puts down what it got from queues and what it was told of asynchronous calls. */
function code(name: string, before = ''): string {
  return `${before}
export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => '${name}',
  http: async () => new Response('${name}'),
  schedule: async () => undefined,
  queue: async ({ messages }) => { for (const { data } of messages) console.log('GOT ${name} ' + data); },
};`;
}

const BROKEN = "if (process.env.BROKEN === 'yes') throw new Error('no database');";

const first: FunctionSpec = { source: code('one'), events: [old, leaving, tick('0 3 * * *')] };
const second: FunctionSpec = { source: code('two'), events: [next, coming, tick('0 4 * * *')] };

async function open(stage: Stage, spec: FunctionSpec) {
  return stage.manager({ functions: { main: spec } });
}

async function textAt(url: string | null, path: string): Promise<string> {
  const reply = await fetch(`${url ?? ''}${path}`);
  return reply.status === 200 ? reply.text() : String(reply.status);
}

function put(stage: Stage, queue: string, text: string): void {
  const [line = ''] = stage.fake
    .inventory()
    .filter((one) => one.startsWith('storage queue ') && one.endsWith(`/${queue}`));
  const [account = ''] = line.slice('storage queue '.length).split('/');
  stage.fake.world.queues.put(account, queue, Buffer.from(text).toString('base64'));
}

async function got(stage: Stage, text: string): Promise<void> {
  const manager = await open(stage, first);
  await stage.until(`"${text}" is in the log`, async () => {
    for await (const { message } of manager.logs('main', { last: '1h' })) {
      if (message === text) return true;
    }
    return false;
  });
}

function settingsOf(stage: Stage): Readonly<Record<string, string>> {
  const [id = ''] = stage.fake.world.web.siteIds();
  return stage.fake.world.web.settingsOf(id);
}

function keysOf(stage: Stage): ReadonlySet<string> {
  const names = Object.keys(settingsOf(stage));
  return new Set(names.flatMap((name) => KEYED.exec(name)?.[1] ?? []));
}

async function isWhollyFirst(stage: Stage, url: string | null): Promise<void> {
  await stage.until('the host is there', async () => (await textAt(url, '/old')) !== '503');
  expect(await textAt(url, '/old')).toBe('one');
  expect(await textAt(url, '/new')).toBe('404');
  put(stage, 'leaving', 'b');
  await got(stage, 'GOT one b');
}

describe.each(['flex', 'consumption', 'premium'] as const)(
  'a version that does not start, on %s',
  (plan) => {
    const on = (spec: FunctionSpec): FunctionSpec => ({
      ...spec,
      providerOptions: { azure: { plan } },
    });

    it('leaves the one before with the events and the rules that it had', async () => {
      await using stage = await createStage();
      const manager = await open(stage, on({ ...first, async: { retry: { maxAttempts: 2 } } }));
      const { url } = await manager.deploy('main');
      const before = settingsOf(stage);
      const { bindings } = (await manager.describe('main')) ?? {};

      const failing = await open(
        stage,
        on({
          ...second,
          source: code('two', BROKEN),
          env: { BROKEN: 'yes' },
          handles: ['invoke', 'http', 'schedule', 'queue'],
        }),
      );
      await expect(failing.deploy('main')).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
      await isWhollyFirst(stage, url);
      expect((await manager.invoke('main')).output).toBe('one');
      // What it reads is word for word what it was.
      const own = Object.entries(before).filter(([name]) => KEYED.test(name));
      expect(own.map(([name]) => name.replace(KEYED, ''))).toContain('B_TICK_SCHEDULE');
      expect(own.map(([name]) => name.replace(KEYED, ''))).toContain('ASYNC');
      expect(settingsOf(stage)).toMatchObject(Object.fromEntries(own));
      expect((await manager.describe('main'))?.bindings).toEqual(bindings);

      const mended = await open(stage, on(second));
      await mended.deploy('main');
      expect(await textAt(url, '/new')).toBe('two');
      expect(await textAt(url, '/old')).toBe('404');
      put(stage, 'coming', 'c');
      await got(stage, 'GOT two c');
      const full = await mended.plan('main', { drift: 'full' });
      expect(full.steps).toEqual([]);
    });
  },
);

describe('a deploy that is broken off', () => {
  it.each(['settings', 'upload', 'pending'])(
    'after "%s" changes nothing of what is served',
    async (until) => {
      await using stage = await createStage();
      const manager = await open(stage, first);
      const { url } = await manager.deploy('main');
      const stop = new AbortController();
      const cut = await open(stage, second);
      const deploying = cut.deploy('main', {
        signal: stop.signal,
        onProgress: ({ step, status }) => {
          if (step === until && status === 'done') stop.abort();
        },
      });
      await expect(deploying).rejects.toMatchObject({ code: 'CANCELLED' });
      await stage.clock.advance(10_000);
      await isWhollyFirst(stage, url);
      await cut.deploy('main');
      expect(await textAt(url, '/new')).toBe('two');
      expect((await cut.deploy('main')).changed).toBe(false);
    },
  );
});

describe('settings of packages', () => {
  it('are written anew with those of the bindings alone, and go when nothing needs them', async () => {
    await using stage = await createStage();
    const manager = await open(stage, first);
    await manager.deploy('main');
    const [key, ...more] = keysOf(stage);
    expect(more).toEqual([]);
    // Other code, the same events: nothing of them is written.
    const other = await open(stage, { ...first, source: code('other') });
    const calls = await stage.during(() => other.deploy('main'));
    expect(calls.filter((call) => call.includes('PUT') && call.includes('appsettings'))).toEqual(
      [],
    );
    expect([...keysOf(stage)]).toEqual([key]);
    // Other events, and other names: those of the package before stay until nobody can need them.
    const changed = await open(stage, second);
    const { url } = await changed.deploy('main');
    expect(keysOf(stage).size).toBe(2);
    expect(keysOf(stage)).toContain(key);
    const timed = await open(stage, { ...second, events: [next, coming, tick('0 5 * * *')] });
    await timed.deploy('main');
    expect(keysOf(stage).size).toBe(1);
    expect(keysOf(stage)).not.toContain(key);
    expect(await textAt(url, '/new')).toBe('two');
    expect((await timed.deploy('main')).changed).toBe(false);
    // An event alone takes the rules of asynchronous calls along.
    await timed.configureEvent('main', { type: 'queue', id: 'more', queue: 'more', create: true });
    expect((await timed.invoke('main', null, { mode: 'async' })).requestId).toBeTruthy();
    put(stage, 'more', 'd');
    await got(stage, 'GOT two d');
    const back = await timed.rollback('main');
    expect(back.version).toBeTruthy();
    expect(await textAt(url, '/new')).toBe('other');
  });
});
