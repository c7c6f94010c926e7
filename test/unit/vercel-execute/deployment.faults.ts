import { readFile } from 'node:fs/promises';
import { jsonObject, textAt, valueAt } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { FuncManifest } from '../../../providers/vercel/manifest.ts';
import { withSince } from '../../../providers/vercel/execute/deployment.ts';
import { file, policy, queue, topic } from '../vercel-build-output/inputs.ts';
import {
  ARTIFACT,
  deploymentInput,
  deployments,
  goLive,
  makeProject,
  onFake,
  project,
  recordOf,
  VERSION,
  writeInput,
  type OnFake,
} from './on-fake.ts';

const STEP = 'create-deployment';

async function manifest({ fake }: OnFake, id: string, name = 'polyfaas/main') {
  const deployment = fake.world.projects.deploymentById(id);
  const folder = deployment?.functions.find((one) => one.name === name)?.folder;
  const found: FuncManifest = JSON.parse(await readFile(`${folder}/polyfaas.json`, 'utf8'));
  return found;
}

describe('a deployment', () => {
  it('is made staged: it serves nobody', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const made = await on.run(STEP, deploymentInput(projectId));
    expect(made).toEqual({
      id: expect.stringMatching(/^dpl_/),
      host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(valueAt(await project(on, projectId), 'targets', 'production')).toBeUndefined();
    const [found] = await deployments(on, projectId);
    expect(found).toMatchObject({
      state: 'READY',
      target: 'production',
      readySubstate: 'STAGED',
      meta: {
        team: 'blue',
        polyfaasApp: 'shop',
        polyfaasStage: 'dev',
        polyfaasFunction: 'orders',
        polyfaasVersion: VERSION,
        polyfaasDigest: 'digest-1',
      },
    });
    expect(await manifest(on, textAt(made, 'id') ?? '')).toMatchObject({ version: VERSION });
  });

  it('is not repeated when it is there', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const made = await on.run(STEP, deploymentInput(projectId));
    on.writes.splice(0);
    expect(await on.run(STEP, deploymentInput(projectId))).toEqual(made);
    expect(on.writes).toEqual([]);
  });

  it('is made once, whatever becomes of the answers', async () => {
    const probe = await onFake();
    const input = deploymentInput(await makeProject(probe));
    const calls = await probe.fake.faults.count(async () => {
      await probe.run(STEP, input);
    });
    for (let call = 0; call < calls; call += 1) {
      const on = await onFake();
      const projectId = await makeProject(on);
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist(STEP, { ...input, projectId });
      expect(await deployments(on, projectId)).toHaveLength(1);
    }
  });

  it('that is being built already is waited for', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    expect(await on.begin(STEP, deploymentInput(projectId))).toMatchObject({ done: false });
    on.writes.splice(0);
    await on.run(STEP, deploymentInput(projectId));
    expect(on.writes).toEqual([]);
  });

  it('is not made by who was overtaken', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const other = recordOf({ next: 'second' });
    await on.run('write-record', writeInput(projectId, other, { number: 1 }));
    on.writes.splice(0);
    await expect(on.run(STEP, deploymentInput(projectId))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(on.writes).toEqual([]);
  });

  it('that fails is deleted, and tells what Vercel said', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    on.fake.world.failingBuilds.set('digest-1', 'The disk is full');
    await expect(on.run(STEP, deploymentInput(projectId))).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringMatching(/BUILD_FAILED.*The disk is full\./),
    });
    expect(await deployments(on, projectId)).toEqual([]);
    on.fake.world.failingBuilds.clear();
    await on.run(STEP, deploymentInput(projectId));
    expect(await deployments(on, projectId)).toHaveLength(1);
  });

  it('that failed when nobody looked is made anew', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    on.fake.world.failingBuilds.set('digest-1', 'The disk is full');
    await on.begin(STEP, deploymentInput(projectId));
    await on.clock.advance(60_000);
    on.fake.world.failingBuilds.clear();
    await on.run(STEP, deploymentInput(projectId));
    expect(await deployments(on, projectId)).toMatchObject([{ state: 'READY' }]);
  });

  it('that somebody cancels, or deletes, is a conflict', async () => {
    for (const method of ['PATCH', 'DELETE'] as const) {
      const on = await onFake();
      const projectId = await makeProject(on);
      const input = deploymentInput(projectId);
      const begun = jsonObject({ begun: await on.begin(STEP, input) });
      const [found] = await deployments(on, projectId);
      const id = textAt(found, 'uid');
      const path = method === 'PATCH' ? `/v12/deployments/${id}/cancel` : `/v13/deployments/${id}`;
      await on.ask({ method, path });
      const again = on.begin(STEP, input, valueAt(begun, 'begun', 'resume'));
      await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
    }
  });

  it('leaves the one in production where it is', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const live = await goLive(on, projectId);
    await on.run(STEP, deploymentInput(projectId, { digest: 'digest-2' }));
    const production = valueAt(await project(on, projectId), 'targets', 'production', 'id');
    expect(production).toBe(live);
  });
});

describe('a deployment of kept files', () => {
  const kept = (projectId: string) =>
    deploymentInput(projectId, {
      source: 'kept',
      digest: 'digest-2',
      policies: [policy('queue-1', queue('orders'))],
    });
  const withFiles = async (on: OnFake): Promise<string> => {
    const projectId = await makeProject(on);
    await on.run('keep-files', { projectId, version: VERSION, artifactDigest: ARTIFACT });
    await on.run(STEP, deploymentInput(projectId));
    on.files.splice(0);
    on.writes.splice(0);
    return projectId;
  };

  it('has the same code with other events, and needs no artifact', async () => {
    const on = await onFake();
    const projectId = await withFiles(on);
    const made = await on.run(STEP, kept(projectId));
    const id = textAt(made, 'id') ?? '';
    expect(on.fake.world.projects.deploymentById(id)?.functions).toMatchObject([
      { name: 'polyfaas/events/queue-1', triggers: [{ topic: 'orders' }] },
      { name: 'polyfaas/main', triggers: [] },
    ]);
    expect(await manifest(on, id, 'polyfaas/events/queue-1')).toMatchObject({
      serves: { bindingId: 'queue-1' },
    });
    // config.json, and two files of each function.
    expect(on.writes.filter((line) => line === 'POST /v2/files')).toHaveLength(5);
    on.writes.splice(0);
    expect(await on.run(STEP, kept(projectId))).toEqual(made);
    expect(on.writes).toEqual([]);
  });

  it('is made once, whatever becomes of the answers', async () => {
    const probe = await onFake();
    const probed = await withFiles(probe);
    const calls = await probe.fake.faults.count(async () => {
      await probe.run(STEP, kept(probed));
    });
    for (let call = 0; call < calls; call += 1) {
      const on = await onFake();
      const projectId = await withFiles(on);
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist(STEP, kept(projectId));
      expect(await deployments(on, projectId)).toHaveLength(2);
    }
  });

  it('is refused when it is not known what the version consists of, or Vercel has it no more', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await expect(on.run(STEP, kept(projectId))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/Declare the events/),
    });
    on.files.push(file('other.mjs', 'export {};'));
    // Noted, but never uploaded.
    await on.run('keep-files', { projectId, version: VERSION, artifactDigest: ARTIFACT });
    await expect(on.run(STEP, kept(projectId))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/Deploy the function again/),
    });
    expect(await deployments(on, projectId)).toEqual([]);
  });
});

describe('the time since when a binding of a topic is wished', () => {
  const policies = [policy('topic-1', topic('users')), policy('queue-1', queue('orders'))];

  it('is taken from the record', async () => {
    const on = await onFake();
    const bindings = policies.map(({ binding }) => binding);
    const began = on.clock.now();
    const projectId = await makeProject(on, recordOf({ bindings }));
    await on.clock.advance(60_000);
    const made = await on.run(STEP, deploymentInput(projectId, { policies }));
    const id = textAt(made, 'id') ?? '';
    const { bindings: told } = await manifest(on, id, 'polyfaas/events/topic-1');
    expect(told.map(({ since }) => since)).toEqual([began, null]);
  });

  it('is now, where the record does not know', () => {
    const told = withSince(policies, { since: {} }, 1_000);
    expect(told.map(({ since }) => since)).toEqual([1_000, null]);
  });
});
