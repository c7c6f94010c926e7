/** What is not over yet when an operation begins: promotions that go on by themselves, and what died processes left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LimitsSpec } from 'polyfaas';
import { diesAfter } from './support/dying.ts';
import { mainFunctions } from './support/main-functions.ts';
import { refusals } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertRefusal } = refusals(() => stage);

const PROMOTES = /^POST .*\/promote\//;

const handler = (part: string): string => `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => '${part}',
  http: async () => new Response('${part}'),
  schedule: async () => {},
};`;

const of = (app: string, part: string, limits: LimitsSpec = {}) =>
  stage.manager({
    app,
    limits,
    functions: { main: { source: handler(part), env: { PART: part } } },
  });

const said = async (app: string): Promise<unknown> =>
  (await (await of(app, 'a')).invoke('main')).output;

const { deployed, linesOf, promotionEnds } = mainFunctions(() => stage, of);

/** What is live is known, can be called, and given an event. */
async function assertKnown(app: string, part: string): Promise<void> {
  expect(await said(app)).toBe(part);
  const manager = await of(app, part);
  const { liveVersion, versions = [] } = (await manager.describe('main')) ?? {};
  expect(versions.map(({ version }) => version)).toContain(liveVersion);
  await manager.configureEvent('main', { type: 'schedule', id: 'tick', cron: '0 0 * * *' });
  expect(await said(app)).toBe(part);
  await manager.deploy('main', { prune: true });
  expect((await manager.deploy('main')).changed).toBe(false);
  expect((await manager.plan('main', { drift: 'full' })).steps).toEqual([]);
  expect(linesOf(app, 'POLYFAAS_RECORD_')).toHaveLength(1);
}

describe('a promotion that a deploy asked for, which died then,', () => {
  it('is not overlooked by prune: it is refused until the promotion is over', async () => {
    const app = 'promoted';
    await deployed(app, 'a', 'b');
    // One that repeats what fails takes its time, and the promotion may be over by then.
    const deployer = await of(app, 'c', { maxAttempts: 1 });
    await diesAfter(stage, PROMOTES, () => deployer.deploy('main'));
    const manager = await of(app, 'c');
    await assertEarly(
      { code: 'CONFLICT', says: [/"promoted-dev-main"/, /promotion is under way/, /again/] },
      () => manager.prune('main', { keepVersions: 1 }),
    );
    await promotionEnds();
    expect((await manager.prune('main', { keepVersions: 1 })).removedVersions).toHaveLength(2);
    expect(linesOf(app, 'deployment of')).toHaveLength(1);
    await assertKnown(app, 'c');
  });

  it.each([
    ['another deploy', /\/env\?/, (app: string) => of(app, 'd')],
    ['a deploy of the version before', /\/env\?/, (app: string) => of(app, 'b')],
  ] as const)('is not forgotten by %s that dies, too', async (what, call, next) => {
    const app = `twice-${what.length}`;
    await deployed(app, 'a', 'b');
    const deployer = await of(app, 'c');
    await diesAfter(stage, PROMOTES, () => deployer.deploy('main'));
    const manager = await next(app);
    // The first write is the claim.
    await diesAfter(stage, new RegExp(`^POST .*(?:${call.source})`), () => manager.deploy('main'));
    await promotionEnds();
    await assertKnown(app, 'c');
  });

  it('is not forgotten by a rollback that dies, too', async () => {
    const app = 'twice-back';
    await deployed(app, 'a', 'b');
    const deployer = await of(app, 'c');
    await diesAfter(stage, PROMOTES, () => deployer.deploy('main'));
    const manager = await of(app, 'c');
    await diesAfter(stage, /^POST .*\/env\?/, () => manager.rollback('main'));
    await promotionEnds();
    await assertKnown(app, 'c');
  });

  it('is not forgotten by a deploy that notes its own, and dies before its switch', async () => {
    const app = 'noted';
    await deployed(app, 'a', 'b');
    const deployer = await of(app, 'c');
    await diesAfter(stage, PROMOTES, () => deployer.deploy('main'));
    const manager = await of(app, 'd');
    await diesAfter(stage, /^POST .*\/polyfaas\/invoke/, () => manager.deploy('main'));
    await promotionEnds();
    await assertKnown(app, 'c');
  });
});

describe('prune beside the deploy of another process', () => {
  it.each(['there', 'back'] as const)('leaves what is about to go live known (%s)', async (way) => {
    const app = `beside-${way}`;
    await deployed(app, 'a', 'b');
    const [deployer, pruner] = [await of(app, 'c'), await of(app, 'b')];
    let pruned: Promise<unknown> = Promise.resolve();
    stage.fake.meanwhile.once(way, PROMOTES, async () => {
      pruned = Promise.allSettled([pruner.prune('main', { keepVersions: 1 })]);
      await pruned;
    });
    await Promise.allSettled([deployer.deploy('main')]);
    await pruned;
    await promotionEnds();
    await (await of(app, 'c')).invoke('main');
    await assertKnown(app, String(await said(app)));
  });

  it('is refused by its own look when a promotion begins after its plan', async () => {
    const app = 'begins';
    await deployed(app, 'a', 'b');
    const [deployer, pruner] = [await of(app, 'c'), await of(app, 'b')];
    const { meanwhile } = stage.fake;
    const promoting = Promise.withResolvers<undefined>();
    let pruning: Promise<unknown> = Promise.resolve();
    meanwhile.once('there', PROMOTES, async () => {
      const planned = Promise.withResolvers<undefined>();
      meanwhile.once('there', /^POST .*\/env\?/, async () => {
        planned.resolve(undefined);
        await promoting.promise;
      });
      meanwhile.once('back', PROMOTES, () => promoting.resolve(undefined));
      pruning = assertRefusal({ code: 'CONFLICT', says: [/promotion/, /again/] }, () =>
        pruner.prune('main', { keepVersions: 1 }),
      );
      await planned.promise;
    });
    const deploying = Promise.allSettled([deployer.deploy('main')]);
    await promoting.promise;
    await pruning;
    await deploying;
    await promotionEnds();
    await assertKnown(app, 'c');
  });
});
