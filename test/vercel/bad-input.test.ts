/**
 * What Vercel, or what there is on it, does not allow, and how it is refused: the right code; a message that names the
 * field or the resource, the value, and the next step; nothing written where it could be known before; and never a
 * credential.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { secret, type FunctionSpec, type PolyfaasConfig } from 'polyfaas';
import { projectName } from '../../providers/vercel/names.ts';
import type { VercelOptions } from '../../providers/vercel/options.ts';
import { keepEnvironment } from '../support/environment.ts';
import { EVENTS_SOURCE, refusals, SOURCE, type Refusal } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal, assertEarly, deploying } = refusals(() => stage);

const plain: FunctionSpec = { source: SOURCE };
const projectOf = (app: string): string => projectName({ app, stage: 'dev', name: 'main' });
const withVercel = (vercel: VercelOptions, config: PolyfaasConfig = {}) =>
  deploying(plain, { config: { ...config, providerOptions: { vercel } } });

describe('where and who', () => {
  it('an address where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    await once(server, 'close');
    const api = `http://127.0.0.1:${port}`;
    await assertEarly(
      { code: 'UNAVAILABLE', says: [/providerOptions\.vercel\.endpoints/] },
      withVercel({ endpoints: { api } }, { limits: { maxAttempts: 1 } }),
    );
  });

  it('no token', async () => {
    const restore = keepEnvironment();
    delete process.env['VERCEL_TOKEN'];
    const before = stage.calls.length;
    try {
      await assertEarly(
        {
          code: 'UNAUTHENTICATED',
          says: [/VERCEL_TOKEN/, /providerOptions\.vercel\.token/, /vercel\.com\/account/],
        },
        // @ts-expect-error -- absent, as in JavaScript
        withVercel({ token: undefined }),
      );
    } finally {
      restore();
    }
    expect(stage.calls.slice(before)).toEqual([]);
  });

  it('a token that Vercel does not know', async () => {
    await assertEarly(
      {
        code: 'UNAUTHENTICATED',
        says: [/access token/, /VERCEL_TOKEN/, /providerOptions\.vercel\.token/],
      },
      withVercel({ token: 'vcp_longgoneandforgotten' }),
    );
  });

  it('a team that is somebody else’s', async () => {
    await assertEarly(
      {
        code: 'PERMISSION_DENIED',
        says: [/providerOptions\.vercel\.team/, /VERCEL_TEAM_ID/, /team_somebodyelses/],
      },
      withVercel({ team: 'team_somebodyelses' }),
    );
  });

  it('a team that there is not', async () => {
    await assertEarly(
      { code: 'NOT_FOUND', says: [/providerOptions\.vercel\.team/, /"somebody-elses"/, /slug/] },
      withVercel({ team: 'somebody-elses' }),
    );
  });

  it('the team by its slug, and that of the environment', async () => {
    const restore = keepEnvironment();
    const deployedBy = async (
      team: string | undefined,
      app: string,
    ): Promise<readonly string[]> => {
      // @ts-expect-error -- absent, as in JavaScript
      await withVercel({ team }, { app })();
      return stage.fake.inventory().filter((line) => line === `project ${projectOf(app)}`);
    };
    try {
      const { teamSlug, teamId } = stage.fake.world.account;
      expect(await deployedBy(teamSlug, 'by-slug')).toHaveLength(1);
      process.env['VERCEL_TEAM_ID'] = teamId;
      expect(await deployedBy(undefined, 'by-environment')).toHaveLength(1);
      // What is given goes before the environment, also with the vendor's client.
      process.env['VERCEL_TEAM_ID'] = 'team_somebodyelses';
      expect(await deployedBy(teamId, 'by-option')).toHaveLength(1);
    } finally {
      restore();
    }
  });
});

describe('what the plan of the account has', () => {
  afterEach(() => {
    stage.fake.world.plan.tier = 'pro';
  });

  it.each<readonly [string, FunctionSpec, Refusal]>([
    [
      'memory',
      { ...plain, memoryMb: 4096 },
      { code: 'INVALID_ARGUMENT', says: [/memoryMb/, /4096/, /Hobby 2048 MB/, /Lower it/] },
    ],
    [
      'time',
      { ...plain, timeoutSeconds: 600 },
      { code: 'INVALID_ARGUMENT', says: [/timeoutSeconds/, /Hobby 300 s/, /Lower it/] },
    ],
    [
      'regions',
      { ...plain, providerOptions: { vercel: { regions: ['fra1', 'iad1'] } } },
      { code: 'INVALID_ARGUMENT', says: [/vercel\.regions/, /Hobby/, /one region/] },
    ],
    [
      'crons',
      { source: EVENTS_SOURCE, events: [{ type: 'schedule', every: '1 hour' }] },
      { code: 'QUOTA_EXCEEDED', says: [/daily cron jobs/, /0 \* \* \* \*/, /change the plan/] },
    ],
  ])('more %s than it has: the version before is served on', async (kind, spec, refusal) => {
    const app = `plan-${kind}`;
    const modest: FunctionSpec = { source: EVENTS_SOURCE };
    const manager = await stage.manager({ app, functions: { main: modest } });
    const { version } = await manager.deploy('main');
    stage.fake.world.plan.tier = 'hobby';
    await assertRefusal(refusal, deploying(spec, { config: { app } }));
    expect((await manager.describe('main'))?.liveVersion).toBe(version);
    await manager.invoke('main');
    await manager.deploy('main');
    expect((await manager.deploy('main')).changed).toBe(false);
    await manager.remove('main');
    expect(stage.fake.inventory().filter((line) => line.includes(app))).toEqual([]);
  });

  it('a region that Vercel has not', async () => {
    await assertRefusal(
      { code: 'INVALID_ARGUMENT', says: [/region/i, /zzz1/] },
      deploying(plain, { config: { region: 'zzz1' } }),
    );
  });
});

describe('names', () => {
  it('a project of somebody else’s; adopted, it is ours', async () => {
    const name = projectOf('taken');
    const stranger = await stage.fake.stranger(name);
    const config = { app: 'taken' };
    await assertEarly(
      { code: 'ALREADY_EXISTS', says: [new RegExp(`"${name}"`), /adopt: true/] },
      deploying(plain, { config }),
    );
    expect(await stranger.untouched()).toBe(true);
    const manager = await stage.manager({ ...config, functions: { main: plain } });
    await manager.deploy('main', { adopt: true });
    expect((await manager.invoke('main')).output).toBe(1);
    expect((await manager.deploy('main')).changed).toBe(false);
  });

  it('a project of another function of ours', async () => {
    const projectNames = { main: 'shared-by-two' };
    await withVercel({ projectNames }, { app: 'first' })();
    await assertEarly(
      { code: 'ALREADY_EXISTS', says: [/"shared-by-two"/, /app "second"/, /[Rr]ename/] },
      withVercel({ projectNames }, { app: 'second' }),
    );
  });

  it('a project that somebody makes meanwhile', async () => {
    const app = 'meanwhile';
    const manager = await stage.manager({ app, functions: { main: plain } });
    const plan = await manager.plan('main');
    const stranger = await stage.fake.stranger(projectOf(app));
    await assertEarly({ code: 'CONFLICT', says: [/main/] }, () => manager.apply(plan));
    expect(await stranger.untouched()).toBe(true);
  });
});

describe('what the declaration names', () => {
  it('a secret that is not there, and the version before is served on', async () => {
    stage.fake.world.projects.setSharedVariable('there', 'value');
    const config = { app: 'secretive' };
    const there = { ...plain, env: { DB: secret('there') } };
    await deploying(there, { config })();
    await assertEarly(
      {
        code: 'NOT_FOUND',
        says: [/env/, /"orders\/absent"/, /orders_absent/, /production/, /Team Settings/],
      },
      deploying({ ...there, env: { DB: secret('orders/absent') } }, { config }),
    );
    const manager = await stage.manager({ ...config, functions: { main: there } });
    expect((await manager.invoke('main')).output).toBe(1);
    expect((await manager.deploy('main')).changed).toBe(false);
  });

  it('a secret that is not there, of a function that is new: nothing is made', async () => {
    await assertEarly(
      { code: 'NOT_FOUND', says: [/env/, /"absent"/] },
      deploying({ ...plain, env: { DB: secret('absent') } }, { config: { app: 'secretless' } }),
    );
    expect(stage.fake.inventory().filter((line) => line.includes('secretless'))).toEqual([]);
  });

  it('a function that is not deployed', async () => {
    const manager = await stage.manager({ app: 'nowhere', functions: { main: plain } });
    const refusal = {
      code: 'NOT_FOUND',
      says: [/main/, /[Dd]eploy it first|not deployed/],
    } as const;
    await assertEarly(refusal, () => manager.invoke('main'));
    await assertEarly(refusal, () => manager.preWarm('main', { instances: 1 }));
    await assertEarly(refusal, () => manager.metrics('main', { last: '1h' }));
    await assertEarly(refusal, async () => {
      for await (const line of manager.logs('main', { last: '1h' })) void line;
    });
    await assertEarly({ code: 'NOT_FOUND', says: [/main/] }, () => manager.rollback('main'));
    await assertEarly({ code: 'NOT_FOUND', says: [/main/] }, () =>
      manager.configureEvent('main', { type: 'http', path: '/orders' }),
    );
  });

  it('a version that is not kept', async () => {
    const manager = await stage.manager({ app: 'versions', functions: { main: plain } });
    const { version } = await manager.deploy('main');
    await assertEarly({ code: 'NOT_FOUND', says: [/"0123456789"/, new RegExp(version)] }, () =>
      manager.rollback('main', { version: '0123456789' }),
    );
    await assertEarly({ code: 'NOT_FOUND', says: [/0123456789/, /describe/] }, () =>
      manager.invoke('main', 1, { version: '0123456789' }),
    );
  });

  it('an input that is larger than a request', async () => {
    const manager = await stage.manager({ app: 'large', functions: { main: plain } });
    await manager.deploy('main');
    const input = 'x'.repeat(4_500_000);
    for (const mode of ['sync', 'async'] as const) {
      await assertEarly({ code: 'PAYLOAD_TOO_LARGE', says: [/45000\d\d|4,?500,?0\d\d/] }, () =>
        manager.invoke('main', input, { mode }),
      );
    }
  });
});
