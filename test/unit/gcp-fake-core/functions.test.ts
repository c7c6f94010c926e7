import { describe, expect, it } from 'vitest';
import { protos } from '@google-cloud/functions';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import { refusal, useSubject, type Answer } from './support.ts';

const subject = useSubject();
const PARENT = 'projects/polyfaas-fake/locations/europe-west1';
const NAME = `${PARENT}/functions/hello-fn`;
const SERVICE = `${PARENT}/services/hello-fn`;

const call = (method: string, path: string, body?: object): Promise<Answer> =>
  subject().call('functions', method, `/v2/${path}`, body);

async function upload(text = 'zip'): Promise<object> {
  const { body } = await call('POST', `${PARENT}/functions:generateUploadUrl`, {
    environment: 'GEN_2',
  });
  expect(body.uploadUrl).toMatch(/^http/);
  const { bucket, object } = body.storageSource;
  subject().storage.put(bucket, object, Buffer.from(text));
  return body.storageSource;
}

async function wishOf(service: object = {}, more: object = {}, zip = 'zip'): Promise<object> {
  return {
    environment: 'GEN_2',
    labels: { team: 'a' },
    buildConfig: {
      runtime: 'nodejs22',
      entryPoint: 'polyfaas',
      source: { storageSource: await upload(zip) },
    },
    serviceConfig: service,
    ...more,
  };
}

const create = (wish: object, id = 'hello-fn'): Promise<Answer> =>
  call('POST', `${PARENT}/functions?functionId=${id}`, wish);

async function made(service: object = {}): Promise<void> {
  const begun = await create(await wishOf(service));
  expect(begun.body).toMatchObject({ metadata: { verb: 'create', target: NAME } });
  await subject().pass(60_000);
  expect((await call('GET', begun.body.name)).body.error).toBeUndefined();
}

describe('functions', () => {
  it('are built and deployed', async () => {
    const begun = await create(await wishOf({ environmentVariables: { A: '1' } }));
    expect((await call('GET', NAME)).body).toMatchObject({ state: 'DEPLOYING' });
    const stages = async (): Promise<object> =>
      Object.fromEntries(
        (await call('GET', begun.body.name)).body.metadata.stages.map(
          ({ name, state }: { name: string; state: string }) => [name, state],
        ),
      );
    await subject().pass(10_000);
    expect(await stages()).toEqual({
      ARTIFACT_REGISTRY: 'COMPLETE',
      BUILD: 'IN_PROGRESS',
      SERVICE: 'NOT_STARTED',
    });
    await subject().pass(50_000);
    const ended = await call('GET', begun.body.name);
    expect(ended.body).toMatchObject({
      done: true,
      response: {
        '@type': 'type.googleapis.com/google.cloud.functions.v2.Function',
        state: 'ACTIVE',
      },
    });
    const { body } = await call('GET', NAME);
    expect(body).toMatchObject({
      name: NAME,
      state: 'ACTIVE',
      environment: 'GEN_2',
      labels: { team: 'a' },
      url: 'http://127.0.0.1:1/hello-fn',
      buildConfig: { sourceProvenance: { resolvedStorageSource: {} }, runtime: 'nodejs22' },
      serviceConfig: {
        service: SERVICE,
        uri: 'http://127.0.0.1:1/hello-fn',
        revision: 'hello-fn-00001-abc',
        timeoutSeconds: 60,
        availableMemory: '256M',
        ingressSettings: 'ALLOW_ALL',
        environmentVariables: { A: '1', LOG_EXECUTION_ID: 'true' },
        serviceAccountEmail: '416161616161-compute@developer.gserviceaccount.com',
        allTrafficOnLatestRevision: true,
      },
    });
    expect(subject().run.deployed).toMatchObject([
      { serviceName: SERVICE, allTrafficOnLatest: false, ingress: 'INGRESS_TRAFFIC_ALL' },
    ]);
    const numbers = await call('GET', `${NAME}?$alt=json;enum-encoding=int`);
    expect(numbers.body).toMatchObject({ state: 1, environment: 2 });
    expect(subject().world.inventory()).toEqual(['function hello-fn']);
  });

  it('are there once, and busy once', async () => {
    const wish = await wishOf();
    await create(wish);
    const busy = [409, 'ABORTED', 'unable to queue the operation'];
    expect(refusal(await create(wish))).toEqual(busy);
    expect(refusal(await call('DELETE', NAME))).toEqual(busy);
    await subject().pass(60_000);
    expect(refusal(await create(wish)).slice(0, 2)).toEqual([409, 'ALREADY_EXISTS']);
    await call('PATCH', `${NAME}?updateMask=labels`, {});
    expect(refusal(await call('PATCH', `${NAME}?updateMask=labels`, {}))).toEqual(busy);
  });

  it('are changed as their mask says, by a build', async () => {
    await made({ environmentVariables: { A: '1' }, availableMemory: '512Mi' });
    subject().run.pinned.add(SERVICE);
    const mask = 'labels,service_config.environment_variables';
    await call('PATCH', `${NAME}?updateMask=${mask}`, {
      labels: { other: 'b' },
      serviceConfig: { environmentVariables: { B: '2' }, availableMemory: '1Gi' },
    });
    expect((await call('GET', NAME)).body).toMatchObject({
      state: 'DEPLOYING',
      labels: { team: 'a' },
    });
    await subject().pass(60_000);
    const { body } = await call('GET', NAME);
    expect(body.labels).toEqual({ other: 'b' });
    expect(body.serviceConfig).toMatchObject({
      environmentVariables: { B: '2', LOG_EXECUTION_ID: 'true' },
      availableMemory: '512Mi',
      revision: 'hello-fn-00002-abc',
    });
    expect(body.serviceConfig.allTrafficOnLatestRevision).toBeUndefined();
    expect(subject().run.deployed[1]).toMatchObject({ allTrafficOnLatest: false });
    await call('PATCH', `${NAME}?updateMask=service_config.all_traffic_on_latest_revision`, {
      serviceConfig: { allTrafficOnLatestRevision: true },
    });
    await subject().pass(60_000);
    expect(subject().run.deployed[2]).toMatchObject({ allTrafficOnLatest: true });
    const wrong = await call('PATCH', `${NAME}?updateMask=service_config.memory`, {});
    expect(refusal(wrong).slice(0, 2)).toEqual([400, 'INVALID_ARGUMENT']);
  });

  it('fail with the log of the build', async () => {
    const begun = await create(await wishOf({}, {}, 'broken'));
    await subject().pass(60_000);
    const { body } = await call('GET', begun.body.name);
    expect(body).toMatchObject({ done: true, error: { code: 3 } });
    expect(body.error.message).toMatch(
      /^Build failed with status: FAILURE and message: npm ERR! broken\. For more details see the logs at https:/,
    );
    const failed = await call('GET', NAME);
    expect(failed.body).toMatchObject({ state: 'FAILED', stateMessages: [{ severity: 'ERROR' }] });
    expect(failed.body.serviceConfig.uri).toBeUndefined();
    expect((await call('DELETE', NAME)).status).toBe(200);
  });

  it('go on serving when an update fails', async () => {
    await made();
    subject().run.fault = new GoogleFault('INVALID_ARGUMENT', 'Container Healthcheck failed.');
    const begun = await call('PATCH', `${NAME}?updateMask=labels`, { labels: { n: '1' } });
    await subject().pass(60_000);
    const { body } = await call('GET', begun.body.name);
    expect(body.error).toMatchObject({
      code: 3,
      message:
        'Could not create or update Cloud Run service hello-fn, Container Healthcheck failed.',
    });
    expect((await call('GET', NAME)).body).toMatchObject({
      state: 'ACTIVE',
      labels: { team: 'a' },
      stateMessages: [{ severity: 'ERROR', type: 'CloudRunServiceError' }],
    });
    subject().run.fault = undefined;
    await call('PATCH', `${NAME}?updateMask=labels`, { labels: { n: '1' } });
    await subject().pass(60_000);
    const good = await call('GET', NAME);
    expect(good.body.labels).toEqual({ n: '1' });
    expect(good.body.stateMessages).toBeUndefined();
  });

  it('may read the secrets that they are given', async () => {
    const { world, pass } = subject();
    const { email } = world.accounts.put(world.accounts.emailOf('runner'), {
      displayName: '',
      description: '',
    });
    await pass(5_000);
    const service = {
      serviceAccountEmail: email,
      secretEnvironmentVariables: [
        { key: 'TOKEN', projectId: 'polyfaas-fake', secret: 'token', version: 'latest' },
      ],
    };
    const told = async (): Promise<string> => {
      const found = await call('GET', NAME);
      const begun =
        found.status === 404
          ? await create(await wishOf(service))
          : await call('PATCH', `${NAME}?updateMask=labels`, {});
      await pass(60_000);
      return (await call('GET', begun.body.name)).body.error?.message ?? '';
    };
    expect(await told()).toContain(
      'Permission denied on secret: projects/polyfaas-fake/secrets/token',
    );
    const role = 'roles/secretmanager.secretAccessor';
    world.policies.grantAtOnce(
      'projects/polyfaas-fake/secrets/token',
      role,
      `serviceAccount:${email}`,
    );
    expect(await told()).toContain('was not found');
    world.secrets.set('token', 'x');
    expect(await told()).toBe('');
    expect(subject().run.deployed[0]?.setup).toMatchObject({
      serviceAccount: email,
      secretEnv: { TOKEN: { secret: 'projects/polyfaas-fake/secrets/token', version: 'latest' } },
    });
  });

  it('do not take a service over', async () => {
    subject().run.urls.set(SERVICE, 'http://127.0.0.1:1/strange');
    const begun = await create(await wishOf());
    await subject().pass(60_000);
    expect((await call('GET', begun.body.name)).body.error).toMatchObject({ code: 6 });
  });

  it('are refused when they are not right', async () => {
    const told = async (service: object, more: object = {}): Promise<string> =>
      refusal(await create(await wishOf(service, more))).join(' ');
    expect(await told({}, { environment: 0 })).toContain('400 INVALID_ARGUMENT The environment');
    expect(await told({ timeoutSeconds: 3_601 })).toContain('between 1 and 3600');
    expect(await told({ environmentVariables: { PORT: '1' } })).toContain('PORT is reserved');
    expect(await told({ environmentVariables: { K_SERVICE: '1' } })).toContain('is reserved');
    expect(await told({ environmentVariables: { A: 'x'.repeat(32_768) } })).toContain('at most');
    expect(await told({ maxInstanceRequestConcurrency: 8 })).toContain(
      'Total cpu < 1 is not supported with concurrency > 1.',
    );
    expect(await told({ availableMemory: '1Gi', availableCpu: '0.2' })).toContain('at least 0.5');
    expect(await told({ availableMemory: '64Mi' })).toContain('between 128Mi and 32Gi');
    expect(await told({ availableCpu: '4', availableMemory: '1Gi' })).toContain('2048Mi');
    expect(await told({ availableCpu: '3', availableMemory: '4Gi' })).toContain('is not one of');
    expect(await told({ minInstanceCount: 3, maxInstanceCount: 2 })).toContain(
      'min_instance_count',
    );
    expect(await told({ serviceAccountEmail: 'who@polyfaas-fake.iam.gserviceaccount.com' })).toBe(
      '400 INVALID_ARGUMENT Service account who@polyfaas-fake.iam.gserviceaccount.com does not exist.',
    );
    expect(await told({}, { labels: { A: 'x' } })).toContain('Invalid label key');
    expect(await told({ ingressSettings: 'BOGUS' })).toContain('ingress_settings');
    expect(await told({}, { oops: 1 })).toContain(
      'Unknown name "oops" at \'function\': Cannot find field.',
    );
    const source = { storageSource: { bucket: 'b', object: 'o' } };
    const build = { runtime: 'nodejs22', entryPoint: 'e', source };
    expect(await told({}, { buildConfig: build })).toContain('could not be read');
    expect(await told({}, { buildConfig: { ...build, runtime: 'nodejs20' } })).toContain(
      'decommissioned',
    );
    expect(await told({}, { buildConfig: { ...build, runtime: 'node9' } })).toContain(
      'not supported',
    );
    expect(refusal(await create(await wishOf(), 'Bad_Id'))[0]).toBe(400);
    const elsewhere = await call('GET', `${PARENT.replace('europe-west1', 'moon')}/functions`);
    expect(refusal(elsewhere)).toEqual([
      403,
      'PERMISSION_DENIED',
      'Location moon is not found or access is unauthorized.',
    ]);
    expect(subject().world.inventory()).toEqual([]);
  });

  it('are listed, here and everywhere', async () => {
    await made();
    const list = async (parent: string, query = ''): Promise<number> =>
      ((await call('GET', `${parent}/functions${query}`)).body.functions ?? []).length;
    expect(await list(PARENT)).toBe(1);
    expect(await list('projects/polyfaas-fake/locations/-')).toBe(1);
    expect(await list('projects/polyfaas-fake/locations/us-east1')).toBe(0);
    expect(await list(PARENT, `?filter=${encodeURIComponent('labels.team=a')}`)).toBe(1);
    expect(await list(PARENT, `?filter=${encodeURIComponent('labels.team=b')}`)).toBe(0);
    const { body } = await call('GET', `${PARENT}/runtimes`);
    expect(body.runtimes).toContainEqual(
      expect.objectContaining({ name: 'nodejs20', stage: 'DECOMMISSIONED' }),
    );
  });

  it('go with their service', async () => {
    await made();
    const begun = await call('DELETE', NAME);
    expect((await call('GET', NAME)).body.state).toBe('DELETING');
    await subject().pass(15_000);
    expect((await call('GET', begun.body.name)).body).toMatchObject({ done: true, response: {} });
    expect(refusal(await call('GET', NAME))).toEqual([
      404,
      'NOT_FOUND',
      `Resource '${NAME}' was not found`,
    ]);
    expect([...subject().run.urls]).toEqual([]);
    expect((await call('DELETE', NAME)).status).toBe(404);
  });
});

describe("the vendor's client", () => {
  const { Function: Fn } = protos.google.cloud.functions.v2;

  it('creates, follows, reads, updates, lists and deletes', async () => {
    const client = subject().client();
    const [place] = await client.generateUploadUrl({ parent: PARENT, environment: 'GEN_2' });
    const source = place.storageSource ?? {};
    subject().storage.put(source.bucket ?? '', source.object ?? '', Buffer.from('zip'));
    const [operation] = await client.createFunction({
      parent: PARENT,
      functionId: 'hello-fn',
      function: {
        environment: 'GEN_2',
        labels: { a: 'b' },
        buildConfig: {
          runtime: 'nodejs22',
          entryPoint: 'polyfaas',
          source: { storageSource: source },
        },
        serviceConfig: {
          availableMemory: '2Gi',
          availableCpu: '1',
          maxInstanceRequestConcurrency: 80,
          ingressSettings: 'ALLOW_ALL',
          secretEnvironmentVariables: [],
        },
      },
    });
    const name = operation.name ?? '';
    const early = await client.checkCreateFunctionProgress(name);
    expect(early.done).toBe(false);
    expect(early.metadata).toMatchObject({ target: NAME, verb: 'create' });
    await subject().pass(60_000);
    const late = await client.checkCreateFunctionProgress(name);
    expect(late.done).toBe(true);
    const [found] = await client.getFunction({ name: NAME });
    const plain = Fn.toObject(Fn.fromObject(found), { enums: String, longs: String });
    expect(plain).toMatchObject({
      state: 'ACTIVE',
      environment: 'GEN_2',
      labels: { a: 'b' },
      serviceConfig: { availableCpu: '1', maxInstanceRequestConcurrency: 80 },
    });
    const [update] = await client.updateFunction({
      function: { name: NAME, labels: { c: 'd' }, serviceConfig: { timeoutSeconds: 90 } },
      updateMask: { paths: ['labels', 'service_config.timeout_seconds'] },
    });
    await subject().pass(60_000);
    expect((await client.checkUpdateFunctionProgress(update.name ?? '')).done).toBe(true);
    const [all] = await client.listFunctions({ parent: PARENT, filter: 'labels.c=d' });
    expect(all.map(({ serviceConfig }) => serviceConfig?.timeoutSeconds)).toEqual([90]);
    const [deletion] = await client.deleteFunction({ name: NAME });
    await subject().pass(15_000);
    expect((await client.checkDeleteFunctionProgress(deletion.name ?? '')).done).toBe(true);
    await expect(client.getFunction({ name: NAME })).rejects.toMatchObject({ code: 5 });
    await client.close();
  });

  it('is told what went wrong', async () => {
    const client = subject().client();
    const { world } = subject();
    const get = (): Promise<unknown> => client.getFunction({ name: NAME });
    await expect(get()).rejects.toMatchObject({ code: 5, message: expect.stringContaining(NAME) });
    world.disabledApis.add('cloudfunctions.googleapis.com');
    await expect(get()).rejects.toMatchObject({ code: 7, reason: 'SERVICE_DISABLED' });
    world.disabledApis.clear();
    subject().faults.arm({ call: 0, kind: '429' });
    await expect(get()).rejects.toMatchObject({ code: 8 });
    const broken = await wishOf({}, {}, 'broken');
    const [operation] = await client.createFunction({
      parent: PARENT,
      functionId: 'hello-fn',
      function: Fn.fromObject(broken),
    });
    await subject().pass(60_000);
    const { error } = (await client.checkCreateFunctionProgress(operation.name ?? ''))
      .latestResponse;
    expect(error).toMatchObject({ code: 3, message: expect.stringContaining('Build failed') });
    await client.close();
  });
});
