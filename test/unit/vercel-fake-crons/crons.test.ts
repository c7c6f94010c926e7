import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timetableOf } from '../../fakes/vercel/crons/timetable.ts';
import { makeStage, type Stage } from '../vercel-fake-queues/stage.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

describe('schedules', () => {
  it.each([
    ['* * * * *', '2026-01-01T12:01:00.000Z'],
    ['*/15 * * * *', '2026-01-01T12:15:00.000Z'],
    ['0 9 * * *', '2026-01-02T09:00:00.000Z'],
    ['5,10-40/10 12 * * *', '2026-01-01T12:05:00.000Z'],
    ['0 0 * * 1', '2026-01-05T00:00:00.000Z'],
    ['0 0 * * 0', '2026-01-04T00:00:00.000Z'],
    ['0 0 1 3-5/2 *', '2026-03-01T00:00:00.000Z'],
  ])('%s', (schedule, expected) => {
    const next = timetableOf(schedule)?.next(NOON);
    expect(next === undefined ? undefined : new Date(next).toISOString()).toBe(expected);
  });

  it.each([
    '',
    '* * * *',
    '0 * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 7',
    '* * * JAN *',
    '* * * * MON',
    '0 0 1 * 1',
    '*/0 * * * *',
    '5/15 * * * *',
    '5-1 * * * *',
    '@daily',
    ' * * * * *',
  ])('refuse "%s"', (schedule) => {
    expect(timetableOf(schedule)).toBeUndefined();
  });
});

describe('crons', () => {
  let stage: Stage;
  let calls: { readonly path: string; readonly headers: Record<string, string> }[];

  beforeEach(async () => {
    stage = await makeStage();
    calls = [];
    const rest = 60_000 - (stage.clock.now() % 60_000);
    await stage.clock.advance(rest);
  });

  afterEach(() => stage.world.stop());

  function main(request: Request): Response {
    const path = new URL(request.url).pathname;
    calls.push({ path, headers: Object.fromEntries(request.headers) });
    return new Response('', { status: 500 });
  }

  const crons = [{ path: '/tick', schedule: '*/2 * * * *' }];

  async function pass(ms: number): Promise<void> {
    await stage.clock.advance(ms);
    await stage.settle();
  }

  it('are called at their times as Vercel calls, and not again when they fail', async () => {
    stage.promote({ id: 'dpl_1', crons, main, variables: { CRON_SECRET: 's3cret' } });
    await pass(240_000);
    expect(calls).toHaveLength(2);
    expect(calls[0]?.path).toBe('/tick');
    expect(calls[0]?.headers).toMatchObject({
      authorization: 'Bearer s3cret',
      'user-agent': 'vercel-cron/1.0',
      'x-vercel-cron-schedule': '*/2 * * * *',
    });
  });

  it('have no authorization without the variable', async () => {
    stage.promote({ id: 'dpl_1', crons, main });
    await pass(120_000);
    expect(calls[0]?.headers).not.toHaveProperty('authorization');
  });

  it('are those of the deployment that is in production', async () => {
    stage.promote({ id: 'dpl_1', crons, main });
    stage.put({ id: 'dpl_preview', crons: [{ path: '/none', schedule: '* * * * *' }], main });
    stage.promote({ id: 'dpl_2', crons: [{ path: '/tock', schedule: '* * * * *' }], main });
    await pass(120_000);
    expect(calls.map(({ path }) => path)).toEqual(['/tock', '/tock']);
    stage.promote({ id: 'dpl_3', main });
    await pass(600_000);
    expect(calls).toHaveLength(2);
  });

  it('end with the deployment, and with the project', async () => {
    stage.promote({ id: 'dpl_1', crons, main });
    stage.deleteDeployment('dpl_1');
    stage.promote({ id: 'dpl_2', project: 'b', crons, main });
    stage.deleteProject('b');
    await pass(600_000);
    expect(calls).toEqual([]);
    expect(stage.clock.pending).toBe(0);
  });

  it('run when somebody asks for it', async () => {
    stage.promote({ id: 'dpl_1', crons, main });
    const run = async (project: string, body: object): Promise<number> => {
      const path = `/v1/projects/${project}/crons/run`;
      return (await stage.world.call({ method: 'POST', path, body })).status;
    };
    const [cron] = crons;
    expect(await run('a', { ...cron })).toBe(200);
    await stage.settle();
    expect(calls).toHaveLength(1);
    expect(await run('none', { ...cron })).toBe(404);
    expect(await run('b', { ...cron })).toBe(404);
    expect(await run('a', { ...cron, schedule: '* * * * *' })).toBe(404);
    expect(await run('a', { path: '/tick' })).toBe(400);
    expect(await run('a', { ...cron, more: 1 })).toBe(400);
  });
});
