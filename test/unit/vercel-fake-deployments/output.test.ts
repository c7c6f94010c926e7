import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../fakes/vercel/deployments/build/limits.ts';
import { checkOutput } from '../../fakes/vercel/deployments/build/output.ts';
import {
  call,
  CONFIG,
  deploy,
  deployFolder,
  folderOf,
  FUNCTION,
  FUNCTION_CONFIG,
  outputOf,
  ROUTES,
  startTeam,
  textAt,
} from './support.ts';

describe('an output that Vercel does not take', () => {
  const config = (given: object) => ({
    [`${FUNCTION}/.vc-config.json`]: { ...FUNCTION_CONFIG, ...given },
  });
  const top = (given: object) => ({ [CONFIG]: { version: 3, routes: ROUTES, ...given } });
  const cron = (path: string, schedule: string) => top({ crons: [{ path, schedule }] });
  const trigger = (given: object) =>
    config({
      experimentalTriggers: [{ type: 'queue/v2beta', topic: 'orders', consumer: 'c', ...given }],
    });
  const cases: readonly (readonly [string, object, string])[] = [
    ['no version', { [CONFIG]: {} }, 'version: 3'],
    ['no config', { [CONFIG]: '' }, 'config.json'],
    ['unknown setting', top({ cron: [] }), '"cron" in config.json'],
    ['memory that is no number', config({ memory: '512' }), '"memory" is not a number'],
    ['memory of another plan', config({ memory: 8_192 }), 'memory size between 128 and 4096'],
    ['too long', config({ maxDuration: 1_801 }), 'maxDuration between 1 and 1800 for plan pro'],
    ['no runtime', config({ runtime: undefined }), '"runtime" is not a string'],
    ['a runtime that is gone', config({ runtime: 'nodejs20.x' }), 'invalid "runtime"'],
    ['no handler', config({ handler: 'main.mjs' }), 'handler "main.mjs"'],
    ['unknown region', config({ regions: ['mars1'] }), 'region "mars1"'],
    ['unknown property', config({ timeout: 3 }), '"timeout" in .vc-config.json'],
    ['concurrency', config({ maxConcurrency: 0 }), 'maxConcurrency'],
    ['trigger without consumer', trigger({ consumer: undefined }), 'consumer is required'],
    ['topic with a slash', trigger({ topic: 'a/b' }), '"a/b" must consist of letters'],
    ['cron without slash', cron('x', '* * * * *'), 'must begin with a slash'],
    ['cron of four fields', cron('/x', '* * * *'), 'five fields'],
    ['cron with names', cron('/x', '0 0 * * MON'), 'day of week'],
    ['cron of both days', cron('/x', '0 0 1 * 1'), 'cannot both be given'],
    ['cron out of range', cron('/x', '60 * * * *'), 'minute'],
    ['route without expression', top({ routes: [{ src: '(' }] }), 'invalid `src`'],
    [
      'cron to nowhere',
      top({ routes: [], crons: [{ path: '/x', schedule: '* * * * *' }] }),
      'nothing at the path /x',
    ],
    [
      'too many crons',
      top({ crons: Array.from({ length: 101 }, () => ({ path: '/x', schedule: '* * * * *' })) }),
      'at most 100',
    ],
    [
      'a path of 129 characters',
      {
        [`.vercel/output/functions/${'f'.repeat(129)}.func/.vc-config.json`]: FUNCTION_CONFIG,
        [`.vercel/output/functions/${'f'.repeat(129)}.func/index.mjs`]: '',
      },
      'more than 128 characters',
    ],
    [
      'two triggers',
      config({
        experimentalTriggers: ['a', 'b'].map((topic) => ({
          type: 'queue/v2beta',
          topic,
          consumer: 'c',
        })),
      }),
      'can only have one item',
    ],
  ];

  it.each(cases)('ends in an error: %s', async (_, given, message) => {
    const team = await startTeam();
    const project = team.world.store.create('orders');
    const folder = await folderOf(outputOf(undefined, { ...given }));

    const events = await deployFolder(team, folder, {
      name: 'orders',
      project: 'orders',
      target: 'production',
    });

    const last = events.at(-1);
    expect(last?.type).toBe('error');
    expect(last?.payload).toMatchObject({ readyState: 'ERROR', errorCode: expect.any(String) });
    expect(textAt(last?.payload, 'errorMessage')).toContain(message);
    expect(team.world.projects.productionOf(project.id)).toBeUndefined();
  });

  it('tells what the hobby plan does not have', async () => {
    const team = await startTeam();
    team.world.plan.tier = 'hobby';
    team.world.store.create('orders');
    const wrong: readonly (readonly [object, string])[] = [
      [cron('/x', '*/5 * * * *'), 'limited to daily cron jobs'],
      [config({ memory: 4_096 }), 'between 128 and 2048'],
      [config({ maxDuration: 301 }), 'between 1 and 300 for plan hobby'],
      [config({ regions: ['fra1', 'iad1'] }), 'restricted to the Pro and Enterprise'],
    ];
    for (const [given, message] of wrong) {
      const id = await deploy(team, outputOf(undefined, { ...given }));
      const { body } = await call(team, 'GET', `/v13/deployments/${id}`);
      expect(textAt(body, 'errorMessage')).toContain(message);
    }
    const good = await deploy(team, outputOf(undefined, cron('/x', '0 5 * * *')));
    expect(team.world.projects.deploymentById(good)?.crons).toEqual([
      { path: '/x', schedule: '0 5 * * *' },
    ]);
  });

  it('tells that a function is too large when it is unpacked', async () => {
    const folder = await folderOf(outputOf());
    const check = () => checkOutput(folder, limitsOf('pro'));
    const path = join(folder, FUNCTION, 'data.bin');
    await writeFile(path, '');
    // A hole: no disk is filled.
    await truncate(path, 262_144_000);
    await expect(check()).rejects.toThrow('has exceeded the unzipped maximum size of 250 MB');
    await truncate(path, 262_000_000);
    expect((await check()).functions).toHaveLength(1);
  });

  it('tells that there are too many variables', async () => {
    const folder = await folderOf(outputOf());
    const check = (value: string) => checkOutput(folder, limitsOf('pro'), { A: value });
    await expect(check('x'.repeat(65_536))).rejects.toThrow('the limit is 64 KB');
    expect((await check('x'.repeat(65_535))).functions).toHaveLength(1);
  });

  it('can be told to fail', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    team.world.failingBuilds.set('abc', 'The disk is full.');
    const id = await deploy(team, outputOf(), { meta: { polyfaasDigest: 'abc' } });
    const { body } = await call(team, 'GET', `/v13/deployments/${id}`);
    expect(body).toMatchObject({
      readyState: 'ERROR',
      errorCode: 'BUILD_FAILED',
      errorMessage: 'The disk is full.',
    });
  });

  it('reads triggers, and lets no two functions be one consumer', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    const given = { type: 'queue/v2beta', topic: 'orders', consumer: 'c', maxDeliveries: 3 };
    const config2 = { ...FUNCTION_CONFIG, experimentalTriggers: [given] };
    const folder = (name: string) => ({
      [`.vercel/output/functions/${name}.func/.vc-config.json`]: config2,
      [`.vercel/output/functions/${name}.func/index.mjs`]: '',
    });
    const id = await deploy(team, outputOf(undefined, folder('polyfaas/events/a')));
    const functions = team.world.projects.deploymentById(id)?.functions ?? [];
    expect(functions.map(({ name, triggers }) => ({ name, triggers }))).toEqual([
      {
        name: 'polyfaas/events/a',
        triggers: [
          {
            topic: 'orders',
            consumer: 'c',
            maxDeliveries: 3,
            retryAfterSeconds: 60,
            initialDelaySeconds: 0,
            maxConcurrency: null,
          },
        ],
      },
      { name: 'polyfaas/main', triggers: [] },
    ]);
    const both = outputOf(undefined, { ...folder('a'), ...folder('b') });
    const failed = await deploy(team, both);
    const { body } = await call(team, 'GET', `/v13/deployments/${failed}`);
    expect(textAt(body, 'errorMessage')).toContain('the consumer "c" of "orders"');
  });
});
