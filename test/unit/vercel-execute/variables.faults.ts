import { createHash, randomBytes } from 'node:crypto';
import { parseDirectKeys } from 'polyfaas/http';
import { objectAt, textAt, valueAt } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { decodeFiles } from '../../../providers/vercel/record-text.ts';
import { file } from '../vercel-build-output/inputs.ts';
import {
  ARTIFACT,
  keys,
  makeProject,
  onFake,
  project,
  valueOf,
  variables,
  VERSION,
  type OnFake,
} from './on-fake.ts';

const ENV = `POLYFAAS_ENV_${VERSION.toUpperCase()}`;
const FILES = `POLYFAAS_FILES_${VERSION.toUpperCase()}`;
const DEPLOYED = ['production', 'preview'];

async function variable(on: OnFake, projectId: string, key: string): Promise<object> {
  const found = (await variables(on, projectId)).find((one) => textAt(one, 'key') === key);
  return { type: valueAt(found, 'type'), target: valueAt(found, 'target') };
}

const put = (on: OnFake, projectId: string, given: object): Promise<unknown> =>
  on.ask({ method: 'POST', path: `/v10/projects/${projectId}/env`, body: [given] });

/** Does it twice, with every answer lost in turn, and tells what the first of each wrote. */
async function everyLoss(
  kind: string,
  inputOf: (projectId: string) => object,
  check: (on: OnFake, projectId: string) => Promise<void>,
): Promise<void> {
  const probe = await onFake();
  const probed = await makeProject(probe);
  const calls = await probe.fake.faults.count(async () => {
    await probe.run(kind, inputOf(probed));
  });
  for (let call = 0; call < calls; call += 1) {
    const on = await onFake();
    const projectId = await makeProject(on);
    on.fake.faults.arm({ call, kind: 'lost-reply' });
    await on.persist(kind, inputOf(projectId));
    await check(on, projectId);
    on.writes.splice(0);
    await on.run(kind, inputOf(projectId));
    expect(on.writes).toEqual([]);
  }
}

describe('invoke keys', () => {
  const input = (projectId: string, keyId = 'k1') => ({ projectId, keyId, needsCronSecret: false });
  const ring = async (on: OnFake, projectId: string) =>
    parseDirectKeys((await valueOf(on, projectId, 'POLYFAAS_INVOKE_KEYS')) ?? '');

  it('are made once, whatever becomes of the answers', async () => {
    await everyLoss('write-keys', input, async (on, projectId) => {
      expect(await ring(on, projectId)).toEqual([
        { id: 'k1', secret: expect.stringMatching(/^[\w-]{43}$/) },
      ]);
      expect(await variable(on, projectId, 'POLYFAAS_INVOKE_KEYS')).toEqual({
        type: 'encrypted',
        target: DEPLOYED,
      });
    });
  });

  it('are in no output', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    expect(await on.run('write-keys', input(projectId))).toEqual({});
  });

  it('are rotated: the one before stays valid, older ones go', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await on.run('write-keys', input(projectId));
    const [first] = await ring(on, projectId);
    await on.run('write-keys', input(projectId, 'k2'));
    const [second, ...others] = await ring(on, projectId);
    expect(others).toEqual([first]);
    await on.run('write-keys', input(projectId, 'k3'));
    expect((await ring(on, projectId)).map(({ id }) => id)).toEqual(['k3', 'k2']);
    await on.run('write-keys', input(projectId, 'k2'));
    expect((await ring(on, projectId))[0]).toEqual(second);
  });

  it('of two deploys at once are the same', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await Promise.all([1, 2, 3].map(() => on.run('write-keys', input(projectId))));
    expect(await ring(on, projectId)).toHaveLength(1);
    expect(on.writes.filter((line) => line.endsWith('/env'))).toHaveLength(1);
  });

  it('come with a secret of crons where there is a schedule, which is made once', async () => {
    const wanted = (projectId: string) => ({ ...input(projectId), needsCronSecret: true });
    await everyLoss('write-keys', wanted, async (on, projectId) => {
      expect(await variable(on, projectId, 'CRON_SECRET')).toEqual({
        type: 'sensitive',
        target: DEPLOYED,
      });
    });
  });

  it('are given to deployments again where somebody took them away', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const key = 'POLYFAAS_INVOKE_KEYS';
    const value = `k1:${'s'.repeat(20)}`;
    await put(on, projectId, { key, value, type: 'encrypted', target: ['preview'] });
    await on.run('write-keys', input(projectId));
    expect(await variable(on, projectId, key)).toMatchObject({ target: DEPLOYED });
    expect(await valueOf(on, projectId, key)).toBe(value);
  });
});

describe('plain variables', () => {
  const env = { B: '2', A: '1' };
  const input = (projectId: string) => ({
    projectId,
    version: VERSION,
    env,
    expected: 'first',
  });

  it('are one encrypted variable, written once', async () => {
    await everyLoss('write-env', input, async (on, projectId) => {
      expect(await valueOf(on, projectId, ENV)).toBe('{"A":"1","B":"2"}');
      expect(await variable(on, projectId, ENV)).toEqual({ type: 'encrypted', target: DEPLOYED });
    });
  });

  it('that somebody changed are put right', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await put(on, projectId, { key: ENV, value: '{}', type: 'encrypted', target: ['production'] });
    await on.run('write-env', input(projectId));
    expect(await valueOf(on, projectId, ENV)).toBe('{"A":"1","B":"2"}');
    expect(await variable(on, projectId, ENV)).toMatchObject({ target: DEPLOYED });
  });

  it('of a kept version are given to deployments again, or known to be gone', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const kept = { projectId, version: VERSION, env: null, expected: 'first' };
    await expect(on.run('write-env', kept)).rejects.toMatchObject({ code: 'CONFLICT' });
    await put(on, projectId, {
      key: ENV,
      value: '{"A":"1"}',
      type: 'encrypted',
      target: ['development'],
    });
    await on.run('write-env', kept);
    expect(await variable(on, projectId, ENV)).toMatchObject({ target: DEPLOYED });
    on.writes.splice(0);
    await on.run('write-env', kept);
    expect(on.writes).toEqual([]);
  });
});

describe('secrets', () => {
  const check = (projectId: string | null) => ({ projectId, secrets: { orders_db: 'orders/db' } });
  const link = (projectId: string) => ({ projectId, variables: ['orders_db'] });

  it('that are nowhere are refused, by their name and with what to do', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    on.writes.splice(0);
    for (const id of [null, projectId]) {
      await expect(on.run('check-secrets', check(id))).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringMatching(/"orders\/db" \(as the variable orders_db\).*orders_db/),
      });
    }
    await expect(on.run('link-secrets', link(projectId))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(on.writes).toEqual([]);
  });

  it('of the team are linked to the project once', async () => {
    const on = await onFake();
    on.fake.world.projects.setSharedVariable('orders_db', 'secret');
    await on.run('check-secrets', check(null));
    const projectId = await makeProject(on);
    await on.run('check-secrets', check(projectId));
    on.writes.splice(0);
    on.fake.faults.arm({ call: 2, kind: 'lost-reply' });
    await on.persist('link-secrets', link(projectId));
    await on.run('link-secrets', link(projectId));
    expect(on.writes).toEqual(['PATCH /v1/env']);
    const shared = await on.ask({ method: 'GET', path: '/v1/env' });
    expect(JSON.stringify(shared)).toContain(projectId);
  });

  it('of the project itself are enough', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const own = { key: 'orders_db', value: 'secret', type: 'sensitive', target: ['production'] };
    await put(on, projectId, own);
    on.writes.splice(0);
    await on.run('check-secrets', check(projectId));
    await on.run('link-secrets', link(projectId));
    expect(on.writes).toEqual([]);
  });
});

describe('the way through the protection of deployments', () => {
  it('is made once', async () => {
    const input = (projectId: string) => ({ projectId });
    await everyLoss('protection-bypass', input, async (on, projectId) => {
      const found = objectAt(await project(on, projectId), 'protectionBypass');
      expect(Object.keys(found)).toHaveLength(1);
    });
  });
});

describe('the list of files', () => {
  const input = (projectId: string, version = VERSION) => ({
    projectId,
    version,
    artifactDigest: ARTIFACT,
  });

  it('is written once', async () => {
    await everyLoss('keep-files', input, async (on, projectId) => {
      expect(await variable(on, projectId, FILES)).toEqual({
        type: 'plain',
        target: ['development'],
      });
      const files = decodeFiles(await valueOf(on, projectId, FILES));
      expect(files?.map(({ path }) => path)).toEqual(['bin/tool', 'index.mjs', 'polyfaas.mjs']);
      const [, index] = on.files;
      const sha = createHash('sha1').update(index?.bytes ?? '');
      expect(files?.[1]).toMatchObject({ sha: sha.digest('hex'), mode: 0o100644 });
    });
  });

  it('is not kept when it is too long', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    addFiles(on, 1_500);
    await on.run('keep-files', input(projectId));
    expect(await keys(on, projectId)).toEqual(['POLYFAAS_RECORD_1']);
  });

  it('of an older version makes room for it', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    addFiles(on, 300);
    for (const version of ['1111111111', '2222222222']) {
      await on.run('keep-files', input(projectId, version));
    }
    addFiles(on, 10);
    await on.run('keep-files', input(projectId));
    const kept = (await keys(on, projectId)).filter((key) => key.startsWith('POLYFAAS_FILES_'));
    expect(kept).toContain(FILES);
    expect(kept).toHaveLength(2);
  });

  it('is not kept where others leave no room', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const value = 'x'.repeat(65_000);
    await put(on, projectId, { key: 'BIG', value, type: 'plain', target: ['development'] });
    addFiles(on, 100);
    await on.run('keep-files', input(projectId));
    expect(await keys(on, projectId)).toEqual(['BIG', 'POLYFAAS_RECORD_1']);
  });
});

function addFiles({ files }: OnFake, count: number): void {
  for (let index = 0; index < count; index += 1) {
    files.push(file(`node_modules/${index}.mjs`, randomBytes(8).toString('hex')));
  }
}
