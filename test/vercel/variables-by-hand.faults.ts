/** Variables of ours that somebody, or a policy of the team, makes unreadable or gives another value. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VARIABLE } from '../../providers/vercel/manifest.ts';
import { decodeRecord, encodeRecord } from '../../providers/vercel/record-text.ts';
import { refusals } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

const BY_HAND = { value: '{"PART":"by hand"}' };
const TICK = { type: 'schedule', id: 'tick', cron: '0 0 * * *' } as const;

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertRefusal } = refusals(() => stage);

const SOURCE = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => process.env.PART,
  schedule: async () => {},
};`;

const of = (app: string, tags: Readonly<Record<string, string>> = {}, part = 'declared') =>
  stage.manager({ app, functions: { main: { source: SOURCE, env: { PART: part }, tags } } });

function variableOf(app: string, prefix: string) {
  const variables = stage.fake.world.store.find(`${app}-dev-main`)?.variables.values() ?? [];
  // The newest of that kind.
  const found = [...variables].findLast(({ key }) => key.startsWith(prefix));
  if (!found) throw new Error(`${app} has no ${prefix}`);
  return found;
}

async function edited(app: string, prefix: string, change: object): Promise<void> {
  const path = `/v9/projects/${app}-dev-main/env/${variableOf(app, prefix).id}`;
  const reply = await stage.fake.world.call({ method: 'PATCH', path, body: change });
  expect(reply.status).toBe(200);
}

async function assertSettled(app: string, tags: Readonly<Record<string, string>> = {}) {
  const manager = await of(app, tags);
  expect((await manager.invoke('main')).output).toBe('declared');
  expect((await manager.deploy('main')).changed).toBe(false);
  expect((await manager.plan('main', { drift: 'full' })).steps).toEqual([]);
}

describe('keys that nobody can read', () => {
  it('because they were made sensitive: callers are told, and the next deploy makes others', async () => {
    const app = 'keys-sensitive';
    await (await of(app)).deploy('main');
    await edited(app, VARIABLE.invokeKeys, { type: 'sensitive' });
    const manager = await of(app);
    await assertEarly(
      { code: 'UNAVAILABLE', says: [/POLYFAAS_INVOKE_KEYS/, /sensitive/, /Deploy it again/] },
      () => manager.invoke('main'),
    );
    expect((await manager.deploy('main')).changed).toBe(true);
    expect(variableOf(app, VARIABLE.invokeKeys).type).toBe('encrypted');
    await assertSettled(app);
  });

  it('because they were changed: the plan that looks at everything says so, and repairs them', async () => {
    const app = 'keys-garbled';
    await (await of(app)).deploy('main');
    await edited(app, VARIABLE.invokeKeys, { value: 'garbage' });
    const manager = await of(app);
    await assertEarly({ code: 'UNAVAILABLE', says: [/drift: "full"/] }, () =>
      manager.invoke('main'),
    );
    await manager.apply(await manager.plan('main', { drift: 'full' }));
    await assertSettled(app);
  });

  it('because a policy of the team makes all variables sensitive: refused, with the policy and its place', async () => {
    const app = 'keys-policy';
    stage.fake.world.store.sensitivePolicy = 'on';
    const manager = await of(app);
    const seconds = stage.clock.now();
    await assertRefusal(
      {
        code: 'PERMISSION_DENIED',
        says: [/Enforce Sensitive Environment Variables/, /team settings/, /Turn the policy off/],
      },
      () => manager.deploy('main'),
    );
    expect(stage.clock.now() - seconds).toBeLessThan(30_000);
    stage.fake.world.store.sensitivePolicy = 'off';
    await manager.deploy('main');
    await assertSettled(app);
  });

  it('stay readable where the policy comes later: versions go on being deployed', async () => {
    const app = 'policy-later';
    await (await of(app, {}, 'first')).deploy('main');
    stage.fake.world.store.sensitivePolicy = 'on';
    await (await of(app, {}, 'second')).deploy('main');
    await (await of(app)).deploy('main');
    stage.fake.world.store.sensitivePolicy = 'off';
    expect((await (await of(app)).invoke('main')).output).toBe('declared');
    expect((await (await of(app)).deploy('main')).changed).toBe(false);
  });
});

describe('the environment of a version that was edited', () => {
  it('gets into no deployment that is made again of it', async () => {
    const app = 'env-redeployed';
    await (await of(app)).deploy('main');
    await edited(app, VARIABLE.env, BY_HAND);
    await (await of(app, { team: 'blue' })).deploy('main');
    await assertSettled(app, { team: 'blue' });
  });

  it('is told by the plan that looks at everything, written again, and what may have it is made anew', async () => {
    const app = 'env-drift';
    await (await of(app)).deploy('main');
    await edited(app, VARIABLE.env, BY_HAND);
    const manager = await of(app);
    const plan = await manager.plan('main', { drift: 'full' });
    expect(plan.warnings).toMatchObject([
      { type: 'republish' },
      { type: 'drift', message: expect.stringMatching(/POLYFAAS_ENV_[0-9A-F]{10}/) },
    ]);
    expect(JSON.stringify(plan)).not.toContain('by hand');
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'claim',
      'env',
      'deployment',
      'verify',
      'noted',
      'promote',
      'retire',
      'record',
    ]);
    await manager.apply(plan);
    expect(variableOf(app, VARIABLE.env).value).toBe('{"PART":"declared"}');
    await assertSettled(app);
  });

  it('goes into no deployment with other events: it is refused, and a deploy that looks at everything helps', async () => {
    const app = 'env-events';
    await (await of(app)).deploy('main');
    await edited(app, VARIABLE.env, BY_HAND);
    const manager = await of(app);
    const refusal = { code: 'CONFLICT', says: [/POLYFAAS_ENV_/, /Deploy.*drift: "full"/] } as const;
    await assertRefusal(refusal, () => manager.configureEvent('main', TICK));
    expect((await manager.invoke('main')).output).toBe('declared');
    await manager.deploy('main', { drift: 'full' });
    await manager.configureEvent('main', TICK);
    expect((await manager.removeEvent('main', 'tick')).removed).toBe(true);
    await assertSettled(app);
  });

  it('goes into no deployment of a version that is gone back to', async () => {
    const app = 'env-back';
    await (await of(app)).deploy('main');
    const { key } = variableOf(app, VARIABLE.env);
    await (await of(app, {}, 'second')).deploy('main');
    await edited(app, key, BY_HAND);
    const manager = await of(app);
    await manager.configureEvent('main', TICK);
    await assertRefusal({ code: 'CONFLICT', says: [new RegExp(key), /as that version/] }, () =>
      manager.rollback('main'),
    );
    expect((await manager.invoke('main')).output).toBe('second');
    await manager.deploy('main', { drift: 'full', prune: true });
    await assertSettled(app);
  });

  it('may be live of a version that was noted without its environment: a full look makes it anew', async () => {
    const app = 'env-older';
    await (await of(app)).deploy('main');
    const record = variableOf(app, VARIABLE.record);
    const kept = decodeRecord(record.value);
    const versions = kept?.versions.map((noted) => {
      const { env: _, ...note } = noted;
      return note;
    });
    record.value = encodeRecord({ ...kept, versions }) ?? '';
    const manager = await of(app);
    expect((await manager.deploy('main')).changed).toBe(false);
    await edited(app, VARIABLE.env, BY_HAND);
    await manager.configureEvent('main', TICK);
    expect((await manager.invoke('main')).output).toBe('by hand');
    await manager.deploy('main', { drift: 'full' });
    await assertSettled(app);
  });
});
