import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createScheduler, type SchedulerFake } from '../../fakes/gcp/scheduler/index.ts';
import {
  accountCaller,
  makeWorld,
  PROJECT,
  sender,
  told,
  type Send,
  type SmallWorld,
} from '../gcp-fake-pubsub/small-world.ts';

const PARENT = `projects/${PROJECT}/locations/europe-west1`;
const JOBS = `/v1/${PARENT}/jobs`;
const NAME = `${PARENT}/jobs/nightly`;
const CALLER = accountCaller('main');
const MINUTE = 60_000;
const BODY = Buffer.from('{"bindingId":"b"}').toString('base64');
const JOB = {
  name: NAME,
  schedule: '* * * * *',
  httpTarget: {
    uri: 'https://main.test/polyfaas/events/b',
    body: BODY,
    headers: { 'Content-Type': 'application/json' },
    oidcToken: { serviceAccountEmail: CALLER.email, audience: 'https://main.test' },
  },
};

let small: SmallWorld;
let fake: SchedulerFake;
let send: Send;

beforeEach(async () => {
  small = await makeWorld();
  small.accounts.add(CALLER.email);
  fake = createScheduler(small.world);
  small.use({ busy: () => fake.busy() });
  send = sender('scheduler', fake.services);
});

afterEach(async () => {
  await fake.stop();
  await small.stop();
});

const create = (change: object = {}) => send('POST', JOBS, { body: { ...JOB, ...change } });
const patch = (change: object, updateMask?: string) =>
  send('PATCH', `/v1/${NAME}`, {
    body: change,
    query: updateMask === undefined ? {} : { updateMask },
  });
const get = async () => (await send('GET', `/v1/${NAME}`)).body;
const act = (verb: string) => send('POST', `/v1/${NAME}:${verb}`, { body: {} });
const ticks = () =>
  small.deliveries.map(({ headers }) => headers['X-CloudScheduler-ScheduleTime'] ?? '');

describe('jobs', () => {
  it('are made with defaults, read, listed and deleted', async () => {
    const expected = {
      name: NAME,
      schedule: '* * * * *',
      timeZone: 'UTC',
      attemptDeadline: '180s',
      state: 'ENABLED',
      userUpdateTime: '2026-01-01T00:00:00Z',
      scheduleTime: '2026-01-01T00:01:00Z',
      retryConfig: {
        maxRetryDuration: '0s',
        minBackoffDuration: '5s',
        maxBackoffDuration: '3600s',
        maxDoublings: 5,
      },
      httpTarget: {
        ...JOB.httpTarget,
        httpMethod: 'POST',
        headers: { 'Content-Type': 'application/json', 'User-Agent': 'Google-Cloud-Scheduler' },
      },
    };
    expect(await create()).toMatchObject({ status: 200, body: expected });
    expect(await get()).toEqual(expected);
    expect((await send('GET', JOBS)).body).toEqual({ jobs: [expected] });
    expect(fake.services[0]?.inventory()).toEqual(['scheduler job nightly']);
    expect(await send('DELETE', `/v1/${NAME}`)).toMatchObject({ status: 200, body: {} });
    expect(told(await send('GET', `/v1/${NAME}`))).toBe('404 NOT_FOUND Job not found.');
    expect(fake.services[0]?.inventory()).toEqual([]);
  });

  it('speak numbers to those who ask for them', async () => {
    await create();
    const query = { $alt: 'json;enum-encoding=int' };
    const { body } = await send('GET', `/v1/${NAME}`, { query });
    expect(body).toMatchObject({ state: 1, httpTarget: { httpMethod: 1 } });
  });

  it('exist once', async () => {
    await create();
    expect(told(await create())).toBe(`409 ALREADY_EXISTS Job ${NAME} already exists.`);
  });

  it.each([
    [{ name: '' }, /Job name must be formatted/],
    [{ name: 'nightly' }, /Job name must be formatted/],
    [{ name: `${PARENT}/jobs/a b` }, /Job name must be formatted/],
    [{ name: `projects/${PROJECT}/locations/us-east1/jobs/a` }, /Job name must be formatted/],
    [{ schedule: undefined }, /Schedule or time zone is invalid\./],
    [{ schedule: 'every 5 minutes' }, /Schedule or time zone is invalid\./],
    [{ timeZone: 'Mars/Phobos' }, /Schedule or time zone is invalid\./],
    [{ attemptDeadline: '14s' }, /attempt deadline must be in the interval \[15s, 1800s\]/],
    [{ attemptDeadline: '1801s' }, /attempt deadline/],
    [{ retryConfig: { retryCount: 6 } }, /retry_count must be in the interval \[0, 5\]/],
    [
      { retryConfig: { minBackoffDuration: '20s', maxBackoffDuration: '10s' } },
      /min_backoff_duration must not be longer/,
    ],
    [{ httpTarget: undefined }, /target of the job must be set/],
    [{ httpTarget: { uri: 'main.test' } }, /must be a valid HTTP or HTTPS URL/],
    [
      { httpTarget: { ...JOB.httpTarget, httpMethod: 'GET' } },
      /body is not allowed for the HTTP method GET/,
    ],
    [
      { httpTarget: { ...JOB.httpTarget, httpMethod: 'FETCH' } },
      /Invalid value at 'job\.http_target\.http_method'/,
    ],
    [
      { httpTarget: { ...JOB.httpTarget, headers: { 'X-CloudScheduler': 'no' } } },
      /The header X-CloudScheduler cannot be set/,
    ],
    [
      { httpTarget: { ...JOB.httpTarget, oidcToken: { serviceAccountEmail: 'gone@x.test' } } },
      /^403 PERMISSION_DENIED .*iam\.serviceAccounts\.actAs" for the resource "gone@x\.test"/,
    ],
    [{ cron: '* * * * *' }, /Unknown name "cron" at 'job'/],
    [{ pubsubTarget: { topicName: 'x' } }, /oneof/],
  ])('refuse %j', async (change, why) => {
    // What is undefined is left out.
    const body: unknown = JSON.parse(JSON.stringify({ ...JOB, ...change }));
    expect(told(await send('POST', JOBS, { body }))).toMatch(why);
    expect(fake.services[0]?.inventory()).toEqual([]);
  });

  it('change what the mask names, and everything without one', async () => {
    await create({ description: 'old', retryConfig: { retryCount: 3 } });
    const changed = await patch({ schedule: '0 9 * * *', description: 'new' }, 'schedule');
    expect(changed.body).toMatchObject({
      schedule: '0 9 * * *',
      description: 'old',
      retryConfig: { retryCount: 3 },
      scheduleTime: '2026-01-01T09:00:00Z',
    });
    await patch({ retryConfig: {} }, 'retry_config');
    expect(await get()).not.toHaveProperty('retryConfig.retryCount');
    await patch({ ...JOB, timeZone: 'Europe/Berlin' });
    expect(await get()).toMatchObject({ schedule: '* * * * *', timeZone: 'Europe/Berlin' });
    expect(await get()).not.toHaveProperty('description');
  });

  it('refuse wrong changes, and stay as they are', async () => {
    await create();
    expect(told(await patch({}, 'state'))).toMatch(/Invalid mask for Job: state/);
    expect(told(await patch({}, 'colour'))).toMatch(/Invalid mask for Job: colour/);
    expect(told(await patch({ schedule: 'x' }, 'schedule'))).toMatch(/Schedule or time zone/);
    expect(await get()).toMatchObject({ schedule: '* * * * *' });
    await send('DELETE', `/v1/${NAME}`);
    expect(told(await patch({ schedule: '* * * * *' }, 'schedule'))).toMatch(/^404/);
  });

  it('are for those who have a role', async () => {
    await create();
    const asCaller = { caller: CALLER };
    expect(told(await send('GET', `/v1/${NAME}`, asCaller))).toMatch(/^403 PERMISSION_DENIED/);
    small.grant(CALLER.email, `projects/${PROJECT}`, 'roles/cloudscheduler.viewer');
    expect(await send('GET', `/v1/${NAME}`, asCaller)).toMatchObject({ status: 200 });
    expect(told(await send('DELETE', `/v1/${NAME}`, asCaller))).toMatch(/^403/);
  });

  it('have no other verbs', async () => {
    await create();
    expect(await act('stop')).toMatchObject({ status: 404 });
    expect(await send('GET', `/v1/${NAME}:run`)).toMatchObject({ status: 404 });
  });
});

describe('firing', () => {
  it('sends a signed request at its times', async () => {
    await create();
    await small.advance(2 * MINUTE);
    expect(ticks()).toEqual(['2026-01-01T00:01:00.000Z', '2026-01-01T00:02:00.000Z']);
    const [delivery] = small.deliveries;
    expect(delivery).toMatchObject({
      url: JOB.httpTarget.uri,
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'Google-Cloud-Scheduler',
        'X-CloudScheduler': 'true',
        'X-CloudScheduler-JobName': 'nightly',
      },
    });
    expect(delivery?.body.toString()).toBe('{"bindingId":"b"}');
    const token = (delivery?.headers['Authorization'] ?? '').replace('Bearer ', '');
    expect(await small.identity.claimsOfIdToken(token)).toEqual({
      email: CALLER.email,
      aud: 'https://main.test',
    });
    expect(await get()).toMatchObject({
      status: {},
      lastAttemptTime: '2026-01-01T00:02:00Z',
      scheduleTime: '2026-01-01T00:03:00Z',
    });
  });

  it('keeps to what was changed', async () => {
    await create();
    await patch({ schedule: '30 * * * *' }, 'schedule');
    await small.advance(60 * MINUTE);
    expect(ticks()).toEqual(['2026-01-01T00:30:00.000Z']);
  });

  it('rests while paused, and does not catch up', async () => {
    await create();
    expect(await act('pause')).toMatchObject({ body: { state: 'PAUSED' } });
    expect(told(await act('pause'))).toMatch(/^400 FAILED_PRECONDITION/);
    await small.advance(5 * MINUTE);
    await patch({ schedule: '*/2 * * * *' }, 'schedule');
    await small.advance(MINUTE);
    expect(ticks()).toEqual([]);
    expect(await act('resume')).toMatchObject({ body: { state: 'ENABLED' } });
    expect(told(await act('resume'))).toMatch(/^400 FAILED_PRECONDITION/);
    await small.advance(2 * MINUTE);
    expect(ticks()).toEqual(['2026-01-01T00:08:00.000Z']);
  });

  it('happens at once when asked for', async () => {
    await create({ schedule: '0 0 1 1 *' });
    await small.advance(1_500);
    expect(await act('run')).toMatchObject({ status: 200, body: { name: NAME } });
    await small.settle();
    expect(ticks()).toEqual(['2026-01-01T00:00:01.500Z']);
  });

  it('tries again as the job says', async () => {
    const retryConfig = { retryCount: 2, minBackoffDuration: '10s', maxDoublings: 1 };
    await create({ schedule: '0 * * * *', retryConfig });
    small.script(500);
    await small.advance(60 * MINUTE);
    expect(small.deliveries).toHaveLength(1);
    await small.advance(9_999);
    expect(small.deliveries).toHaveLength(1);
    await small.advance(1);
    expect(small.deliveries).toHaveLength(2);
    await small.advance(20_000);
    expect(small.deliveries).toHaveLength(3);
    expect(new Set(ticks()).size).toBe(1);
    await small.advance(10 * MINUTE);
    expect(small.deliveries).toHaveLength(3);
    expect(await get()).toMatchObject({ status: { code: 13 } });
  });

  it('is not repeated unless asked for', async () => {
    await create({ schedule: '0 * * * *' });
    small.script(500);
    await small.advance(61 * MINUTE);
    expect(small.deliveries).toHaveLength(1);
  });

  it.each([
    [404, 5],
    [403, 7],
    [429, 8],
    ['crashed', 14],
  ] as const)('tells of %s as the code %d', async (answer, code) => {
    await create();
    small.script(answer);
    await small.advance(MINUTE);
    expect(await get()).toMatchObject({ status: { code } });
  });

  it('fails where nobody is, and for an account that is gone', async () => {
    await create({ httpTarget: { uri: 'https://nowhere.test/' } });
    await small.advance(MINUTE);
    expect(await get()).toMatchObject({ status: { code: 5 } });
    await patch(JOB, 'httpTarget');
    small.accounts.clear();
    await small.advance(MINUTE);
    expect(await get()).toMatchObject({ status: { code: 16 } });
    expect(small.deliveries).toEqual([]);
  });

  it('leaves out what falls due while it runs', async () => {
    await create();
    const answer = Promise.withResolvers<number>();
    small.script(answer.promise, 204);
    await small.clock.advance(3 * MINUTE);
    expect(fake.busy()).toBe(true);
    answer.resolve(204);
    await small.settle();
    await small.advance(MINUTE);
    expect(ticks()).toEqual(['2026-01-01T00:01:00.000Z', '2026-01-01T00:04:00.000Z']);
  });

  it('ends with the job', async () => {
    await create({ retryConfig: { retryCount: 5 } });
    small.script(500);
    await small.advance(MINUTE);
    await send('DELETE', `/v1/${NAME}`);
    await small.advance(10 * MINUTE);
    expect(small.deliveries).toHaveLength(1);
    expect(small.clock.pending).toBe(0);
  });
});
