import { jsonObject, textAt, valueAt } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import {
  deploymentInput,
  deployments,
  goLive,
  keys,
  makeProject,
  onFake,
  project,
  recordOf,
  variables,
  writeInput,
  type OnFake,
} from './on-fake.ts';

async function production(on: OnFake, projectId: string): Promise<unknown> {
  return valueAt(await project(on, projectId), 'targets', 'production', 'id');
}

async function made(on: OnFake, projectId: string, digest: string): Promise<string> {
  const output = await on.run('create-deployment', deploymentInput(projectId, { digest }));
  return textAt(output, 'id') ?? '';
}

async function overtake(on: OnFake, projectId: string): Promise<void> {
  const other = recordOf({ next: 'second' });
  await on.run('write-record', writeInput(projectId, other, { number: 1 }));
}

const switchTo = (projectId: string, deploymentId: string) => ({
  projectId,
  deploymentId,
  expected: 'first',
});

describe('a promotion', () => {
  it('makes a deployment live, and tells where the function is', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const id = await made(on, projectId, 'digest-1');
    const output = await on.run('promote-deployment', switchTo(projectId, id));
    expect(output).toEqual({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    expect(await production(on, projectId)).toBe(id);
    on.writes.splice(0);
    expect(await on.run('promote-deployment', switchTo(projectId, id))).toEqual(output);
    expect(on.writes).toEqual([]);
  });

  it('keeps the address', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const [one, two] = [
      await made(on, projectId, 'digest-1'),
      await made(on, projectId, 'digest-2'),
    ];
    const first = await on.run('promote-deployment', switchTo(projectId, one));
    expect(await on.run('promote-deployment', switchTo(projectId, two))).toEqual(first);
  });

  it('is asked for once, whatever becomes of the answers', async () => {
    for (let call = 0; call < 4; call += 1) {
      const on = await onFake();
      const projectId = await makeProject(on);
      const id = await made(on, projectId, 'digest-1');
      on.writes.splice(0);
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('promote-deployment', switchTo(projectId, id));
      expect(await production(on, projectId)).toBe(id);
      expect(on.writes).toHaveLength(1);
    }
  });

  it('waits for one of somebody else, and then does its own', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const [one, two] = [
      await made(on, projectId, 'digest-1'),
      await made(on, projectId, 'digest-2'),
    ];
    await on.ask({
      method: 'POST',
      path: `/v10/projects/${projectId}/promote/${one}`,
      body: {},
    });
    await on.run('promote-deployment', switchTo(projectId, two));
    expect(await production(on, projectId)).toBe(two);
  });

  it('is not asked for by who was overtaken', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const id = await made(on, projectId, 'digest-1');
    await overtake(on, projectId);
    on.writes.splice(0);
    await expect(on.run('promote-deployment', switchTo(projectId, id))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(on.writes).toEqual([]);
  });

  it('of a deployment that somebody deletes meanwhile is told as a conflict', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const live = await goLive(on, projectId);
    const id = await made(on, projectId, 'digest-2');
    const input = switchTo(projectId, id);
    const begun = jsonObject({ begun: await on.begin('promote-deployment', input) });
    await on.ask({ method: 'DELETE', path: `/v13/deployments/${id}` });
    await on.clock.advance(10_000);
    const resume = valueAt(begun, 'begun', 'resume');
    await expect(on.begin('promote-deployment', input, resume)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('What is live stays so. Run the same operation again'),
    });
    expect(await production(on, projectId)).toBe(live);
  });
});

describe('a rollback', () => {
  it('makes one that served before live again, at the same address', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    const one = await goLive(on, projectId);
    const two = await made(on, projectId, 'digest-2');
    const output = await on.run('promote-deployment', switchTo(projectId, two));
    for (let call = 0; call < 4; call += 1) {
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      expect(await on.persist('roll-back', switchTo(projectId, one))).toEqual(output);
      expect(await production(on, projectId)).toBe(one);
      on.fake.faults.disarm();
      await on.run('promote-deployment', switchTo(projectId, two));
    }
  });

  it('to one that never served is refused as Vercel does', async () => {
    const on = await onFake();
    const projectId = await makeProject(on);
    await goLive(on, projectId);
    const id = await made(on, projectId, 'digest-2');
    await expect(on.run('roll-back', switchTo(projectId, id))).rejects.toMatchObject({
      status: 422,
    });
  });
});

describe('retiring', () => {
  const LIVE = 'aaaaaaaaaa';
  const KEPT = 'bbbbbbbbbb';
  const GONE = 'cccccccccc';
  const ofVersion = (what: string, version: string) => `POLYFAAS_${what}_${version.toUpperCase()}`;

  async function grown(on: OnFake) {
    const projectId = await makeProject(on);
    for (const version of [LIVE, KEPT, GONE]) {
      await on.run('write-env', {
        projectId,
        version,
        env: { A: version },
        expected: 'first',
      });
      const files = { projectId, version, artifactDigest: 'a'.repeat(40) };
      await on.run('keep-files', files);
    }
    const ids: string[] = [];
    for (const version of [GONE, KEPT, LIVE]) {
      ids.push(await goLive(on, projectId, { version, digest: `digest-${version}` }));
    }
    const [gone = '', kept = '', live = ''] = ids;
    const input = { projectId, keep: [kept, live], versions: [KEPT, LIVE], live: LIVE };
    return { projectId, gone, kept, live, input: { ...input, expected: 'first' } };
  }

  it('deletes deployments and variables that no version is behind', async () => {
    const on = await onFake();
    const { projectId, kept, live, input } = await grown(on);
    await on.run('retire-deployments', input);
    const left = (await deployments(on, projectId)).map((one) => textAt(one, 'uid'));
    expect(left).toEqual([live, kept]);
    expect(await keys(on, projectId)).toEqual([
      ofVersion('ENV', LIVE),
      ofVersion('ENV', KEPT),
      ofVersion('FILES', LIVE),
      ofVersion('FILES', KEPT),
      'POLYFAAS_RECORD_1',
    ]);
    const targets = Object.fromEntries(
      (await variables(on, projectId)).map((one) => [textAt(one, 'key'), valueAt(one, 'target')]),
    );
    expect(targets[ofVersion('ENV', LIVE)]).toEqual(['production', 'preview']);
    expect(targets[ofVersion('ENV', KEPT)]).toEqual(['development']);
    on.writes.splice(0);
    await on.run('retire-deployments', input);
    expect(on.writes).toEqual([]);
  });

  it('never deletes what is in production', async () => {
    const on = await onFake();
    const { projectId, live, input } = await grown(on);
    await on.run('retire-deployments', { ...input, keep: [] });
    const left = (await deployments(on, projectId)).map((one) => textAt(one, 'uid'));
    expect(left).toEqual([live]);
    expect(await production(on, projectId)).toBe(live);
  });

  it('is not done by who was overtaken', async () => {
    const on = await onFake();
    const { projectId, input } = await grown(on);
    await overtake(on, projectId);
    on.writes.splice(0);
    await expect(on.run('retire-deployments', input)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(on.writes).toEqual([]);
  });

  it('comes to the same, whatever becomes of the answers', async () => {
    const probe = await onFake();
    const { input } = await grown(probe);
    const calls = await probe.fake.faults.count(async () => {
      await probe.run('retire-deployments', input);
    });
    for (let call = 0; call < calls; call += 1) {
      const on = await onFake();
      const there = await grown(on);
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('retire-deployments', there.input);
      expect(await deployments(on, there.projectId)).toHaveLength(2);
      expect(await keys(on, there.projectId)).toHaveLength(5);
    }
  });

  it('puts aside what there is room for, and lets go of the rest', async () => {
    const on = await onFake();
    const { projectId, input } = await grown(on);
    const value = 'x'.repeat(64_500);
    const body = [{ key: 'BIG', value, type: 'plain', target: ['development'] }];
    await on.ask({ method: 'POST', path: `/v10/projects/${projectId}/env`, body });
    await on.run('write-env', {
      projectId,
      version: KEPT,
      env: { A: 'y'.repeat(1_000) },
      expected: 'first',
    });
    await on.run('retire-deployments', input);
    expect(await keys(on, projectId)).not.toContain(ofVersion('ENV', KEPT));
  });
});
