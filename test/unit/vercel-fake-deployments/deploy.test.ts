import { createHash } from 'node:crypto';
import { readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  call,
  deploy,
  deployFolder,
  folderOf,
  FUNCTION,
  outputOf,
  ROUTES,
  startTeam,
  textAt,
  valueAt,
} from './support.ts';

const sha1 = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('hex');

describe('a deployment by the client of the vendor', () => {
  it('uploads what is missing, is built, and has the address of production', async () => {
    const team = await startTeam();
    const { world } = team;
    const project = world.store.create('orders');
    const folder = await folderOf(outputOf());

    const events = await deployFolder(team, folder, {
      name: 'orders',
      project: project.id,
      target: 'production',
      meta: { polyfaasDigest: 'abc' },
      projectSettings: { framework: null },
    });

    expect(events.map(({ type }) => type)).toEqual([
      'hashes-calculated',
      'file-count',
      'file-uploaded',
      'file-uploaded',
      'file-uploaded',
      'all-files-uploaded',
      'created',
      'ready',
      'alias-assigned',
    ]);
    const created = events.find(({ type }) => type === 'created')?.payload;
    expect(created).toMatchObject({
      readyState: 'QUEUED',
      aliasAssigned: false,
      target: 'production',
    });
    const [alias = ''] = project.aliases;
    expect(events.at(-1)?.payload).toMatchObject({
      readyState: 'READY',
      readySubstate: 'PROMOTED',
      aliasAssigned: true,
      alias: [alias],
      meta: { polyfaasDigest: 'abc' },
      regions: ['fra1'],
      type: 'LAMBDAS',
    });

    const id = textAt(created, 'id');
    const found = world.projects.deploymentOfHost(alias);
    expect(found).toMatchObject({ isProductionAlias: true, deployment: { id, routes: ROUTES } });
    expect(world.projects.deploymentOfHost(textAt(created, 'url'))).toMatchObject({
      isProductionAlias: false,
      deployment: { id },
    });
    expect(world.projects.productionOf(project.id)?.id).toBe(id);
    expect(world.projects.producing().map((one) => one.id)).toEqual([id]);
    const [main] = found?.deployment.functions ?? [];
    expect(main).toMatchObject({
      name: 'polyfaas/main',
      handler: 'index.mjs',
      memoryMb: 512,
      maxDurationSeconds: 30,
      maxConcurrency: 10,
      regions: ['fra1'],
      triggers: [],
    });
    const code = await readFile(join(main?.folder ?? '', 'index.mjs'), 'utf8');
    expect(code).toBe('export default () => {};');
    expect(world.inventory()).toContain('deployment of orders');
  });

  it('uploads no file twice', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    await deploy(team);
    const folder = await folderOf(outputOf('export default () => 2;'));

    const events = await deployFolder(team, folder, { name: 'orders', project: 'orders' });

    expect(events.filter(({ type }) => type === 'file-uploaded')).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('alias-assigned');
  });

  it('has the variables of its target as they were when it was made', async () => {
    const team = await startTeam();
    const { world } = team;
    const project = world.store.create('orders');
    const setVariable = async (value: string, target: string): Promise<void> => {
      const path = `/v10/projects/orders/env?upsert=true`;
      const body = { key: 'STAGE', value, type: 'encrypted', target: [target] };
      const { status } = await call(team, 'POST', path, { body });
      expect(status).toBe(201);
    };
    await setVariable('production-1', 'production');
    const id = await deploy(team);
    await setVariable('production-2', 'production');

    expect(world.projects.deploymentById(id)?.variables).toEqual({ STAGE: 'production-1' });
    const second = await deploy(team);
    expect(world.projects.productionOf(project.id)?.id).toBe(second);
    expect(world.projects.deploymentById(second)?.variables).toEqual({ STAGE: 'production-2' });
  });

  it('goes through its states as time passes', async () => {
    const team = await startTeam();
    const { world, clock } = team;
    world.store.create('orders');
    const files = await uploaded(team, outputOf());
    const body = { name: 'orders', project: 'orders', target: 'production', files };
    const made = await call(team, 'POST', '/v13/deployments?prebuilt=1', { body });
    expect(made).toMatchObject({ status: 200, body: { readyState: 'QUEUED' } });
    const path = `/v13/deployments/${textAt(made.body, 'id')}`;
    const states = [];
    for (const ms of [300, 1_900, 100]) {
      await clock.advance(ms);
      states.push(textAt((await call(team, 'GET', path)).body, 'readyState'));
      const host = textAt(made.body, 'url');
      expect(world.projects.deploymentOfHost(host) !== undefined).toBe(states.at(-1) === 'READY');
    }
    expect(states).toEqual(['BUILDING', 'BUILDING', 'READY']);
  });

  it('can be canceled until it is ready', async () => {
    const team = await startTeam();
    const { world, clock } = team;
    const project = world.store.create('orders');
    const files = await uploaded(team, outputOf());
    const body = { name: 'orders', project: 'orders', target: 'production', files };
    const made = await call(team, 'POST', '/v13/deployments?prebuilt=1', { body });
    const id = textAt(made.body, 'id');

    const canceled = await call(team, 'PATCH', `/v12/deployments/${id}/cancel`);
    await clock.advance(5_000);

    expect(canceled).toMatchObject({ status: 200, body: { readyState: 'CANCELED' } });
    expect(world.projects.productionOf(project.id)).toBeUndefined();
    const ready = await deploy(team);
    const late = await call(team, 'PATCH', `/v12/deployments/${ready}/cancel`);
    expect(late.status).toBe(400);
  });
});

describe('the upload of files', () => {
  const bytes = Buffer.from('hello');
  const digest = sha1(bytes);
  const type = { 'content-type': 'application/octet-stream' };

  it('takes what has its digest, under either name of the header', async () => {
    const team = await startTeam();
    for (const name of ['x-now-digest', 'x-vercel-digest']) {
      const headers = { ...type, [name]: digest, 'x-now-size': '5' };
      const answer = await call(team, 'POST', '/v2/files', { bytes, headers });
      expect(answer).toEqual({ status: 200, body: {} });
    }
  });

  it('refuses another digest or size, none, and another type', async () => {
    const team = await startTeam();
    const wrong = [
      { ...type, 'x-now-digest': sha1(Buffer.from('other')) },
      { ...type, 'x-now-digest': digest, 'x-now-size': '6' },
      type,
      { 'content-type': 'text/plain', 'x-now-digest': digest },
    ];
    for (const headers of wrong) {
      const answer = await call(team, 'POST', '/v2/files', { bytes, headers });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
    }
  });

  it('is asked for by the digests that are missing', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    const files = await uploaded(team, outputOf());
    const odd = { file: `${FUNCTION}/odd.txt`, sha: digest, size: 5, mode: 33_188 };
    const body = { name: 'orders', project: 'orders', files: [...files, odd] };

    const refused = await call(team, 'POST', '/v13/deployments?prebuilt=1', { body });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { code: 'missing_files', missing: [digest] } },
    });

    await call(team, 'POST', '/v2/files', { bytes, headers: { ...type, 'x-now-digest': digest } });
    const made = await call(team, 'POST', '/v13/deployments?prebuilt=1', { body });
    expect(made.status).toBe(200);
    const tree = await call(team, 'GET', `/v6/deployments/${textAt(made.body, 'id')}/files`);
    expect(valueAt(tree.body, 0)).toMatchObject({ name: '.vercel', type: 'directory' });
  });
});

describe('the body of a deployment', () => {
  it('is refused for what Vercel does not know', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    const files = await uploaded(team, outputOf());
    const good = { name: 'orders', project: 'orders', files };
    const wrong: readonly (readonly [string, object, string])[] = [
      ['?prebuilt=1', { ...good, foo: 1 }, 'should NOT have additional property `foo`'],
      ['?prebuilt=1', { ...good, meta: { a: 1 } }, '`meta.a` should be string'],
      ['?prebuilt=1', { project: 'orders', files }, 'missing required property `name`'],
      ['?prebuilt=1', { ...good, target: 'preview' }, '`target` should be'],
      ['?prebuilt=1', { ...good, files: [] }, '`files` should NOT be empty'],
      ['?prebuilt=1', { ...good, name: 'Orders' }, 'must be lowercase'],
      ['?prebuilt=1', { ...good, gitSource: {} }, 'not for prebuilt'],
      ['?prebuilt=1', { ...good, autoAssignCustomDomains: 'no' }, 'should be boolean'],
      ['?prebuilt=1&bar=1', good, 'should NOT have additional property `bar`'],
      ['', good, '`prebuilt=1` is missing'],
      [
        '?prebuilt=1',
        { ...good, files: [{ file: '../a', data: 'x' }] },
        'has an invalid path "../a"',
      ],
    ];
    for (const [query, body, message] of wrong) {
      const answer = await call(team, 'POST', `/v13/deployments${query}`, { body });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
      expect(textAt(answer.body, 'error', 'message')).toContain(message);
    }
  });

  it('names a project that is there', async () => {
    const team = await startTeam();
    const files = await uploaded(team, outputOf());
    const post = (body: object) => call(team, 'POST', '/v13/deployments?prebuilt=1', { body });

    expect(await post({ name: 'a', project: 'prj_none', files })).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    expect(await post({ name: 'a', files })).toMatchObject({
      status: 400,
      body: { error: { code: 'missing_project_settings' } },
    });
    team.world.store.create('a');
    expect(await post({ name: 'a', files })).toMatchObject({ status: 200, body: { name: 'a' } });
  });

  it('may hold the contents of small files', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    const data = (content: string | object): string =>
      Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString(
        'base64',
      );
    const files = Object.entries(outputOf()).map(([file, content]) => ({
      file,
      data: data(content),
      encoding: 'base64',
    }));
    const body = { name: 'orders', project: 'orders', files };
    const made = await call(team, 'POST', '/v13/deployments?prebuilt=1', { body });
    await team.clock.advance(5_000);
    const id = textAt(made.body, 'id');
    expect(team.world.projects.deploymentById(id)).toMatchObject({ target: 'preview' });
  });
});

describe('files that are more than contents', () => {
  it('keep being links and programs', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    const folder = await folderOf(outputOf());
    await writeFile(join(folder, FUNCTION, 'run.sh'), '#!/bin/sh', { mode: 0o755 });
    await symlink('index.mjs', join(folder, FUNCTION, 'link.mjs'));

    const events = await deployFolder(team, folder, { name: 'orders', project: 'orders' });

    const id = textAt(events.at(-1)?.payload, 'id');
    const [main] = team.world.projects.deploymentById(id)?.functions ?? [];
    expect(await readlink(join(main?.folder ?? '', 'link.mjs'))).toBe('index.mjs');
    expect((await stat(join(main?.folder ?? '', 'run.sh'))).mode & 0o111).toBe(0o111);
  });

  it('are refused when they lead out of the deployment', async () => {
    const team = await startTeam();
    team.world.store.create('orders');
    const files = await uploaded(team, outputOf());
    const link = { file: `${FUNCTION}/out`, data: '/etc/passwd', mode: 0o120_777 };
    const body = { name: 'orders', project: 'orders', files: [...files, link] };
    const answer = await call(team, 'POST', '/v13/deployments?prebuilt=1', { body });
    expect(answer.status).toBe(400);
  });
});

/** Uploads an output by hand. Resolves to `files` of a deployment. */
async function uploaded(
  team: Awaited<ReturnType<typeof startTeam>>,
  output: Readonly<Record<string, string | object>>,
): Promise<readonly object[]> {
  const files: object[] = [];
  for (const [file, content] of Object.entries(output)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const bytes = Buffer.from(text);
    const headers = { 'content-type': 'application/octet-stream', 'x-now-digest': sha1(bytes) };
    await call(team, 'POST', '/v2/files', { bytes, headers });
    files.push({ file, sha: sha1(bytes), size: bytes.length, mode: 33_188 });
  }
  return files;
}
