/** Steps in states that others, and failures, leave behind. */
import { parseDirectKeys } from 'polyfaas/http';
import { jsonObject, textAt, valueAt } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { createClients } from '../../../providers/vercel/clients/create.ts';
import { urlOf } from '../../../providers/vercel/plan/wish.ts';
import { timetableOf } from '../../fakes/vercel/crons/timetable.ts';
import { http } from '../../support/bindings.ts';
import {
  deploymentInput,
  deployments,
  goLive,
  keptRecord,
  keys,
  makeProject,
  onFake,
  project,
  projectInput,
  recordOf,
  valueOf,
  variables,
  writeInput,
  type OnFake,
} from '../vercel-execute/on-fake.ts';

const CRON = 'CRON_SECRET';
const KEYS = 'POLYFAAS_INVOKE_KEYS';
const BIG = 28_000;

async function targets(on: OnFake, projectId: string, key: string): Promise<readonly unknown[]> {
  return (await variables(on, projectId))
    .filter((one) => textAt(one, 'key') === key)
    .map((one) => valueAt(one, 'target'));
}

async function put(on: OnFake, projectId: string, body: object): Promise<void> {
  await on.ask({ method: 'POST', path: `/v10/projects/${projectId}/env`, body });
}

async function production(on: OnFake, projectId: string): Promise<unknown> {
  return valueAt(await project(on, projectId), 'targets', 'production', 'id');
}

describe('retiring', () => {
  it('leaves what somebody else deployed to the project', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const theirs: string[] = [];
    const names = [
      { app: 'site', stage: 'dev', name: 'orders' },
      { app: 'shop', stage: 'prod', name: 'orders' },
      { app: 'shop', stage: 'dev', name: 'other' },
    ];
    for (const [index, ref] of names.entries()) {
      const input = deploymentInput(projectId, { ref, digest: `theirs-${index}` });
      theirs.push(textAt(await on.run('create-deployment', input), 'id') ?? '');
    }
    const old = await goLive(on, projectId, { digest: 'old' });
    const live = await goLive(on, projectId, { digest: 'new' });
    await put(on, projectId, { key: CRON, value: 'x', type: 'sensitive', target: ['production'] });
    await put(on, projectId, { key: 'OWNER', value: 'x', type: 'plain', target: ['production'] });
    await on.run('retire-deployments', {
      projectId,
      keep: [live],
      versions: ['0a1b2c3d4e'],
      live: '0a1b2c3d4e',
      expected: 'first',
    });
    const left = (await deployments(on, projectId)).map((one) => textAt(one, 'uid'));
    expect(new Set(left)).toEqual(new Set([live, ...theirs]));
    expect(left).not.toContain(old);
    expect(await keys(on, projectId)).toEqual(expect.arrayContaining([CRON, 'OWNER']));
  });
});

describe('the secret of crons', () => {
  const input = (projectId: string) => ({
    projectId,
    keyId: 'k1',
    appliedKeyId: null,
    needsCronSecret: true,
  });

  it('is made for production where somebody has one for something else', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await put(on, projectId, { key: CRON, value: 'theirs', type: 'plain', target: ['preview'] });
    await on.run('write-keys', input(projectId));
    expect(await targets(on, projectId, CRON)).toEqual(
      expect.arrayContaining([['preview'], ['production']]),
    );
    on.writes.splice(0);
    await on.run('write-keys', input(projectId));
    expect(on.writes).toEqual([]);
  });

  it('of somebody else is taken where production has it', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const target = ['production', 'preview'];
    await put(on, projectId, { key: CRON, value: 'theirs', type: 'encrypted', target });
    await on.run('write-keys', input(projectId));
    expect(await valueOf(on, projectId, CRON)).toBe('theirs');
  });
});

describe('invoke keys', () => {
  it('that the live deployment knows outlive deploys that failed', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const ids = async () =>
      parseDirectKeys((await valueOf(on, projectId, KEYS)) ?? '').map(({ id }) => id);
    const write = (keyId: string, appliedKeyId: string | null) =>
      on.run('write-keys', { projectId, keyId, appliedKeyId, needsCronSecret: false });
    await write('k1', null);
    await write('k2', 'k1');
    await write('k3', 'k1');
    expect(await ids()).toEqual(['k3', 'k1']);
    await write('k1', 'k1');
    expect(await ids()).toEqual(['k1', 'k3']);
  });
});

describe('a large environment', () => {
  const version = (letter: string) => letter.repeat(10);
  const env = (letter: string) => ({ A: letter.repeat(BIG) });
  const note = (letter: string) => ({
    version: version(letter),
    digest: letter,
    artifactDigest: letter,
    config: {
      handles: ['invoke' as const],
      memoryMb: 512,
      timeoutSeconds: 30,
      concurrency: 1,
      runtime: 'nodejs24.x',
      regions: ['fra1'],
      hasEnv: true,
      secrets: {},
    },
    deployment: { id: `dpl_${letter}`, host: 'h', digest: letter },
    createdAt: new Date(0).toISOString(),
  });
  const key = (letter: string) => `POLYFAAS_ENV_${version(letter).toUpperCase()}`;
  const write = (on: OnFake, projectId: string, letter: string, more: object = {}) =>
    on.run('write-env', {
      projectId,
      version: version(letter),
      env: env(letter),
      expected: 'first',
      ...more,
    });

  it('finds room where deploys that failed have left theirs', async () => {
    const on = await onFake();
    const record = recordOf({ live: version('a'), versions: [note('e'), note('a')] });
    const projectId = await makeProject(on, record);
    await write(on, projectId, 'a');
    await write(on, projectId, 'b');
    await write(on, projectId, 'c');
    expect(await keys(on, projectId)).toEqual([key('a'), key('c'), 'POLYFAAS_RECORD_1']);
    expect(await targets(on, projectId, key('c'))).toEqual([['production', 'preview']]);
    const kept = { key: key('e'), value: 'x', type: 'encrypted', target: ['production'] };
    await put(on, projectId, kept);
    await write(on, projectId, 'd');
    expect(await targets(on, projectId, key('e'))).toEqual([['development']]);
  });

  it('that cannot have any is refused with what to do', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const value = 'x'.repeat(40_000);
    await put(on, projectId, { key: 'OWN', value, type: 'plain', target: ['production'] });
    await expect(write(on, projectId, 'a')).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: expect.stringContaining('64 KB'),
    });
  });

  it('takes nothing of another operation away', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await write(on, projectId, 'a');
    await write(on, projectId, 'b');
    await on.run(
      'write-record',
      writeInput(projectId, recordOf({ next: 'second' }), { number: 1 }),
    );
    on.writes.splice(0);
    await expect(write(on, projectId, 'c')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(on.writes).toEqual([]);
  });

  it('that was put aside makes room for the record, the oldest first', async () => {
    const on = await onFake();
    const versions = ['a', 'b', 'c'].map(note);
    const record = recordOf({ live: version('c'), versions });
    const projectId = await makeProject(on, record);
    for (const letter of ['b', 'a']) {
      const value = letter.repeat(32_000);
      const body = { key: key(letter), value, type: 'encrypted', target: ['development'] };
      await put(on, projectId, body);
    }
    const value = 'x'.repeat(800);
    await put(on, projectId, { key: 'OWN', value, type: 'plain', target: ['development'] });
    const next = recordOf({ ...record, next: 'second', settings: randomText() });
    await on.run('write-record', writeInput(projectId, next, { number: 1 }));
    expect((await keptRecord(on, projectId))?.record.next).toBe('second');
    expect(await keys(on, projectId)).toEqual(['OWN', key('b'), 'POLYFAAS_RECORD_2']);
  });
});

describe('a switch', () => {
  it('on Hobby goes back further than the deployment before', async () => {
    const on = await onFake();
    on.fake.world.plan.tier = 'hobby';
    const projectId = await makeProject(on);
    const first = await goLive(on, projectId, { digest: '1' });
    await goLive(on, projectId, { digest: '2' });
    await goLive(on, projectId, { digest: '3' });
    await on.run('roll-back', { projectId, deploymentId: first, expected: 'first' });
    expect(await production(on, projectId)).toBe(first);
  });
});

describe('a deployment that is deleted as soon as it is live', () => {
  it('is not waited for', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const made = await on.run('create-deployment', deploymentInput(projectId));
    const id = textAt(made, 'id') ?? '';
    const input = { projectId, deploymentId: id, expected: 'first' };
    const begun = await on.begin('promote-deployment', input);
    await on.clock.advance(10_000);
    expect(await production(on, projectId)).toBe(id);
    await on.ask({ method: 'DELETE', path: `/v13/deployments/${id}` });
    await expect(
      on.begin('promote-deployment', input, valueAt(jsonObject({ begun }), 'begun', 'resume')),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('taking a project over', () => {
  it('is refused where another function has it since', async () => {
    const on = await onFake();
    const projectId = await makeProject(on, recordOf({ name: 'other' }));
    on.writes.splice(0);
    const input = projectInput({ projectId, adopt: true });
    await expect(on.run('ensure-project', input)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('"other" of shop/dev'),
    });
    expect(on.writes).toEqual([]);
  });
});

describe('two who take a project over at once', () => {
  it('do not both get it', async () => {
    const on = await onFake();
    const stranger = await on.fake.stranger('shop-dev-orders');
    const adopters = ['one', 'two', 'three'].map((next) =>
      on.run(
        'ensure-project',
        projectInput({ projectId: stranger.id, adopt: true, record: recordOf({ next }) }),
      ),
    );
    const outcomes = await Promise.allSettled(adopters);
    const lost = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(lost).toMatchObject([{ code: 'CONFLICT' }, { code: 'CONFLICT' }]);
    const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
    const kept = await keptRecord(on, stranger.id);
    expect(kept?.record.next).toBe(['one', 'two', 'three'][won]);
    expect(await keys(on, stranger.id)).toEqual(['OWNER', `POLYFAAS_RECORD_${kept?.number}`]);
  });
});

describe('a schedule', () => {
  it('with a step from one value is taken by nobody', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const crons = [{ path: '/polyfaas/crons/tick', schedule: '5/15 * * * *' }];
    expect(timetableOf('5/15 * * * *')).toBeUndefined();
    await expect(
      on.run('create-deployment', deploymentInput(projectId, { crons })),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await deployments(on, projectId)).toEqual([]);
  });
});

describe('the address of routes', () => {
  const there = { id: 'prj_1', production: null, lastAliasRequest: null, hasBypass: true };
  const told = (domain: string | null, aliases: readonly string[]) =>
    urlOf(
      [http('route')],
      { domain },
      { project: { ...there, aliases } },
      'https://own.vercel.app',
    );

  it('is the declared domain, once it leads there', () => {
    expect(told('api.example.com', ['own.vercel.app', 'api.example.com'])).toBe(
      'https://api.example.com',
    );
    expect(told('api.example.com', ['own.vercel.app'])).toBe('https://own.vercel.app');
    expect(told(null, ['own.vercel.app'])).toBe('https://own.vercel.app');
  });
});

describe('an access token', () => {
  it('that cannot be sent is refused without being told', async () => {
    const token = 'secret-part\nother-part';
    const clients = createClients({
      token,
      team: null,
      apiEndpoint: 'http://127.0.0.1:9',
      queueEndpoint: 'http://127.0.0.1:9',
    });
    const { signal } = new AbortController();
    const failure: unknown = await clients
      .rest({ method: 'GET', path: '/v2/user', signal })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(String(failure)).not.toContain('secret-part');
    await clients.close();
  });
});

/** Packs badly. */
function randomText(): string {
  return Array.from({ length: 1_500 }, () => Math.random().toString(36).slice(2, 4)).join('');
}
