/** Single steps that meet what they did not expect: strangers, other deploys, lost replies and odd settings. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import type { CallContext, Step } from 'polyfaas/spi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { createClients, type AwsClients } from '../../../providers/aws/clients/index.ts';
import { retireVersions } from '../../../providers/aws/execute/version.ts';
import { createFunction, updateCode } from '../../../providers/aws/execute/function.ts';
import { configOf } from '../../../providers/aws/observe/config.ts';
import { fingerprint } from '../../../providers/aws/fingerprint.ts';
import { platformSettings } from '../../../providers/aws/options.ts';
import { awsWorld } from '../../plan/aws-world.ts';
import { onFake, type OnFake } from '../aws-adapter/on-fake.ts';

const code = (answer: string): string => `export const handler = async () => '${answer}';`;
const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';

let aws: OnFake;
let clients: AwsClients;
beforeAll(async () => {
  aws = await onFake();
  clients = createClients({
    region: REGION,
    endpoint: aws.fake.endpoint,
    credentials: aws.fake.observer,
    profile: undefined,
    assumeRole: undefined,
    maxSockets: 8,
  });
});
afterAll(async () => {
  clients.close();
  await aws[Symbol.asyncDispose]();
});

async function deployed(name: string, spec: FunctionSpec): Promise<ServerlessManager> {
  const manager = await aws.manager({ functions: { [name]: spec } });
  await manager.deploy(name);
  expect((await manager.plan(name, { drift: 'full' })).steps).toStrictEqual([]);
  return manager;
}

async function zipped(files: Readonly<Record<string, Buffer>>): Promise<Uint8Array> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(files)) {
    zip.addBuffer(bytes, name, { compress: false });
  }
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:shop-dev-${name}`;
}

async function tagsOf(name: string): Promise<Readonly<Record<string, string>>> {
  const { Tags = {} } = await (await clients.lambda()).listTags({ Resource: functionArn(name) });
  return Tags;
}

describe('tags', () => {
  it('that are not declared any more go, wherever the deploy was broken off', async () => {
    const before: FunctionSpec = { source: code('a'), tags: { team: 'x' } };
    const after: FunctionSpec = { source: code('a') };
    await deployed('rehearsal', before);
    const rehearsal = await aws.manager({ functions: { rehearsal: after } });
    const calls = await aws.calls(() => rehearsal.deploy('rehearsal'));
    for (const at of calls.keys()) {
      const name = `untag${at}`;
      await deployed(name, before);
      const manager = await aws.manager({ functions: { [name]: after } });
      aws.fake.faults.arm({ call: at, kind: 'crash' });
      await manager.deploy(name).catch(() => undefined);
      aws.fake.faults.disarm();
      await deployed(name, after);
      expect(await tagsOf(name)).not.toHaveProperty('team');
    }
  });

  it('of a longer record do not stay', async () => {
    const routes = (count: number): FunctionSpec => ({
      source: code('a'),
      events: Array.from({ length: count }, () => ({
        type: 'http',
        path: `/${randomBytes(40).toString('hex')}`,
      })),
    });
    const parts = async () =>
      Object.keys(await tagsOf('long')).filter((key) => key.startsWith('polyfaas:state-')).length;
    await deployed('long', routes(12));
    expect(await parts()).toBeGreaterThan(4);
    const manager = await deployed('long', routes(0));
    expect(await parts()).toBeLessThan(4);
    expect((await manager.describe('long'))?.bindings).toStrictEqual([]);
  });
});

describe('the log group of somebody else', () => {
  it('keeps its retention, and stays', async () => {
    const logs = await clients.logs();
    const logGroupName = '/aws/lambda/shop-dev-noisy';
    await logs.createLogGroup({ logGroupName });
    await logs.putRetentionPolicy({ logGroupName, retentionInDays: 365 });
    const retention = async () =>
      (await logs.describeLogGroups({ logGroupNamePrefix: logGroupName })).logGroups?.[0]
        ?.retentionInDays;
    await deployed('noisy', { source: code('a') });
    expect(await retention()).toBe(365);
    const spec = { source: code('a'), providerOptions: { aws: { logRetentionDays: 1 } } };
    const manager = await deployed('noisy', spec);
    expect(await retention()).toBe(365);
    await manager.remove('noisy');
    expect(await retention()).toBe(365);
  });
});

describe('instances that are kept ready', () => {
  it('by scaling from none are no drift', async () => {
    const provisionedConcurrency = { min: 0, max: 2 };
    const manager = await deployed('elastic', {
      source: code('a'),
      providerOptions: { aws: { provisionedConcurrency } },
    });
    expect((await manager.plan('elastic', { drift: 'full' })).changes).toStrictEqual([]);
  });

  it('in another number than declared are drift', async () => {
    const manager = await deployed('counted', { source: code('a'), minInstances: 1 });
    const live = { FunctionName: 'shop-dev-counted', Qualifier: 'live' };
    const lambda = await clients.lambda();
    await lambda.putProvisionedConcurrencyConfig({ ...live, ProvisionedConcurrentExecutions: 5 });
    await manager.deploy('counted', { drift: 'full' });
    const found = await lambda.getProvisionedConcurrencyConfig(live);
    expect(found.RequestedProvisionedConcurrentExecutions).toBe(1);
    await manager.deploy('counted', { spec: { source: code('a') } });
    await lambda.putProvisionedConcurrencyConfig({ ...live, ProvisionedConcurrentExecutions: 5 });
    await manager.deploy('counted', { spec: { source: code('a') }, drift: 'full' });
    await expect(lambda.getProvisionedConcurrencyConfig(live)).rejects.toMatchObject({
      name: 'ProvisionedConcurrencyConfigNotFoundException',
    });
  });

  it('by pings have a role with the boundary that is declared', async () => {
    const iam = await clients.iam();
    const permissionsBoundaryArn = 'arn:aws:iam::aws:policy/PowerUserAccess';
    const manager = await aws.manager({
      functions: {
        pinged: { source: code('a'), providerOptions: { aws: { keepWarm: {} } } },
      },
      providerOptions: { aws: { permissionsBoundaryArn } },
    });
    await manager.deploy('pinged');
    const { Roles = [] } = await iam.listRoles({});
    const own = Roles.filter(({ RoleName }) => RoleName?.includes('shop-dev-pinged'));
    expect(own).toHaveLength(2);
    for (const { RoleName } of own) {
      const { Role } = await iam.getRole({ RoleName });
      expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(permissionsBoundaryArn);
    }
  });
});

describe('settings that say nothing', () => {
  it('of an image are none, so that Lambda answers what was wished', () => {
    const plan = awsWorld().deploy({ code: 'a', image: true, aws: { image: {} } });
    const create = plan.steps.find(({ kind }) => kind === 'create-function');
    expect(create?.input['config']).toMatchObject({ image: null });
  });

  it('such as a subnet named twice, are said once', () => {
    const vpc = { subnetIds: ['subnet-b', 'subnet-a', 'subnet-b'], securityGroupIds: ['sg-a'] };
    const plan = awsWorld().deploy({ code: 'a', aws: { vpc } });
    const create = plan.steps.find(({ kind }) => kind === 'create-function');
    expect(create?.input['config']).toMatchObject({
      vpc: { subnetIds: ['subnet-a', 'subnet-b'], securityGroupIds: ['sg-a'] },
    });
  });

  it('are no reason for a policy longer than IAM takes', () => {
    const resources = Array.from({ length: 400 }, (_, index) => `arn:aws:s3:::bucket-${index}/*`);
    const policyStatements = [{ actions: ['s3:GetObject'], resources }];
    expect(() => awsWorld().deploy({ code: 'a', aws: { policyStatements } })).toThrow(
      /characters; IAM takes 10240/,
    );
  });
});

describe('the bucket for large zips', () => {
  it('is named when it is not there, or not ours', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'polyfaas-bucket-'));
    try {
      const large = { 'index.mjs': Buffer.from(code('a')), ballast: randomBytes(52_500_000) };
      await writeFile(join(folder, 'large.zip'), await zipped(large));
      const manager = await aws.manager({
        root: folder,
        functions: { heavy: { artifact: './large.zip' } },
        providerOptions: { aws: { artifactBucket: 'not-there' } },
      });
      await expect(manager.deploy('heavy')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('artifactBucket: there is no bucket "not-there"'),
      });
      // Nor does it keep a function from being removed.
      expect(await manager.remove('heavy')).toStrictEqual({ removed: true, warnings: [] });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function contextWith(zip: Uint8Array): CallContext {
  const artifact = {
    form: 'zip',
    digest: 'd',
    sizeBytes: zip.length,
    unpackedBytes: zip.length,
    entryFile: 'index.mjs',
    handles: [],
    signature: 'polyfaas',
    needsProcess: false,
    zip: () => Promise.resolve(zip),
    files: () => Promise.resolve([]),
  } as const;
  return {
    signal: new AbortController().signal,
    clock: { now: () => 0, sleep: () => Promise.resolve(), after: () => () => undefined },
    random: () => 0,
    log: { log: () => undefined },
    warn: () => undefined,
    artifacts: { get: () => Promise.resolve(artifact) },
  };
}

function stepOf(name: string, input: object): Step {
  const ref = { app: 'shop', stage: 'dev', name };
  const target = { ref, physicalName: `shop-dev-${name}`, functionArn: functionArn(name) };
  return {
    id: 'step',
    kind: 'step',
    phase: 'publish',
    title: 'step',
    input: JSON.parse(JSON.stringify({ target, ...input })),
    locks: [],
    deadlineSeconds: 60,
  };
}

describe('a change of the processor alone', () => {
  it('is not taken for done because the zip is the same', async () => {
    await deployed('arm', { source: code('a') });
    const lambda = await clients.lambda();
    const name = { FunctionName: 'shop-dev-arm' };
    const zip = await zipped({ 'index.mjs': Buffer.from(code('b')) });
    await lambda.updateFunctionCode({ ...name, ZipFile: zip });
    await aws.clock.advance(60_000);
    const raw = await lambda.getFunctionConfiguration(name);
    const config = configOf(raw);
    const input = {
      code: { form: 'zip', artifactDigest: 'd' },
      architecture: 'arm64',
      sourceKmsKeyArn: null,
      config,
      // Somebody's change that came to its end moved the revision on.
      expected: '00000000-0000-0000-0000-000000000000',
      base: fingerprint(config, raw.CodeSha256 ?? ''),
    };
    const context = contextWith(zip);
    let result = await updateCode(clients, stepOf('arm', input), context);
    for (let turn = 0; !result.done && turn < 20; turn += 1) {
      const { resume } = result;
      await aws.clock.advance(5000);
      result = await updateCode(
        clients,
        stepOf('arm', input),
        resume === undefined ? context : { ...context, resume },
      );
    }
    expect((await lambda.getFunctionConfiguration(name)).Architectures).toStrictEqual(['arm64']);
    // Nor is a function for another processor the one that was to be made.
    const create = { ...input, architecture: 'x86_64', record: { bindings: [] }, tags: {} };
    await expect(createFunction(clients, stepOf('arm', create), context)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('retiring versions', () => {
  it('leaves one that another deploy is about to make live', async () => {
    await deployed('race', { source: code('a'), keepVersions: 1 });
    const lambda = await clients.lambda();
    const name = { FunctionName: 'shop-dev-race' };
    await lambda.updateFunctionConfiguration({ ...name, MemorySize: 1024 });
    await aws.clock.advance(60_000);
    const other = await lambda.publishVersion(name);
    expect(other.Version).toBe('2');
    const input = { newest: '1', previous: null, mayExceed: false, keepVersions: 0 };
    await retireVersions(clients, stepOf('race', input), contextWith(new Uint8Array()));
    const { Versions = [] } = await lambda.listVersionsByFunction(name);
    expect(Versions.map(({ Version }) => Version)).toContain(other.Version);
  });
});

describe('a role that is taken on first', () => {
  it('is taken on once, for all services', async () => {
    const iam = await clients.iam();
    const { Role } = await iam.createRole({
      RoleName: 'deployer',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
    });
    await iam.putRolePolicy({
      RoleName: 'deployer',
      PolicyName: 'all',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      }),
    });
    // A fresh role is not known everywhere at once.
    await aws.clock.advance(60_000);
    const taken = createClients({
      region: REGION,
      endpoint: aws.fake.endpoint,
      credentials: aws.fake.credentials,
      profile: undefined,
      assumeRole: { roleArn: Role?.Arn ?? '' },
      maxSockets: 8,
    });
    const calls = await aws.calls(() =>
      Promise.all([
        taken.account(),
        taken.lambda().then((lambda) => lambda.listFunctions({})),
        taken.iam().then((one) => one.listRoles({})),
        taken.logs().then((logs) => logs.describeLogGroups({})),
      ]),
    );
    taken.close();
    expect(calls).toStrictEqual(['sts:AssumeRole']);
  });
});

describe('an emulator that only the environment names', () => {
  it('gets buckets in the path', () => {
    const { clients: named } = platformSettings({}, REGION, {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    });
    expect(named.pathStyle).toBe(true);
    expect(platformSettings({}, REGION, {}).clients.pathStyle).toBe(false);
  });
});
