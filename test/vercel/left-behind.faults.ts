/** What a process that died has left behind, and that the next operation of whatever kind takes it into account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord } from '../../providers/vercel/record-text.ts';
import { diesAfter } from './support/dying.ts';
import { mainFunctions } from './support/main-functions.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const SOURCE = (part: string): string => `
let ticks = 0;
export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => ({ part: '${part}', ticks }),
  http: async () => new Response('served'),
  schedule: async () => { ticks += 1; },
};`;

const of = (app: string, part: string, maxAttempts = 4) => {
  const functions = { main: { source: SOURCE(part), env: { PART: part } } };
  return stage.manager({ app, functions, limits: { maxAttempts } });
};

const { deployed, linesOf, promotionEnds } = mainFunctions(() => stage, of);

/** Nothing is there but what belongs to the one version. */
async function assertTidy(app: string, part: string): Promise<void> {
  const manager = await of(app, part);
  expect((await manager.describe('main'))?.versions).toHaveLength(1);
  expect(linesOf(app, 'deployment of')).toHaveLength(1);
  expect(linesOf(app, 'POLYFAAS_ENV_')).toHaveLength(1);
  expect(linesOf(app, 'POLYFAAS_FILES_')).toHaveLength(1);
  expect(linesOf(app, 'POLYFAAS_RECORD_')).toHaveLength(1);
  expect((await manager.invoke('main')).output).toMatchObject({ part });
  expect((await manager.deploy('main')).changed).toBe(false);
  expect((await manager.prune('main', { keepVersions: 1 })).removedVersions).toEqual([]);
}

describe('what is left of a prune that died', () => {
  it.each([
    ['its claim', /^POST .*\/env\?/],
    ['one deployment', /^DELETE .*\/deployments\//],
    ['one variable', /^DELETE .*\/env\//],
  ] as const)('after %s is pruned by the next', async (what, call) => {
    const app = `pruned-${what.length}`;
    await deployed(app, 'a', 'b', 'c');
    const dying = await of(app, 'c');
    await diesAfter(stage, call, () => dying.prune('main', { keepVersions: 1 }));
    const manager = await of(app, 'c');
    const { removedVersions } = await manager.prune('main', { keepVersions: 1 });
    expect(removedVersions).toEqual([]);
    await assertTidy(app, 'c');
  });
});

describe('what is left of a deploy that died', () => {
  it('before its switch is pruned: its deployment and its variables', async () => {
    const app = 'staged';
    await deployed(app, 'a', 'b');
    const dying = await of(app, 'c');
    await diesAfter(stage, /\/polyfaas\/invoke/, () => dying.deploy('main'));
    const manager = await of(app, 'b');
    expect((await manager.prune('main', { keepVersions: 1 })).removedVersions).toHaveLength(1);
    await assertTidy(app, 'b');
  });

  it('is pruned where no version is too many', async () => {
    const app = 'staged-one';
    await deployed(app, 'a');
    const dying = await of(app, 'b');
    await diesAfter(stage, /\/polyfaas\/invoke/, () => dying.deploy('main'));
    const manager = await of(app, 'a');
    expect((await manager.prune('main', { keepVersions: 1 })).removedVersions).toEqual([]);
    await assertTidy(app, 'a');
  });
});

describe('a deploy that wrote an environment again, which somebody had changed, and died', () => {
  it.each([
    ['the write', /^PATCH .*\/env\//],
    ['the look at what it made', /\/polyfaas\/invoke/],
  ] as const)(
    'after %s has told that what is live may have the change: the next makes it anew',
    async (what, call) => {
      const app = `renewed-${what.length}`;
      await deployed(app, 'a');
      const project = stage.fake.world.store.find(`${app}-dev-main`);
      const live = project?.productionId;
      const env = [...(project?.variables.values() ?? [])].find(({ key }) =>
        key.startsWith('POLYFAAS_ENV_'),
      );
      if (env) env.value = '{"PART":"by hand"}';
      const dying = await of(app, 'a');
      await diesAfter(stage, call, () => dying.deploy('main', { drift: 'full' }));
      await (await of(app, 'a')).deploy('main');
      expect(project?.productionId).not.toBe(live);
      await assertTidy(app, 'a');
    },
  );
});

describe('an event whose configureEvent died', () => {
  const PROMOTES = /^POST .*\/promote\//;

  async function statusOf(app: string): Promise<number> {
    const url = new URL((await (await of(app, 'a')).describe('main'))?.url ?? 'http://none');
    return (await fetch(new URL('/orders', url))).status;
  }

  it('is removed by removeEvent: the route answers no more', async () => {
    const app = 'route-died';
    await deployed(app, 'a');
    const dying = await of(app, 'a');
    const keeping = { type: 'http', id: 'keeping', method: 'GET', path: '/kept' } as const;
    await dying.configureEvent('main', keeping);
    await diesAfter(stage, PROMOTES, () =>
      dying.configureEvent('main', { type: 'http', id: 'route', method: 'GET', path: '/orders' }),
    );
    await promotionEnds();
    expect(await statusOf(app)).toBe(200);
    const manager = await of(app, 'a');
    expect(await manager.removeEvent('main', 'route')).toEqual({
      removed: true,
      warnings: [expect.objectContaining({ type: 'republish' })],
    });
    expect(await statusOf(app)).toBe(404);
    expect(await manager.removeEvent('main', 'route')).toMatchObject({ removed: false });
    expect((await manager.describe('main'))?.bindings.map(({ id }) => id)).toEqual(['keeping']);
  });

  it('is removed while its promotion goes on', async () => {
    const app = 'route-goes-on';
    await deployed(app, 'a');
    // Pauses between attempts would last until the promotion has ended.
    const dying = await of(app, 'a', 1);
    await dying.configureEvent('main', { type: 'http', id: 'keeping', path: '/kept' });
    await diesAfter(stage, PROMOTES, () =>
      dying.configureEvent('main', { type: 'http', id: 'route', method: 'GET', path: '/orders' }),
    );
    const manager = await of(app, 'a');
    expect(await manager.removeEvent('main', 'route')).toEqual({ removed: true, warnings: [] });
    await promotionEnds();
    expect(await statusOf(app)).toBe(404);
  });

  it('is removed by removeEvent: the schedule ticks no more, also after a prune', async () => {
    const app = 'tick-died';
    await deployed(app, 'a');
    const dying = await of(app, 'a');
    await diesAfter(stage, PROMOTES, () =>
      dying.configureEvent('main', { type: 'schedule', id: 'tick', cron: '* * * * *' }),
    );
    await promotionEnds();
    const manager = await of(app, 'a');
    await manager.prune('main', { keepVersions: 1 });
    expect(await manager.removeEvent('main', 'tick')).toMatchObject({ removed: true });
    for (let minute = 0; minute < 3; minute += 1) {
      await stage.clock.advance(60_000);
      await stage.fake.settle();
    }
    expect((await manager.invoke('main')).output).toMatchObject({ ticks: 0 });
    expect(await manager.removeEvent('main', 'tick')).toEqual({ removed: false, warnings: [] });
  });

  it('is not there to be removed where nothing of it came into service', async () => {
    const app = 'never-there';
    await deployed(app, 'a');
    const manager = await of(app, 'a');
    const before = stage.fake.faults.writes;
    expect(await manager.removeEvent('main', 'tick')).toEqual({ removed: false, warnings: [] });
    expect(stage.fake.faults.writes).toBe(before);
  });
});

describe('two processes that make the same function at the same time', () => {
  const LOOKS = /^GET .*meta-polyfaasDigest/;

  it('come to an end, at least one of them, and what is left over goes with a full look', async () => {
    const app = 'both';
    const [one, other] = [await of(app, 'a'), await of(app, 'a')];
    const looked = Promise.withResolvers<undefined>();
    stage.fake.meanwhile.once('back', LOOKS, () => looked.promise);
    stage.fake.meanwhile.once('back', LOOKS, () => looked.resolve(undefined));
    const ends = await Promise.allSettled([one.deploy('main'), other.deploy('main')]);
    const failed = ends.filter((end) => end.status === 'rejected');
    expect(failed.length).toBeLessThan(2);
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'CONFLICT' });
    await promotionEnds();
    await (await of(app, 'a')).deploy('main');
    await (await of(app, 'a')).deploy('main', { drift: 'full' });
    await assertTidy(app, 'a');
  });
});

describe('a deployment of ours that no note names', () => {
  it('is told and deleted by the plan that looks at everything', async () => {
    const app = 'stray';
    await deployed(app, 'a');
    const project = stage.fake.world.store.find(`${app}-dev-main`);
    const dying = await of(app, 'b');
    await diesAfter(stage, /\/polyfaas\/invoke/, () => dying.deploy('main'));
    // As if what was begun had been forgotten.
    const records = [...(project?.variables.values() ?? [])].filter(({ key }) =>
      key.startsWith('POLYFAAS_RECORD_'),
    );
    expect(records).toHaveLength(1);
    const [record] = records;
    if (record) {
      const kept = decodeRecord(record.value);
      record.value = encodeRecord({ ...kept, next: null }) ?? '';
    }
    const manager = await of(app, 'a');
    expect((await manager.deploy('main')).changed).toBe(false);
    const plan = await manager.plan('main', { drift: 'full' });
    expect(plan.warnings).toMatchObject([
      { type: 'drift', message: expect.stringMatching(/No version has dpl_\w+/) },
    ]);
    await manager.apply(plan);
    await assertTidy(app, 'a');
  });
});
