/** The deploying side, end to end on the fake. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, type FunctionSpec } from 'polyfaas';
import { GCP } from 'polyfaas/gcp';
import { createStage, REGION, type Stage } from '../../gcp/support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const source = 'export default { invoke: () => 1, queue: () => {} };';
const managerOf = (
  name: string,
  spec: Omit<FunctionSpec, 'source' | 'entry' | 'artifact' | 'image'> = {},
) => stage.manager({ app: 'core', functions: { [name]: { source, ...spec } } });
const during = (work: () => Promise<unknown>) => stage.during(work);
const isWrite = (line: string): boolean => / (?:POST|PUT|PATCH|DELETE) /.test(line);

describe('the number of the project', () => {
  it('is not asked for where a function is there', async () => {
    await (await managerOf('known')).deploy('known');
    const unchanged = await managerOf('known');
    expect((await during(() => unchanged.deploy('known'))).toSorted()).toEqual([
      'functions GET functions/core-dev-known',
      'secretmanager GET secrets/polyfaas-core-dev-known',
    ]);
    const event = { type: 'queue', id: 'q', queue: 'known-q', create: true } as const;
    const other = await managerOf('known');
    const calls = await during(() => other.configureEvent('known', event));
    expect(calls.filter((line) => line.startsWith('cloudresourcemanager'))).toEqual([]);
    expect(calls.filter((line) => line.includes('setIamPolicy'))).not.toEqual([]);
    await other.remove('known');
  });

  it('is not asked for to look at what is not there', async () => {
    const manager = await managerOf('absent');
    const calls = await during(async () => {
      await manager.plan('absent');
      await manager.remove('absent');
    });
    expect(calls.filter((line) => line.startsWith('cloudresourcemanager'))).toEqual([]);
  });
});

describe('a service account of the user’s that is not there', () => {
  it('is refused at once, and nothing is made', async () => {
    const serviceAccount = `mine@${stage.fake.projectId}.iam.gserviceaccount.com`;
    const manager = await managerOf('mine', { providerOptions: { gcp: { serviceAccount } } });
    const before = stage.clock.now();
    const calls = await during(async () => {
      await expect(manager.deploy('mine')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(serviceAccount),
      });
    });
    expect(stage.clock.now() - before).toBeLessThan(60_000);
    expect(calls.filter(isWrite)).toEqual([]);
  });
});

describe('a secret of the user’s', () => {
  it('that is not there is refused before anything is made', async () => {
    const manager = await managerOf('lost', { env: { DB: secret('lost/db') } });
    const calls = await during(async () => {
      await expect(manager.deploy('lost')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('gcloud secrets create lost-db'),
      });
    });
    expect(calls.filter(isWrite)).toEqual([]);
  });

  it('is nobody’s of ours after the function is removed, and others keep their access', async () => {
    const { world, projectId } = stage.fake;
    const name = `projects/${projectId}/secrets/shared-db`;
    world.secrets.set(name, 'value');
    const manager = await managerOf('reads', { env: { DB: secret('shared/db') } });
    await manager.deploy('reads');
    const neighbour = await managerOf('stays', { env: { DB: secret('shared/db') } });
    await neighbour.deploy('stays');
    const members = (): string => JSON.stringify(world.policies.get(name));
    expect(members()).toContain('core-dev-reads');
    await manager.remove('reads');
    expect(members()).not.toContain('core-dev-reads');
    expect(members()).toContain('core-dev-stays');
    await neighbour.remove('stays');
    expect(members()).not.toContain('core-dev-');
  });
});

describe('asynchronous invocations that cannot be', () => {
  it('are refused before anything is sent', async () => {
    const manager = await managerOf('late', {
      async: { retry: { maxAttempts: 100 }, onFailure: { type: 'queue', name: '?' } },
    });
    const calls = await during(async () => {
      await expect(manager.deploy('late')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(
          /late\.async\.retry\.maxAttempts[\s\S]*late\.async\.onFailure/,
        ),
      });
    });
    expect(calls).toEqual([]);
  });
});

describe('what somebody deletes by hand', () => {
  it('is told for the service account, before anything is built', async () => {
    const manager = await managerOf('bare');
    await manager.deploy('bare');
    const line = stage.fake
      .inventory()
      .find((one) => one.startsWith('service account core-dev-bare'));
    const id = line?.split(' ').at(-1) ?? '';
    const { projectId } = stage.fake;
    const email = id.includes('@') ? id : `${id}@${projectId}.iam.gserviceaccount.com`;
    const gcp = manager.native(GCP.clients);
    const { signal } = new AbortController();
    const path = `/v1/projects/${projectId}/serviceAccounts/${email}`;
    await gcp?.rest({ api: 'iam', method: 'DELETE', path, signal });
    const other = await managerOf('bare', { memoryMb: 512 });
    const calls = await during(async () => {
      await expect(other.deploy('bare')).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringMatching(/was deleted by somebody else.*undelete/),
      });
    });
    expect(calls.filter(isWrite)).toEqual([]);
    await other.remove('bare');
    await other.deploy('bare');
    expect((await other.invoke('bare')).output).toBe(1);
    await other.remove('bare');
  });

  it('is made anew for the service, when everything is looked at', async () => {
    const manager = await managerOf('hollow');
    await manager.deploy('hollow');
    const { projectId } = stage.fake;
    const gcp = manager.native(GCP.clients);
    const { signal } = new AbortController();
    const path = `/v2/projects/${projectId}/locations/${REGION}/services/core-dev-hollow`;
    await gcp?.rest({ api: 'run', method: 'DELETE', path, signal });
    await stage.clock.advance(60_000);
    const other = await managerOf('hollow');
    expect((await other.deploy('hollow', { drift: 'full' })).changed).toBe(true);
    expect((await other.invoke('hollow')).output).toBe(1);
    await other.remove('hollow');
    expect(stage.fake.inventory().filter((one) => one.includes('hollow'))).toEqual([]);
  });
});

describe('options that are nothing without another one', () => {
  const place = 'projects/p/locations/europe-west1';

  it('are refused, or told', async () => {
    const kmsKey = `${place}/keyRings/r/cryptoKeys/k`;
    const locked = await managerOf('locked', { providerOptions: { gcp: { kmsKey } } });
    await expect(locked.plan('locked')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/locked\.providerOptions\.gcp\.kmsKey.*dockerRepository/),
    });
    const vpcEgress = 'ALL_TRAFFIC';
    const loose = await managerOf('loose', { providerOptions: { gcp: { vpcEgress } } });
    expect((await loose.plan('loose')).warnings).toContainEqual(
      expect.objectContaining({
        type: 'ignored',
        field: expect.stringContaining('vpcEgress'),
      }),
    );
  });
});
