/** Answers in place of a new version: those that pass by themselves are waited for, and others told at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gate } from '../fakes/vercel/projects/store.ts';
import { refusals } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal } = refusals(() => stage);

const of = (app: string, part: string) =>
  stage.manager({
    app,
    functions: { main: { source: `export const handler = async () => '${part}';` } },
  });

const projectOf = (app: string) => {
  const found = stage.fake.world.store.find(`${app}-dev-main`);
  if (!found) throw new Error(`There is no project of ${app}`);
  return found;
};

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = stage.clock.now();
  await work();
  return (stage.clock.now() - began) / 1_000;
}

/** Two versions can be called once it is open again. */
async function assertGoesOn(app: string): Promise<void> {
  expect((await (await of(app, 'a')).invoke('main')).output).toBe('a');
  await (await of(app, 'b')).deploy('main');
  expect((await (await of(app, 'b')).invoke('main')).output).toBe('b');
}

describe('a deploy whose version is not answered for says at once why:', () => {
  it.each([
    ['paused', 'QUOTA_EXCEEDED', [/paused/, /Resume it/]],
    ['disabled', 'QUOTA_EXCEEDED', [/disabled/, /billing/]],
    ['firewall', 'PERMISSION_DENIED', [/firewall/, /\/polyfaas\/invoke/]],
  ] as const)('the project is %s', async (gate: Gate, code, says) => {
    const app = `gate-${gate}`;
    await (await of(app, 'a')).deploy('main');
    projectOf(app).gate = gate;
    const manager = await of(app, 'b');
    const seconds = await secondsOf(() =>
      assertRefusal({ code, says }, () => manager.deploy('main')),
    );
    expect(seconds).toBeLessThan(30);
    projectOf(app).gate = 'open';
    await assertGoesOn(app);
  });

  it('its protection does not know the secret, also after some time', async () => {
    const app = 'protected';
    await (await of(app, 'a')).deploy('main');
    const project = projectOf(app);
    // What the API tells is not what the edge knows.
    const { bypassSecretsOf } = stage.fake.world.projects;
    Object.assign(stage.fake.world.projects, {
      bypassSecretsOf: (id: string) => (id === project.id ? [] : bypassSecretsOf(id)),
    });
    const manager = await of(app, 'b');
    const seconds = await secondsOf(() =>
      assertRefusal({ code: 'UNAUTHENTICATED', says: [/protection/, /bypass/] }, () =>
        manager.deploy('main'),
      ),
    );
    Object.assign(stage.fake.world.projects, { bypassSecretsOf });
    expect(seconds).toBeGreaterThan(15);
    expect(seconds).toBeLessThan(60);
    await assertGoesOn(app);
  });

  it('somebody deleted its deployment', async () => {
    const app = 'deleted';
    await (await of(app, 'a')).deploy('main');
    const manager = await of(app, 'b');
    stage.fake.meanwhile.once('there', /\/polyfaas\/invoke/, async () => {
      const { body } = await stage.fake.world.call({
        method: 'GET',
        path: `/v6/deployments?projectId=${projectOf(app).id}`,
      });
      const { deployments }: { deployments: readonly { uid: string; url: string }[] } =
        Object(body);
      await stage.fake.world.call({
        method: 'DELETE',
        path: `/v13/deployments/${deployments[0]?.uid}`,
      });
      const answer = await fetch(`http://${deployments[0]?.url}`);
      expect([answer.status, answer.headers.get('x-vercel-error')]).toEqual([
        410,
        'DEPLOYMENT_DELETED',
      ]);
    });
    const seconds = await secondsOf(() =>
      assertRefusal({ code: 'CONFLICT', says: [/deployment was deleted/, /again/] }, () =>
        manager.deploy('main'),
      ),
    );
    expect(seconds).toBeLessThan(30);
    await assertGoesOn(app);
  });
});

describe('a version that is looked at until it answers', () => {
  const LOOKS = 4;

  it('is called with what was read once', async () => {
    const app = 'looked';
    await (await of(app, 'a')).deploy('main');
    const manager = await of(app, 'b');
    const { projects } = stage.fake.world;
    const { deploymentOfHost } = projects;
    let left = LOOKS - 1;
    Object.assign(projects, {
      deploymentOfHost(host: string) {
        if (left === 0) return deploymentOfHost(host);
        left -= 1;
        return undefined;
      },
    });
    const calls = await stage.during(() => manager.deploy('main'));
    Object.assign(projects, { deploymentOfHost });
    expect(calls.filter((call) => call.startsWith('POST edge'))).toHaveLength(LOOKS);
    // Of the keys, which are read for nothing else here.
    expect(calls.filter((call) => call === 'GET v1/projects/prj/env/*')).toHaveLength(1);
    expect((await manager.invoke('main')).output).toBe('b');
  });

  it('is called with others once those are refused', async () => {
    const app = 'rotated';
    await (await of(app, 'a')).deploy('main');
    const manager = await of(app, 'b');
    const { projects } = stage.fake.world;
    const { bypassSecretsOf } = projects;
    let left = LOOKS - 1;
    projectOf(app).ssoProtection = 'all';
    Object.assign(projects, {
      bypassSecretsOf(id: string) {
        if (left === 0) return bypassSecretsOf(id);
        left -= 1;
        return [];
      },
    });
    const calls = await stage.during(() => manager.deploy('main'));
    Object.assign(projects, { bypassSecretsOf });
    expect(calls.filter((call) => call === 'GET v1/projects/prj/env/*')).toHaveLength(LOOKS);
    expect((await manager.invoke('main')).output).toBe('b');
  });
});
