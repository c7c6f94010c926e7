import { describe, expect, it } from 'vitest';
import { refusal, useSubject, type Answer } from './support.ts';

const subject = useSubject();
const SECRETS = (): string => `/v1/${subject().name('secrets')}`;
const AUTOMATIC = { replication: { automatic: {} } };
const call = (method: string, path: string, body?: object): Promise<Answer> =>
  subject().call('secretmanager', method, `${SECRETS()}${path}`, body);
const make = (id = 'one', fields: object = {}): Promise<Answer> =>
  call('POST', `?secretId=${id}`, { ...AUTOMATIC, ...fields });
const add = (text: string, more: object = {}): Promise<Answer> =>
  call('POST', '/one:addVersion', {
    payload: { data: Buffer.from(text).toString('base64'), ...more },
  });
const code = (answer: Answer): readonly unknown[] => refusal(answer).slice(0, 2);

describe('secrets', () => {
  it('are made once, and named by the number of the project', async () => {
    const made = await make('one', { labels: { a: 'b' } });
    expect(made.body).toMatchObject({
      name: 'projects/416161616161/secrets/one',
      labels: { a: 'b' },
      replication: { automatic: {} },
    });
    expect(made.body.etag).toMatch(/^"\w+"$/);
    expect(refusal(await make())).toEqual([
      409,
      'ALREADY_EXISTS',
      'Secret [projects/416161616161/secrets/one] already exists.',
    ]);
    expect((await call('GET', '/one')).body).toEqual(made.body);
    const byNumber = `/v1/${made.body.name}`;
    expect((await subject().call('secretmanager', 'GET', byNumber)).body).toEqual(made.body);
    expect(refusal(await call('GET', '/two'))).toEqual([
      404,
      'NOT_FOUND',
      'Secret [projects/416161616161/secrets/two] not found.',
    ]);
    expect(subject().world.inventory()).toEqual(['secret one']);
  });

  it('are refused when they are not right', async () => {
    expect(code(await call('POST', '?secretId=x', {}))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await make('with.dot'))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await make('x', { labels: { A: 'b' } }))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await make('x', { labels: { a: 'B' } }))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await make('x', { label: {} }))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await make('x', { annotations: { a: 'x'.repeat(16_383) } }))).toEqual([
      400,
      'INVALID_ARGUMENT',
    ]);
    expect((await make('x', { annotations: { a: 'x'.repeat(16_382) } })).status).toBe(200);
  });

  it('are changed by whoever has the etag', async () => {
    const { body } = await make('one', { labels: { a: 'b' } });
    const patch = (wish: object, mask = 'annotations'): Promise<Answer> =>
      call('PATCH', `/one?updateMask=${mask}`, wish);
    const changed = await patch({ etag: body.etag, annotations: { r: '1' }, labels: {} });
    expect(changed.body).toMatchObject({ annotations: { r: '1' }, labels: { a: 'b' } });
    expect(changed.body.etag).not.toBe(body.etag);
    expect(code(await patch({ etag: body.etag, annotations: { r: '2' } }))).toEqual([
      400,
      'FAILED_PRECONDITION',
    ]);
    const same = await patch({ annotations: { r: '1' } });
    expect(same.body.etag).not.toBe(changed.body.etag);
    expect(code(await patch({}, ''))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await patch({}, 'replication'))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await patch({}, 'nothing'))).toEqual([400, 'INVALID_ARGUMENT']);
    const stale = encodeURIComponent(body.etag);
    expect(code(await call('DELETE', `/one?etag=${stale}`))).toEqual([400, 'FAILED_PRECONDITION']);
    expect((await call('DELETE', `/one?etag=${encodeURIComponent(same.body.etag)}`)).status).toBe(
      200,
    );
    expect(code(await call('DELETE', '/one'))).toEqual([404, 'NOT_FOUND']);
  });

  it('are listed by labels, in pages', async () => {
    for (const id of ['a', 'b', 'c'])
      await make(id, { labels: { app: id === 'c' ? 'y' : 'x', z: id } });
    const list = async (query: string): Promise<readonly string[]> => {
      const { body } = await call('GET', `?${query}`);
      return (body.secrets ?? []).map(({ name }: { name: string }) => name.split('/').at(-1) ?? '');
    };
    expect(await list('')).toEqual(['a', 'b', 'c']);
    expect(await list(`filter=${encodeURIComponent('labels.app=x AND labels.z=b')}`)).toEqual([
      'b',
    ]);
    expect(await list(`filter=${encodeURIComponent('labels.app=y')}`)).toEqual(['c']);
    expect(await list(`filter=${encodeURIComponent('labels.none:*')}`)).toEqual([]);
    expect(await list(`filter=${encodeURIComponent('name:secrets/a')}`)).toEqual(['a']);
    const page = await call('GET', '?pageSize=2');
    expect(page.body.secrets).toHaveLength(2);
    expect(await list(`pageSize=2&pageToken=${page.body.nextPageToken}`)).toEqual(['c']);
    expect(code(await call('GET', '?filter=((('))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await call('GET', '?limit=2'))).toEqual([400, 'INVALID_ARGUMENT']);
  });
});

describe('versions', () => {
  it('hold payloads; the latest is the newest', async () => {
    await make();
    expect(refusal(await call('GET', '/one/versions/latest:access'))).toEqual([
      404,
      'NOT_FOUND',
      'Secret Version [projects/416161616161/secrets/one/versions/latest] not found.',
    ]);
    const first = await add('hello', { dataCrc32c: '2591144780' });
    expect(first.body).toMatchObject({
      name: 'projects/416161616161/secrets/one/versions/1',
      state: 'ENABLED',
      clientSpecifiedPayloadChecksum: true,
    });
    await add('two');
    const read = await call('GET', '/one/versions/1:access');
    expect(read.body.payload).toEqual({
      data: Buffer.from('hello').toString('base64'),
      dataCrc32c: '2591144780',
    });
    const latest = await call('GET', '/one/versions/latest:access');
    expect(latest.body.name).toBe('projects/416161616161/secrets/one/versions/2');
    expect((await call('GET', '/one/versions')).body.versions.map(nameOf)).toEqual(['2', '1']);
    expect(code(await add('x', { dataCrc32c: '1' }))).toEqual([400, 'INVALID_ARGUMENT']);
    expect(code(await add('x'.repeat(65_537)))).toEqual([400, 'INVALID_ARGUMENT']);
  });

  it('are disabled and destroyed', async () => {
    await make();
    await add('one');
    await add('two');
    const disabled = await call('POST', '/one/versions/2:disable', {});
    expect(disabled.body.state).toBe('DISABLED');
    expect(refusal(await call('GET', '/one/versions/latest:access'))).toEqual([
      400,
      'FAILED_PRECONDITION',
      'Secret Version [projects/416161616161/secrets/one/versions/2] is in DISABLED state.',
    ]);
    expect((await call('POST', '/one/versions/2:enable', {})).body.state).toBe('ENABLED');
    const destroyed = await call('POST', '/one/versions/1:destroy', {});
    expect(destroyed.body).toMatchObject({ state: 'DESTROYED' });
    expect(code(await call('GET', '/one/versions/1:access'))).toEqual([400, 'FAILED_PRECONDITION']);
    expect(code(await call('POST', '/one/versions/1:destroy', {}))).toEqual([
      400,
      'FAILED_PRECONDITION',
    ]);
    const query = `filter=${encodeURIComponent('state:ENABLED')}`;
    expect((await call('GET', `/one/versions?${query}`)).body.versions.map(nameOf)).toEqual(['2']);
  });

  it('are read by those that may', async () => {
    const { world, pass } = subject();
    await make();
    await add('secret');
    const { email } = world.accounts.put(world.accounts.emailOf('reader'), {
      displayName: '',
      description: '',
    });
    await pass(10_000);
    const caller = { kind: 'account', email } as const;
    const path = `${SECRETS()}/one/versions/latest:access`;
    const read = (): Promise<Answer> =>
      subject().call('secretmanager', 'GET', path, undefined, caller);
    expect(refusal(await read())).toEqual([
      403,
      'PERMISSION_DENIED',
      "Permission 'secretmanager.versions.access' denied on resource 'projects/416161616161/secrets/one/versions/latest' (or it may not exist).",
    ]);
    const policy = {
      bindings: [
        { role: 'roles/secretmanager.secretAccessor', members: [`serviceAccount:${email}`] },
      ],
    };
    expect((await call('POST', '/one:setIamPolicy', { policy })).status).toBe(200);
    expect((await call('GET', '/one:getIamPolicy')).body).toMatchObject(policy);
    expect((await read()).status).toBe(403);
    await pass(7_000);
    expect((await read()).status).toBe(200);
    expect(world.secrets.access(subject().name('secrets/one'), 'latest', caller)).toEqual({
      value: Buffer.from('secret'),
    });
    expect(world.secrets.access('one', '7', caller)).toEqual({ fault: 'NOT_FOUND' });
    await call('DELETE', '/one');
    await make();
    expect((await call('GET', '/one:getIamPolicy')).body).toEqual({ etag: 'ACAB' });
  });

  it('are set past the wire', async () => {
    const { world } = subject();
    world.secrets.set('made', 'v1');
    world.secrets.set('made', 'v2');
    const caller = world.identity.observer;
    expect(world.secrets.access('made', 'latest', caller)).toEqual({ value: Buffer.from('v2') });
  });
});

function nameOf({ name }: { readonly name: string }): string | undefined {
  return name.split('/').at(-1);
}
