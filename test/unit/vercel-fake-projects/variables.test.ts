import { beforeEach, describe, expect, it } from 'vitest';
import { variablesFor } from '../../fakes/vercel/projects/variables.ts';
import { useScene, type Answer } from '../vercel-fake-core/support.ts';

const scene = useScene();
const PATH = '/v10/projects/orders/env';
const PLAIN = { key: 'A', value: 'one', type: 'plain', target: ['development'] };
const ENCRYPTED = { key: 'B', value: 'two', type: 'encrypted', target: ['production', 'preview'] };
const SENSITIVE = { key: 'C', value: 'three', type: 'sensitive', target: ['production'] };

let project: string;

beforeEach(async () => {
  project = (await scene().call('POST', '/v11/projects', { name: 'orders' })).body.id;
});

function add(body: unknown, query = ''): Promise<Answer> {
  return scene().call('POST', `${PATH}${query}`, body);
}

describe('making variables', () => {
  it('makes one, or several', async () => {
    const one = await add(PLAIN);
    expect([one.status, one.body.created.key, one.body.failed]).toEqual([201, 'A', []]);
    const several = await add([ENCRYPTED, SENSITIVE]);
    expect(several.body.created.map(({ key }) => key)).toEqual(['B', 'C']);
  });

  it('refuses one that is there', async () => {
    await add(PLAIN);
    const { status, body } = await add({ ...PLAIN, value: 'other' });
    expect([status, body.error.code, body.error.envVarKey]).toEqual([400, 'ENV_CONFLICT', 'A']);
  });

  it('tells which of several were there, and makes the others', async () => {
    await add(PLAIN);
    const { status, body } = await add([PLAIN, ENCRYPTED]);
    expect([status, body.created.length]).toEqual([201, 1]);
    expect(body.failed.map(({ error }) => error.code)).toEqual(['ENV_CONFLICT']);
  });

  it('lets only one of two writers at once have a key', async () => {
    const answers = await Promise.all([add(PLAIN), add(PLAIN), add(PLAIN)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 400, 400]);
  });

  it('replaces with upsert the one of just the same targets', async () => {
    await add(ENCRYPTED);
    const { status, body } = await add({ ...ENCRYPTED, value: 'new' }, '?upsert=true');
    expect(status).toBe(201);
    expect(
      (await scene().call('GET', `/v1/projects/orders/env/${body.created.id}`)).body.value,
    ).toBe('new');
    expect((await scene().call('GET', PATH)).body.envs).toHaveLength(1);
  });

  it('refuses an upsert where one has some of the targets', async () => {
    await add(ENCRYPTED);
    const { status, body } = await add({ ...ENCRYPTED, target: ['production'] }, '?upsert=true');
    expect([status, body.error.code]).toEqual([400, 'ENV_CONFLICT']);
  });

  it('makes another one of the same key for other targets', async () => {
    await add(ENCRYPTED);
    expect((await add({ ...ENCRYPTED, target: ['development'] }, '?upsert=true')).status).toBe(201);
    expect((await scene().call('GET', PATH)).body.envs).toHaveLength(2);
  });

  it.each<readonly [object, string]>([
    [{ ...PLAIN, key: '1A' }, 'should not start with a digit'],
    [{ ...PLAIN, key: 'A.B' }, 'invalid characters'],
    [{ ...PLAIN, key: 'TZ' }, 'reserved'],
    [{ ...PLAIN, key: 'VERCEL_URL' }, 'reserved'],
    [{ ...PLAIN, target: [] }, '`target` should NOT be empty'],
    [{ ...PLAIN, target: ['staging'] }, 'allowed values "production, preview, development"'],
    [{ ...PLAIN, type: 'sensitive' }, 'target to development'],
    [{ ...PLAIN, more: true }, 'additional property `more`'],
    [{ key: 'A', value: 'x', target: ['preview'] }, 'missing required property `type`'],
    [{ ...PLAIN, value: 5 }, '`value` should be string'],
    [{ ...PLAIN, value: 'x'.repeat(65_536) }, 'limited to 64KB'],
  ])('refuses %#', async (body, message) => {
    const { status, body: answer } = await add(body);
    expect([status, answer.error.code]).toEqual([400, 'bad_request']);
    expect(answer.error.message).toContain(message);
  });

  it('counts the size by the environment', async () => {
    const big = (key: string, target: string): object => ({
      ...PLAIN,
      key,
      value: 'x'.repeat(40_000),
      target: [target],
    });
    expect((await add(big('A', 'production'))).status).toBe(201);
    expect((await add(big('B', 'development'))).status).toBe(201);
    expect((await add(big('C', 'production'))).status).toBe(400);
  });
});

describe('reading variables', () => {
  beforeEach(async () => void (await add([PLAIN, ENCRYPTED, SENSITIVE])));

  it('shows plain ones, and what is kept of encrypted ones', async () => {
    const { envs } = (await scene().call('GET', PATH)).body;
    expect(envs.map(({ decrypted }) => decrypted)).toEqual([true, false, false]);
    const [plain, encrypted, sensitive] = envs.map(({ value }) => value);
    expect([plain, sensitive]).toEqual(['one', '']);
    expect(encrypted).not.toContain('two');
  });

  it('decrypts when it is asked to, but nothing sensitive', async () => {
    const { envs } = (await scene().call('GET', `${PATH}?decrypt=true`)).body;
    expect(envs.map(({ value }) => value)).toEqual(['one', 'two', '']);
  });

  it('decrypts a single one', async () => {
    const { call } = scene();
    const { envs } = (await call('GET', PATH)).body;
    const shown = await Promise.all(
      envs.map(({ id }) => call('GET', `/v1/projects/${project}/env/${id}`)),
    );
    expect(shown.map(({ body }) => body.value)).toEqual(['one', 'two', '']);
  });

  it('gives a deployment those of its target', () => {
    const { store } = scene().world;
    expect(variablesFor(store, project, 'production')).toEqual({ B: 'two', C: 'three' });
    expect(variablesFor(store, project, 'preview')).toEqual({ B: 'two' });
  });
});

describe('changing variables', () => {
  async function idOf(body: object): Promise<string> {
    return (await add(body)).body.created.id;
  }

  it('changes only what is given', async () => {
    const id = await idOf(ENCRYPTED);
    const path = `/v9/projects/orders/env/${id}`;
    const { status, body } = await scene().call('PATCH', path, { target: ['development'] });
    expect([status, body.target]).toEqual([200, ['development']]);
    const shown = await scene().call('GET', `/v1/projects/orders/env/${id}`);
    expect(shown.body.value).toBe('two');
  });

  it('refuses to get in the way of another one', async () => {
    await add({ ...ENCRYPTED, target: ['development'] });
    const path = `/v9/projects/orders/env/${await idOf(ENCRYPTED)}`;
    const { status, body } = await scene().call('PATCH', path, { target: ['development'] });
    expect([status, body.error.code]).toEqual([400, 'ENV_CONFLICT']);
  });

  it('keeps sensitive ones sensitive', async () => {
    const path = `/v9/projects/orders/env/${await idOf(SENSITIVE)}`;
    const { call } = scene();
    expect((await call('PATCH', path, { type: 'plain' })).status).toBe(400);
    expect((await call('PATCH', path, { target: ['development'] })).status).toBe(400);
    expect((await call('PATCH', path, { value: 'new' })).status).toBe(200);
  });

  it('deletes', async () => {
    const { call } = scene();
    const [first, second] = [await idOf(PLAIN), await idOf(ENCRYPTED)];
    expect((await call('DELETE', `/v10/projects/orders/env/${first}`)).status).toBe(200);
    expect((await call('DELETE', `/v10/projects/orders/env/${first}`)).status).toBe(404);
    const several = await call('DELETE', '/v1/projects/orders/env', { ids: [second, 'none'] });
    expect([several.status, several.body.deleted]).toEqual([200, 1]);
    expect((await call('GET', PATH)).body.envs).toEqual([]);
  });
});

describe('shared variables', () => {
  const SHARED = {
    evs: [{ key: 'orders_db', value: 'secret' }],
    type: 'sensitive',
    target: ['production', 'preview'],
  };

  it('reach the projects that they are linked to', async () => {
    const { call, world } = scene();
    const made = await call('POST', '/v1/env', SHARED);
    expect([made.status, made.body.created.length]).toEqual([201, 1]);
    const { data } = (await call('GET', '/v1/env')).body;
    expect(data).toMatchObject([{ key: 'orders_db', value: '', projectId: [] }]);
    expect(variablesFor(world.store, project, 'production')).toEqual({});
    const id = data[0]?.id ?? '';
    const change = { projectIdUpdates: { link: [project] } };
    const linked = await call('PATCH', '/v1/env', { updates: { [id]: change } });
    expect([linked.status, linked.body.failed]).toEqual([200, []]);
    expect(linked.body.updated).toMatchObject([{ projectId: [project] }]);
    expect(variablesFor(world.store, project, 'production')).toEqual({ orders_db: 'secret' });
    expect((await call('GET', `/v1/env?projectId=${project}`)).body.data).toHaveLength(1);
    await call('PATCH', '/v1/env', {
      updates: { [id]: { projectIdUpdates: { unlink: [project] } } },
    });
    expect(variablesFor(world.store, project, 'production')).toEqual({});
  });

  it('give way to one of the project itself', async () => {
    const { call, world } = scene();
    world.projects.setSharedVariable('B', 'shared');
    const { data } = (await call('GET', '/v1/env')).body;
    const change = { projectIdUpdates: { link: [project] } };
    await call('PATCH', '/v1/env', { updates: { [data[0]?.id ?? '']: change } });
    expect(variablesFor(world.store, project, 'preview')).toEqual({ B: 'shared' });
    await add(ENCRYPTED);
    expect(variablesFor(world.store, project, 'preview')).toEqual({ B: 'two' });
  });

  it('say which changes failed', async () => {
    const { call, world } = scene();
    world.projects.setSharedVariable('B', 'shared');
    const id = (await call('GET', '/v1/env')).body.data[0]?.id ?? '';
    const { status, body } = await call('PATCH', '/v1/env', {
      updates: { none: {}, [id]: { projectIdUpdates: { link: ['prj_none'] } } },
    });
    expect([status, body.updated]).toEqual([200, []]);
    expect(body.failed.map(({ error }) => error.code)).toEqual(['not_found', 'not_found']);
  });

  it('are in the way of others of the same key, and can be deleted', async () => {
    const { call, world } = scene();
    const { body } = await call('POST', '/v1/env', SHARED);
    const again = await call('POST', '/v1/env', SHARED);
    expect(again.body.failed.map(({ error }) => error.code)).toEqual(['ENV_CONFLICT']);
    const ids = body.created.map(({ id }) => id);
    expect((await call('DELETE', '/v1/env', { ids })).body.deleted).toEqual(ids);
    expect(world.inventory()).toEqual(['project orders']);
  });
});
