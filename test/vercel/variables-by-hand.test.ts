/** Variables of ours that somebody, or a policy of the team, makes unreadable or gives another value. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VARIABLE } from '../../providers/vercel/manifest.ts';
import { refusals } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertRefusal } = refusals(() => stage);

const SOURCE = 'export const handler = async () => process.env.PART;';

const of = (app: string, tags: Readonly<Record<string, string>> = {}, part = 'declared') =>
  stage.manager({ app, functions: { main: { source: SOURCE, env: { PART: part }, tags } } });

function variableOf(app: string, prefix: string) {
  const variables = stage.fake.world.store.find(`${app}-dev-main`)?.variables.values() ?? [];
  const found = [...variables].find(({ key }) => key.startsWith(prefix));
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
    await edited(app, VARIABLE.env, { value: '{"PART":"by hand"}' });
    await (await of(app, { team: 'blue' })).deploy('main');
    await assertSettled(app, { team: 'blue' });
  });

  it('is told by the plan that looks at everything, and written again', async () => {
    const app = 'env-drift';
    await (await of(app)).deploy('main');
    await edited(app, VARIABLE.env, { value: '{"PART":"by hand"}' });
    const manager = await of(app);
    const plan = await manager.plan('main', { drift: 'full' });
    expect(plan.warnings).toMatchObject([
      { type: 'drift', message: expect.stringMatching(/POLYFAAS_ENV_[0-9A-F]{10}/) },
    ]);
    expect(JSON.stringify(plan.warnings)).not.toContain('by hand');
    expect(plan.steps.map(({ id }) => id)).toEqual(['claim', 'env', 'record']);
    await manager.apply(plan);
    expect(variableOf(app, VARIABLE.env).value).toBe('{"PART":"declared"}');
    await assertSettled(app);
  });
});
