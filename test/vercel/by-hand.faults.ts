/** What people do in the dashboard of Vercel between two operations of ours, and what the next one makes of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VARIABLE } from '../../providers/vercel/manifest.ts';
import { at, mapOf, textOf } from '../fakes/vercel/core/json.ts';
import { EVENTS_SOURCE, refusals } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, assertRefusal } = refusals(() => stage);

const handler = (part: string): string =>
  `export const handler = async () => ({ said: '${part}', part: process.env.PART });`;

const of = (app: string, part: string, source = handler(part)) =>
  stage.manager({ app, functions: { main: { source, env: { PART: part } } } });

const said = (part: string) => ({ said: part, part });

async function byHand(method: string, path: string, body?: object): Promise<unknown> {
  const reply = await stage.fake.world.call({ method, path, ...(body && { body }) });
  if (reply.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`);
  return reply.body;
}

const projectOf = (app: string): string => `${app}-dev-main`;

async function deploymentsOf(app: string): Promise<readonly string[]> {
  const listed = at(
    await byHand('GET', `/v6/deployments?projectId=${projectOf(app)}`),
    'deployments',
  );
  return (Array.isArray(listed) ? listed : []).map((one: unknown) => textOf(at(one, 'uid')));
}

/** Newest first, and of one version each. */
async function twoVersions(app: string): Promise<readonly [newer: string, older: string]> {
  await (await of(app, 'a')).deploy('main');
  await (await of(app, 'b')).deploy('main');
  const [newer = '', older = ''] = await deploymentsOf(app);
  return [newer, older];
}

async function switched(app: string, verb: 'promote' | 'rollback', id: string): Promise<void> {
  const version = verb === 'promote' ? 'v10' : 'v1';
  await byHand('POST', `/${version}/projects/${projectOf(app)}/${verb}/${id}`);
  await stage.clock.advance(5_000);
  await pause(1);
}

async function deleteVariable(app: string, prefix: string): Promise<number> {
  const listed = at(await byHand('GET', `/v10/projects/${projectOf(app)}/env`), 'envs');
  const found = (Array.isArray(listed) ? listed : []).filter((one: unknown) =>
    textOf(at(one, 'key')).startsWith(prefix),
  );
  for (const one of found) {
    await byHand('DELETE', `/v9/projects/${projectOf(app)}/env/${textOf(at(one, 'id'))}`);
  }
  return found.length;
}

/** All is as the declaration of `b` says, and nothing is left to be done. */
async function assertSettled(app: string): Promise<void> {
  const manager = await of(app, 'b');
  expect((await manager.invoke('main')).output).toEqual(said('b'));
  expect((await manager.deploy('main')).changed).toBe(false);
  expect((await manager.plan('main', { drift: 'full' })).steps).toEqual([]);
  await manager.remove('main');
  expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
}

describe('another deployment that is put into production by hand', () => {
  it.each(['promote', 'rollback'] as const)(
    'is what is live, by %s; the next deploy brings back what was declared, without another deployment',
    async (verb) => {
      const app = `hand-${verb}`;
      const [newer, older] = await twoVersions(app);
      const manager = await of(app, 'b');
      await manager.invoke('main');
      const versions = (await manager.describe('main'))?.versions.map((one) => one.version) ?? [];
      await switched(app, verb, older);
      expect((await manager.describe('main'))?.liveVersion).toBe(versions[0]);
      expect((await manager.invoke('main')).output).toEqual(said('a'));
      const calls = await stage.during(() => manager.deploy('main'));
      expect(calls.filter((call) => /^(?!GET).*(?:v13|promote|rollback)/.test(call))).toEqual([
        'POST v10/projects/prj/promote/dpl',
      ]);
      expect((await manager.invoke('main')).output).toEqual(said('b'));
      expect(await deploymentsOf(app)).toEqual([newer, older]);
      await assertSettled(app);
    },
  );

  it('may be one that polyfaas did not make: what is live is not known, until the next deploy', async () => {
    const app = 'alien';
    await twoVersions(app);
    const made = await byHand(
      'POST',
      '/v13/deployments?prebuilt=1&skipAutoDetectionConfirmation=1',
      {
        name: projectOf(app),
        target: 'production',
        projectSettings: { framework: null },
        autoAssignCustomDomains: false,
        files: OTHER_FILES,
      },
    );
    await stage.clock.advance(10_000);
    await switched(app, 'promote', textOf(at(made, 'id')));
    const manager = await of(app, 'b');
    expect((await manager.describe('main'))?.liveVersion).toBeNull();
    await assertEarly({ code: 'NOT_FOUND', says: [/main/, /deploy/] }, () =>
      manager.configureEvent('main', { type: 'http', path: '/orders' }),
    );
    expect((await manager.deploy('main')).changed).toBe(true);
    // What is not ours stays.
    expect(await deploymentsOf(app)).toContain(textOf(at(made, 'id')));
    await assertSettled(app);
  });
});

describe('a deployment that is deleted by hand', () => {
  it('of a version that is kept: nobody can go back to it, and the plan that looks at everything says so', async () => {
    const app = 'lost-older';
    const [, older] = await twoVersions(app);
    const manager = await of(app, 'b');
    const [first] = (await manager.describe('main'))?.versions ?? [];
    await byHand('DELETE', `/v13/deployments/${older}`);
    const version = first?.version ?? 'none';
    const back = () => manager.rollback('main', { version });
    await assertRefusal({ code: 'CONFLICT', says: [/deleted/, /same operation again/] }, back);
    await assertEarly({ code: 'NOT_FOUND', says: [new RegExp(`"${version}"`), /kept: /] }, back);
    expect((await manager.invoke('main')).output).toEqual(said('b'));
    const plan = await manager.plan('main', { drift: 'full' });
    expect(plan.warnings.map(({ type }) => type)).toEqual(['drift']);
    await manager.apply(plan);
    expect((await manager.describe('main'))?.versions).toHaveLength(1);
    await assertSettled(app);
  });

  it('of a version that is declared again: the deploy after the one that meets it makes another one', async () => {
    const app = 'lost-declared';
    const [, older] = await twoVersions(app);
    await byHand('DELETE', `/v13/deployments/${older}`);
    const manager = await of(app, 'a');
    await assertRefusal(
      { code: 'CONFLICT', says: [/deleted/, /Run the same operation again/] },
      () => manager.deploy('main'),
    );
    await manager.deploy('main');
    expect((await manager.invoke('main')).output).toEqual(said('a'));
    await (await of(app, 'b')).deploy('main');
    await assertSettled(app);
  });

  it('of the live version: nothing is served, and the next deploy makes another one', async () => {
    const app = 'lost-live';
    const [newer] = await twoVersions(app);
    await byHand('DELETE', `/v13/deployments/${newer}`);
    const manager = await of(app, 'b');
    await assertEarly({ code: 'NOT_FOUND', says: [/main/] }, () => manager.invoke('main'));
    expect((await manager.deploy('main')).changed).toBe(true);
    await assertSettled(app);
  });
});

describe('a variable that is deleted by hand:', () => {
  it('the record: the project is a stranger’s, until it is adopted', async () => {
    const app = 'recordless';
    await twoVersions(app);
    expect(await deleteVariable(app, VARIABLE.record)).toBe(1);
    const manager = await of(app, 'b');
    await assertEarly(
      { code: 'ALREADY_EXISTS', says: [new RegExp(`"${projectOf(app)}"`), /adopt: true/] },
      () => manager.deploy('main'),
    );
    expect(await manager.describe('main')).toBeUndefined();
    expect(await manager.remove('main')).toEqual({ removed: false, warnings: [] });
    await manager.deploy('main', { adopt: true });
    expect((await manager.describe('main'))?.versions).toHaveLength(1);
    await assertSettled(app);
  });

  it('the keys: callers of before go on, others are told, and the next deploy makes new ones', async () => {
    const app = 'keyless';
    await twoVersions(app);
    const before = await of(app, 'b');
    await before.invoke('main');
    expect(await deleteVariable(app, VARIABLE.invokeKeys)).toBe(1);
    expect((await before.invoke('main')).output).toEqual(said('b'));
    const manager = await of(app, 'b');
    await assertEarly(
      { code: 'UNAVAILABLE', says: [/POLYFAAS_INVOKE_KEYS/, /Deploy it again/] },
      () => manager.invoke('main'),
    );
    expect((await manager.deploy('main')).changed).toBe(true);
    expect((await before.invoke('main')).output).toEqual(said('b'));
    await assertSettled(app);
  });

  it('the environment of the version: what serves has its own; the next deploy writes it again', async () => {
    const app = 'envless';
    await twoVersions(app);
    const manager = await of(app, 'b', EVENTS_SOURCE);
    await manager.deploy('main');
    expect(await deleteVariable(app, VARIABLE.env)).toBe(3);
    await manager.invoke('main');
    const event = { type: 'http', id: 'route', path: '/orders' } as const;
    await assertEarly(
      {
        code: 'CONFLICT',
        says: [/without its environment/, /POLYFAAS_ENV_/, /Deploy "main" again/],
      },
      () => manager.configureEvent('main', event),
    );
    const calls = await stage.during(() => manager.deploy('main'));
    expect(calls.filter((call) => /^(?!GET).*(?:ENV_|v13)/.test(call))).toEqual([
      'POST v10/projects/prj/env (POLYFAAS_ENV_*)',
    ]);
    await manager.configureEvent('main', event);
    await (await of(app, 'b')).deploy('main', { prune: true });
    await assertSettled(app);
  });

  it('the secret of the protection: what is behind it cannot be called, and the next deploy makes another', async () => {
    const app = 'bypassless';
    await twoVersions(app);
    await byHand('PATCH', `/v9/projects/${projectOf(app)}`, {
      ssoProtection: { deploymentType: 'all' },
    });
    const manager = await of(app, 'b');
    await manager.invoke('main');
    const project = await byHand('GET', `/v9/projects/${projectOf(app)}`);
    const [revoked = ''] = Object.keys(mapOf(at(project, 'protectionBypass')));
    await byHand('PATCH', `/v1/projects/${projectOf(app)}/protection-bypass`, {
      revoke: { secret: revoked, regenerate: false },
    });
    await assertEarly(
      { code: 'UNAUTHENTICATED', says: [/protection/, /Deploy the function again/] },
      () => manager.invoke('main'),
    );
    const calls = await stage.during(() => manager.deploy('main'));
    expect(calls.filter((call) => /^(?!GET).*(?:bypass|v13)/.test(call))).toEqual([
      'PATCH v1/projects/prj/protection-bypass',
    ]);
    await assertSettled(app);
  });
});

describe('a project that is deleted by hand', () => {
  it('is made anew', async () => {
    const app = 'projectless';
    await twoVersions(app);
    const manager = await of(app, 'b');
    await manager.invoke('main');
    await byHand('DELETE', `/v9/projects/${projectOf(app)}`);
    await stage.fake.settle();
    expect(await manager.describe('main')).toBeUndefined();
    expect((await manager.deploy('main')).changed).toBe(true);
    await assertSettled(app);
  });
});

/** A small project of Vercel's own kind, as a deployment is told of it. */
const OTHER_FILES = Object.entries({
  'config.json': { version: 3, routes: [{ src: '/.*', dest: '/index' }] },
  'functions/index.func/.vc-config.json': {
    runtime: 'nodejs24.x',
    handler: 'index.js',
    launcherType: 'Nodejs',
  },
  'functions/index.func/index.js':
    'module.exports = (_request, response) => response.end("other");',
}).map(([file, content]) => ({
  file: `.vercel/output/${file}`,
  data: typeof content === 'string' ? content : JSON.stringify(content),
}));
