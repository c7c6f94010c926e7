/** Settings of a project that keep events away: whoever deploys is told, and the settings stay as they are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec } from 'polyfaas';
import type { Project } from '../fakes/vercel/projects/store.ts';
import { EVENTS_SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const ROUTE: EventSpec = { type: 'http', id: 'route', method: 'GET', path: '/orders' };
const TICK: EventSpec = { type: 'schedule', id: 'tick', cron: '0 5 * * *' };

let apps = 0;

/** What the deploy after the change warns of. */
async function warned(events: readonly EventSpec[], change: (project: Project) => void) {
  apps += 1;
  const app = `closed-${apps}`;
  const config = { app, functions: { main: { source: EVENTS_SOURCE, events } } };
  const manager = await stage.manager(config);
  expect((await manager.deploy('main')).warnings).toEqual([]);
  const project = stage.fake.world.store.find(`${app}-dev-main`);
  if (!project) throw new Error('It has no project');
  change(project);
  const { changed, warnings } = await manager.deploy('main');
  expect(changed).toBe(false);
  const full = await manager.plan('main', { drift: 'full' });
  expect([full.steps, full.warnings]).toEqual([[], warnings]);
  return warnings;
}

const drift = (...says: readonly RegExp[]) =>
  says.map((message) => ({ type: 'drift', message: expect.stringMatching(message) }));

describe('a deploy warns of', () => {
  it.each([
    ['a sign-in', { ssoProtection: 'all' }, /ssoProtection.*route.*Deployment Protection/],
    ['a sign-in but for domains', { ssoProtection: 'all_except_custom_domains' }, /ssoProtection/],
    [
      'a password',
      { settings: { passwordProtection: { deploymentType: 'all' } } },
      /password.*\(passwordProtection\)/,
    ],
    ...(['all', 'production', 'all_except_custom_domains'] as const).flatMap((deploymentType) =>
      (['additional', 'exclusive'] as const).map(
        (protectionMode) =>
          [
            `trusted addresses of ${deploymentType}, ${protectionMode}`,
            { settings: { trustedIps: { deploymentType, addresses: [], protectionMode } } },
            /\(trustedIps\).*route/,
          ] as const,
      ),
    ),
    ['crons that are off', { cronsDisabledAt: 1 }, /\(crons\).*tick.*Cron Jobs/],
    ['a project that is paused', { gate: 'paused' }, /\(paused\).*route, tick/],
  ] as const)('%s', async (_what, change, says) => {
    const warnings = await warned([ROUTE, TICK], (project) => Object.assign(project, change));
    expect(warnings).toMatchObject(drift(says));
  });
});

describe('a deploy does not warn', () => {
  it.each(['preview', 'prod_deployment_urls_and_all_previews', null] as const)(
    'of protection that is not of production: %s',
    async (ssoProtection) => {
      expect(await warned([ROUTE], (project) => Object.assign(project, { ssoProtection }))).toEqual(
        [],
      );
    },
  );

  it.each([
    ['no event', []],
    ['an event that is off', [{ ...ROUTE, enabled: false }]],
  ] as const)('where there is %s', async (_what, events) => {
    const change = { ssoProtection: 'all', gate: 'open', cronsDisabledAt: 1 };
    expect(await warned(events, (project) => Object.assign(project, change))).toEqual([]);
  });
});

it('is told where nothing is to be done: by an event that is so already, and a rollback to what is live', async () => {
  const manager = await stage.manager({
    app: 'nothing-done',
    functions: { main: { source: EVENTS_SOURCE } },
  });
  const { version } = await manager.deploy('main');
  await manager.configureEvent('main', TICK);
  const project = stage.fake.world.store.find('nothing-done-dev-main');
  Object.assign(project ?? {}, { cronsDisabledAt: 1 });
  const told = drift(/\(crons\).*tick/);
  const again = await manager.configureEvent('main', TICK);
  expect([again.changed, again.warnings]).toMatchObject([false, told]);
  const back = await manager.rollback('main', { version });
  expect([back.changed, back.warnings]).toMatchObject([false, told]);
});

it('is told by the first deploy that meets a project, too, once it is there', async () => {
  stage.fake.world.store.defaultProtection = 'all';
  const functions = { main: { source: EVENTS_SOURCE, events: [ROUTE] } };
  const manager = await stage.manager({ app: 'default', functions });
  await manager.deploy('main');
  expect((await manager.deploy('main')).warnings).toMatchObject(drift(/ssoProtection/));
  stage.fake.world.store.defaultProtection = 'prod_deployment_urls_and_all_previews';
});
