/** A whole life of a function, against a fake that speaks Vercel's wire and really runs what is uploaded. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerlessError, type FunctionSpec } from 'polyfaas';
import { saying } from '../support/life/saying.ts';
import { assertComesBack, assertFound, assertWholeLife } from '../support/life/whole-life.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

type Declared = Omit<FunctionSpec, 'source' | 'entry' | 'image' | 'artifact'>;

const managerOf = (spec: Declared & { readonly source?: string }, app = 'shop') =>
  stage.manager({ app, functions: { orders: { source: saying('one'), ...spec } } });

describe('a function on Vercel', () => {
  it('is deployed, called, changed, rolled back and removed', () =>
    assertWholeLife(stage, { memoryMb: 512 }));

  it('comes back after it was removed', () => assertComesBack(stage));

  it('is found by whoever has the same declaration, and listed', () => assertFound(stage));
});

describe('two deploys at once', () => {
  it.each([
    ['of a function that is new', false],
    ['of one that is there', true],
  ])('%s: one of them is served, whole, and the other is told so', async (_what, isThere) => {
    const app = isThere ? 'raced' : 'racing';
    if (isThere) await (await managerOf({ env: { PART: '0' } }, app)).deploy('orders');
    const wishes = ['1', '2'] as const;
    const managers = await Promise.all(
      wishes.map((part) => managerOf({ source: saying(part), env: { PART: part } }, app)),
    );
    const ends = await Promise.allSettled(managers.map((manager) => manager.deploy('orders')));
    const lost = ends.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
    for (const error of lost) {
      expect(ServerlessError.isInstance(error) && error.code).toBe('CONFLICT');
      expect(String(error)).toMatch(/same operation again|[Pp]lan again|once more/);
    }
    expect(lost.length).toBeLessThan(2);
    const [one, two] = managers;
    const { output } = (await one?.invoke('orders', 0)) ?? {};
    expect([1, 2].map((part) => ({ said: `${part}`, part: `${part}`, input: 0 }))).toContainEqual(
      output,
    );
    await two?.deploy('orders');
    expect((await one?.invoke('orders', 0))?.output).toMatchObject({ said: '2', part: '2' });
    expect((await two?.deploy('orders'))?.changed).toBe(false);
    expect((await two?.plan('orders', { drift: 'full' }))?.steps).toEqual([]);
    await two?.remove('orders');
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });
});

describe('an account on Hobby', () => {
  it('goes back as far as versions are kept: by promotion, where Vercel rolls back no further', async () => {
    const { plan } = stage.fake.world;
    const app = 'hobbyist';
    const versions: string[] = [];
    for (const part of ['1', '2', '3']) {
      versions.push(
        (await (await managerOf({ env: { PART: part } }, app)).deploy('orders')).version,
      );
    }
    const [first = '', second = ''] = versions;
    plan.tier = 'hobby';
    try {
      const manager = await managerOf({ env: { PART: '3' } }, app);
      const switches = async (version: string): Promise<readonly string[]> =>
        (await stage.during(() => manager.rollback('orders', { version }))).filter((call) =>
          /\/(?:promote|rollback)\//.test(call),
        );
      expect(await switches(first)).toEqual([
        'POST v1/projects/prj/rollback/dpl (402)',
        'POST v10/projects/prj/promote/dpl',
      ]);
      expect((await manager.invoke('orders', 1)).output).toMatchObject({ part: '1' });
      expect(await switches(second)).toHaveLength(2);
      expect((await manager.invoke('orders', 1)).output).toMatchObject({ part: '2' });
      const declared = await managerOf({ env: { PART: '1' } }, app);
      expect((await declared.deploy('orders')).version).toBe(first);
      expect((await declared.deploy('orders')).changed).toBe(false);
      await declared.remove('orders');
    } finally {
      plan.tier = 'pro';
    }
  });

  it('has no metrics of Vercel’s: those of this process are told, and told as such', async () => {
    const { plan } = stage.fake.world;
    plan.observability = false;
    try {
      const manager = await managerOf({}, 'unobserved');
      await manager.deploy('orders');
      await manager.invoke('orders', 1);
      await manager.invoke('orders', 2);
      expect(await manager.metrics('orders', { last: '1h' })).toMatchObject({
        source: 'calls of this process',
        coverage: 'own-calls',
        invocations: 2,
        errors: 0,
        coldStarts: expect.any(Number),
        maxMemoryMb: null,
      });
      const other = await managerOf({}, 'unobserved');
      expect(await other.metrics('orders', { last: '1h' })).toMatchObject({
        coverage: 'own-calls',
        invocations: 0,
        durationMs: null,
      });
      await manager.remove('orders');
    } finally {
      plan.observability = true;
    }
  });
});

describe('another key of direct calls', () => {
  it('is taken up by callers of before, and versions of before can still be called and gone back to', async () => {
    const app = 'rotated';
    const of = (invokeKeyId: string, part = '1') =>
      managerOf({ env: { PART: part }, providerOptions: { vercel: { invokeKeyId } } }, app);
    const first = await of('k1');
    const { version } = await first.deploy('orders');
    await first.invoke('orders', 0);
    const second = await of('k2', '2');
    await second.deploy('orders');
    // The key of before is known as well: nobody reads anything anew.
    expect(await stage.during(() => first.invoke('orders', 1))).toEqual([
      'POST edge polyfaas/invoke',
    ]);
    const older = await (await of('k2', '2')).invoke('orders', 1, { version });
    expect(older.output).toMatchObject({ part: '1' });
    // Two are valid, and no more: who has the first one reads them once.
    const third = await of('k3', '2');
    expect((await third.deploy('orders')).warnings.map(({ type }) => type)).toEqual(['republish']);
    expect((await first.invoke('orders', 2)).output).toMatchObject({ part: '2' });
    expect(await stage.during(() => first.invoke('orders', 3))).toHaveLength(1);
    // A deployment of before knows neither of the two: gone back to, the version is deployed anew.
    expect((await third.rollback('orders')).version).toBe(version);
    expect((await first.invoke('orders', 4)).output).toMatchObject({ part: '1' });
    expect((await third.invoke('orders', 4)).output).toMatchObject({ part: '1' });
    await third.remove('orders');
  });
});

describe('a domain of one’s own', () => {
  it('is told as the address of the routes, once it leads there', async () => {
    const app = 'named';
    const events = [{ type: 'http', path: '/orders' }] as const;
    const http = `export default { [Symbol.for('polyfaas.function')]: true, http: async () => new Response('hello') };`;
    const plain = await managerOf({ source: http, events }, app);
    const { url } = await plain.deploy('orders');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const domain = 'api.example.com';
    const named = await managerOf(
      { source: http, events, providerOptions: { vercel: { domain } } },
      app,
    );
    const calls = await stage.during(async () => {
      expect((await named.deploy('orders')).url).toBe(url);
    });
    // It is only noted: nothing is deployed for it.
    expect(calls.filter((call) => call.startsWith('POST v13/'))).toEqual([]);
    expect((await named.describe('orders'))?.url).toBe(url);
    // Somebody gives it to the project.
    const project = stage.fake.world.store.find('named-dev-orders');
    if (project) project.aliases = [...project.aliases, domain];
    expect((await named.describe('orders'))?.url).toBe('https://api.example.com');
    expect(await named.deploy('orders')).toMatchObject({
      changed: false,
      url: 'https://api.example.com',
    });
    expect(await (await fetch(`${url}/orders`)).text()).toBe('hello');
    await named.remove('orders');
  });
});
