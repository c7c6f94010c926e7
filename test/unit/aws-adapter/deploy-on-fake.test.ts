/** Settings that only AWS has, from the declaration to the platform and back. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionSpec } from 'polyfaas';
import { AWS } from 'polyfaas/aws';
import type { ServerlessManager } from 'polyfaas/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { onFake, type OnFake } from './on-fake.ts';

const code = (answer: string): string => `export const handler = async () => '${answer}';`;

let aws: OnFake;
beforeAll(async () => {
  aws = await onFake();
});
afterAll(() => aws[Symbol.asyncDispose]());

async function deployed(name: string, spec: FunctionSpec): Promise<ServerlessManager> {
  const manager = await aws.manager({ functions: { [name]: spec } });
  await manager.deploy(name);
  expect((await manager.deploy(name)).changed).toBe(false);
  expect((await manager.plan(name, { drift: 'full' })).steps).toStrictEqual([]);
  return manager;
}

async function lambdaOf(manager: ServerlessManager) {
  const lambda = await manager.native(AWS.lambda)?.();
  if (!lambda) throw new Error('there is no client');
  return lambda;
}

function left(name: string): readonly string[] {
  return aws.fake.inventory().filter((line) => line.includes(`shop-dev-${name}`));
}

describe('a deploy to AWS', () => {
  it('gives a canary its share, then all of the traffic', async () => {
    await deployed('canary', { source: code('a') });
    const spec: FunctionSpec = { source: code('b') };
    const share = { providerOptions: { aws: { canary: { weight: 0.25 } } } };
    const half = await deployed('canary', { ...spec, ...share });
    const lambda = await lambdaOf(half);
    const alias = { FunctionName: 'shop-dev-canary', Name: 'live' };
    expect(await lambda.getAlias(alias)).toMatchObject({
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } },
    });
    const whole = await deployed('canary', spec);
    const promoted = await lambda.getAlias(alias);
    expect(promoted.FunctionVersion).toBe('2');
    expect(promoted.RoutingConfig?.AdditionalVersionWeights ?? {}).toStrictEqual({});
    expect((await whole.invoke('canary', null)).output).toBe('b');
    // What is known of the version is complete: other settings need no upload.
    const calls = await aws.calls(() =>
      whole.deploy('canary', { spec: { ...spec, timeoutSeconds: 9 } }),
    );
    expect(calls).not.toContain('lambda:UpdateFunctionCode');
    const described = await whole.describe('canary');
    expect(described?.versions.map(({ createdAt }) => createdAt.slice(0, 4))).not.toContain('1970');
  });

  it('takes a canary back', async () => {
    await deployed('regret', { source: code('a') });
    const share = { providerOptions: { aws: { canary: { weight: 0.5 } } } };
    await deployed('regret', { source: code('b'), ...share });
    const manager = await deployed('regret', { source: code('a') });
    const alias = await (
      await lambdaOf(manager)
    ).getAlias({ FunctionName: 'shop-dev-regret', Name: 'live' });
    expect(alias.FunctionVersion).toBe('1');
    expect(alias.RoutingConfig?.AdditionalVersionWeights ?? {}).toStrictEqual({});
  });

  it('sets instances, their scaling and their pings, changes them, and takes them away', async () => {
    const spec: FunctionSpec = { source: code('a') };
    await deployed('busy', { ...spec, minInstances: 2, maxInstances: 10 });
    await deployed('busy', {
      ...spec,
      providerOptions: {
        aws: {
          provisionedConcurrency: {
            min: 1,
            max: 4,
            schedules: [{ name: 'day', cron: '0 8 ? * MON-FRI *', min: 2, max: 4 }],
          },
          keepWarm: { everyMinutes: 5, instances: 2 },
        },
      },
    });
    const manager = await deployed('busy', {
      ...spec,
      providerOptions: { aws: { keepWarm: { everyMinutes: 1 } } },
    });
    expect(left('busy').filter((line) => line.includes('warm'))).toHaveLength(1);
    const lambda = await lambdaOf(manager);
    const name = { FunctionName: 'shop-dev-busy' };
    expect((await lambda.getFunctionConcurrency(name)).ReservedConcurrentExecutions).toBe(
      undefined,
    );
    await expect(
      lambda.getProvisionedConcurrencyConfig({ ...name, Qualifier: 'live' }),
    ).rejects.toMatchObject({ name: 'ProvisionedConcurrencyConfigNotFoundException' });
    await manager.remove('busy');
    expect(left('busy')).toStrictEqual([]);
  });

  it('keeps no instances ready once only the clock is to ask for some', async () => {
    const spec: FunctionSpec = { source: code('a') };
    await deployed('clocked', { ...spec, minInstances: 2 });
    const schedules = [{ name: 'day', cron: '0 8 ? * MON-FRI *', min: 1, max: 1 }];
    const manager = await deployed('clocked', {
      ...spec,
      providerOptions: { aws: { provisionedConcurrency: { min: 0, schedules } } },
    });
    const lambda = await lambdaOf(manager);
    const live = { FunctionName: 'shop-dev-clocked', Qualifier: 'live' };
    await expect(lambda.getProvisionedConcurrencyConfig(live)).rejects.toMatchObject({
      name: 'ProvisionedConcurrencyConfigNotFoundException',
    });
    // A hand's number that no schedule asks for is drift.
    await lambda.putProvisionedConcurrencyConfig({ ...live, ProvisionedConcurrentExecutions: 3 });
    const { steps } = await manager.plan('clocked', { drift: 'full' });
    expect(steps.map(({ kind }) => kind)).toContain('set-capacity');
    await manager.deploy('clocked', { drift: 'full' });
    expect((await manager.plan('clocked', { drift: 'full' })).steps).toStrictEqual([]);
    await manager.remove('clocked');
  });

  it('says nothing of the values of an environment that Lambda finds too large', async () => {
    const manager = await aws.manager({});
    const lambda = await lambdaOf(manager);
    const failure: unknown = await lambda
      .updateFunctionConfiguration({
        FunctionName: 'shop-dev-regret',
        Environment: { Variables: { KEY: 'hush'.repeat(2000) } },
      })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining('4KB') });
    expect(
      failure instanceof Error ? `${failure.message}${failure.stack ?? ''}` : '',
    ).not.toContain('hush');
  });

  it('sets tags, changes them, and leaves those of others', async () => {
    const spec: FunctionSpec = { source: code('a') };
    const first = await deployed('tagged', { ...spec, tags: { team: 'a', cost: '1' } });
    const lambda = await lambdaOf(first);
    const Resource = 'arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-tagged';
    await lambda.tagResource({ Resource, Tags: { theirs: 'x' } });
    await deployed('tagged', { ...spec, tags: { team: 'b' } });
    const { Tags = {} } = await lambda.listTags({ Resource });
    const plain = Object.entries(Tags).filter(([key]) => !key.startsWith('polyfaas:'));
    expect(Object.fromEntries(plain)).toStrictEqual({ team: 'b', theirs: 'x' });
  });

  it('mends what somebody changed, when it reads everything', async () => {
    const spec: FunctionSpec = { source: code('a') };
    const manager = await deployed('mended', spec);
    const clients = manager.native(AWS.clients);
    const logs = await clients?.logs();
    const iam = await clients?.iam();
    await logs?.putRetentionPolicy({
      logGroupName: '/aws/lambda/shop-dev-mended',
      retentionInDays: 1,
    });
    await iam?.deleteRolePolicy({
      RoleName: 'polyfaas-shop-dev-mended-eu-central-1',
      PolicyName: 'polyfaas-run',
    });
    expect((await manager.plan('mended')).steps).toStrictEqual([]);
    const plan = await manager.plan('mended', { drift: 'full' });
    expect(plan.steps.map(({ kind }) => kind)).toStrictEqual(
      expect.arrayContaining(['ensure-role', 'ensure-logs']),
    );
    await manager.deploy('mended', { drift: 'full' });
    expect((await manager.plan('mended', { drift: 'full' })).steps).toStrictEqual([]);
  });

  it('brings a zip over 50 MB by way of a bucket, and leaves nothing there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'polyfaas-zip-'));
    try {
      const zip = new ZipFile();
      zip.addBuffer(Buffer.from(code('large')), 'index.mjs');
      zip.addBuffer(randomBytes(52_500_000), 'ballast.bin', { compress: false });
      zip.end();
      const parts: Buffer[] = [];
      for await (const part of zip.outputStream) parts.push(Buffer.from(part));
      await writeFile(join(folder, 'large.zip'), Buffer.concat(parts));
      const functions = { large: { artifact: './large.zip' } };
      const small = await aws.manager({ root: folder, functions });
      await expect(small.deploy('large')).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      const s3 = await small.native(AWS.clients)?.s3();
      await s3?.createBucket({
        Bucket: 'shop-artifacts',
        CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
      });
      const manager = await aws.manager({
        root: folder,
        functions,
        providerOptions: { aws: { artifactBucket: 'shop-artifacts' } },
      });
      await manager.deploy('large');
      expect((await manager.invoke('large', null)).output).toBe('large');
      const { Contents } = (await s3?.listObjectsV2({ Bucket: 'shop-artifacts' })) ?? {};
      expect(Contents ?? []).toStrictEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('tells what AWS says of a role that Lambda may not take', async () => {
    const maker = await aws.manager({});
    const iam = await maker.native(AWS.clients)?.iam();
    const trust = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    };
    const made = await iam?.createRole({
      RoleName: 'of-somebody',
      AssumeRolePolicyDocument: JSON.stringify(trust),
    });
    const roleArn = made?.Role?.Arn ?? '';
    const manager = await aws.manager({
      functions: { refused: { source: code('a'), providerOptions: { aws: { roleArn } } } },
    });
    await expect(manager.deploy('refused')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/cannot be assumed by Lambda.*trust policy/s),
      cause: expect.objectContaining({ name: 'InvalidParameterValueException' }),
    });
    await manager.remove('refused');
    expect(left('refused')).toStrictEqual([]);
  });

  it('finds what a first deploy left that never came to a function', async () => {
    const manager = await aws.manager({
      functions: {
        broken: {
          source: code('a'),
          providerOptions: {
            aws: { layers: ['arn:aws:lambda:eu-central-1:123456789012:layer:none:1'] },
          },
        },
      },
    });
    await expect(manager.deploy('broken')).rejects.toMatchObject({ name: 'ServerlessError' });
    expect(left('broken')).not.toStrictEqual([]);
    expect(await manager.remove('broken')).toStrictEqual({ removed: true, warnings: [] });
    expect(left('broken')).toStrictEqual([]);
    expect(await manager.remove('broken')).toStrictEqual({ removed: false, warnings: [] });
  });
});
