/** The whole life of functions that use everything: what a deployer's policy must allow. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { secret, type FunctionSpec, type PolyfaasConfig } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { AWS } from '../../../providers/aws/native.ts';
import { makeDestinations } from './everything-flows.ts';
import { EVERYTHING, PLAIN_ROUTE, prepareSources, PULLED, PUSHED } from './everything.ts';
import { ACCOUNT, type Stage } from './stage.ts';

type ManagerOf = (config: PolyfaasConfig) => Promise<ServerlessManager>;

const CODE = 'export const handler = async () => "plain";';
const BUCKET = 'shop-artifacts';

/** The same events, each in another form; and all else taken away that can be. */
const CHANGED: Readonly<Record<'pulled' | 'pushed' | 'route', FunctionSpec>> = {
  pulled: {
    ...PULLED,
    env: { NAME: 'value' },
    async: {},
    tags: { team: 'orders' },
    timeoutSeconds: 20,
    events: [
      { type: 'queue', queue: 'orders', create: true, batchSize: 5 },
      { type: 'stream', stream: 'clicks', create: true, from: 'oldest', batchSize: 7 },
      { type: 'table', table: 'stock', create: true, from: 'oldest', batchSize: 7 },
    ],
    providerOptions: { aws: { logRetentionDays: 7 } },
  },
  pushed: {
    source: `${PUSHED.source ?? ''}\nglobalThis.variant = 2;`,
    timeoutSeconds: 10,
    providerOptions: { aws: { canary: { weight: 0.5 } } },
    minInstances: 1,
    async: {},
    events: [
      { type: 'http', id: 'home', method: 'GET', path: '/' },
      { type: 'http', id: 'mine', method: 'GET', path: '/mine', maxBodyBytes: 1000 },
      { type: 'topic', topic: 'users', create: true, filter: { kind: ['old'] } },
      { type: 'object', bucket: 'shop-pictures', create: true, prefix: 'in/' },
      { type: 'bus', bus: 'shop', create: true, pattern: { source: ['other'] } },
      { type: 'schedule', id: 'beat', every: '10 minutes' },
    ],
  },
  route: { ...PLAIN_ROUTE, tags: {} },
};

/** Reads the same sources: what is made for one function is handed on to the other. */
const HEIR: FunctionSpec = {
  ...PULLED,
  env: {},
  async: {},
  events: [
    { type: 'queue', queue: 'orders', create: true },
    { type: 'stream', stream: 'clicks', create: true },
    { type: 'table', table: 'stock', create: true },
    { type: 'topic', topic: 'users', create: true },
    { type: 'object', bucket: 'shop-pictures', create: true, prefix: 'out/' },
    { type: 'bus', bus: 'shop', create: true },
  ],
};

/** @param managerOf makes managers of the deployer whose calls count. */
export async function liveThrough(stage: Stage, managerOf: ManagerOf): Promise<void> {
  prepareSources(stage);
  await makeDestinations(stage);
  const first = await managerOf({ functions: EVERYTHING });
  for (const name of ['pulled', 'pushed', 'route'] as const) await first.deploy(name);
  for (const name of ['pulled', 'pushed', 'route'] as const) {
    await first.deploy(name, { drift: 'full' });
  }
  await first.invoke('route', 1);
  await first.invoke('route', 1, { mode: 'async' });
  await stage.fake.settle();
  await first.preWarm('route', { instances: 2 });
  await first.metrics('route', { last: '1h' });
  for await (const entry of first.logs('route', { last: '1h' })) if (entry.message === '') break;
  for await (const { name } of first.list()) if (name === 'route') await first.describe(name);
  await first.configureEvent('route', { type: 'queue', queue: 'extra', create: true });
  await first.removeEvent('route', 'queue-extra');

  const second = await managerOf({ functions: CHANGED });
  for (const name of ['pulled', 'pushed', 'route'] as const) await second.deploy(name);
  await second.deploy('pulled', { spec: { ...CHANGED.pulled, tags: {} }, drift: 'full' });
  for (const name of ['evening', 'night']) {
    await second.deploy('pushed', { spec: onlyInstances(CHANGED.pushed, name) });
  }
  await second.deploy('route', {
    spec: { ...PLAIN_ROUTE, events: [{ type: 'http', id: 'home' }] },
  });
  await second.rollback('pulled');
  await second.prune('pulled', { keepVersions: 1 });
  // From one front to the other, and all events away.
  await second.deploy('pushed', { spec: { ...PLAIN_ROUTE, events: [{ type: 'http' }] } });
  await interrupted(stage, managerOf);
  await handOn(stage, managerOf);
  await leaveToOthers(stage, managerOf);
  await large(stage, managerOf);
  await others(stage, managerOf);
  for (const name of ['pulled', 'pushed', 'route'] as const) await second.remove(name);
}

function onlyInstances(spec: FunctionSpec, name: string): FunctionSpec {
  return {
    ...spec,
    minInstances: 0,
    providerOptions: {
      aws: {
        provisionedConcurrency: {
          min: 1,
          max: 1,
          schedules: [{ name, cron: '0 18 * * ? *', min: 1, max: 2 }],
        },
      },
    },
  };
}

/** A deploy that ends in the middle; the next one finds and finishes what it began. */
async function interrupted(stage: Stage, managerOf: ManagerOf): Promise<void> {
  const { faults } = stage.fake;
  const functions = { halved: { ...PUSHED, events: HEIR.events ?? [] } };
  const renamed = {
    halved: {
      ...PLAIN_ROUTE,
      events: [
        { type: 'schedule' as const, id: 'beat', every: '5 minutes' },
        { type: 'http' as const, method: 'GET' as const, path: '/a' },
      ],
    },
  };
  await (await managerOf({ functions: renamed })).deploy('halved');
  const broken = await managerOf({ functions });
  const calls = await stage.during(async () => {
    await broken.plan('halved');
  });
  faults.arm({ call: calls.length + 45, kind: 'crash' });
  await broken.deploy('halved').then(
    () => {
      throw new Error('It was to be interrupted');
    },
    () => {},
  );
  faults.disarm();
  await (await managerOf({ functions: { halved: PLAIN_ROUTE } })).deploy('halved');
  await (await managerOf({ functions: { halved: PLAIN_ROUTE } })).remove('halved');
}

/** Sources that another function, or somebody else, uses are not taken away with the function. */
async function handOn(stage: Stage, managerOf: ManagerOf): Promise<void> {
  const manager = await managerOf({ functions: { heir: HEIR, elder: { ...HEIR, events: [] } } });
  await manager.deploy('heir');
  for (const name of ['pulled', 'pushed'] as const) {
    const other = await managerOf({ functions: CHANGED });
    await other.deploy(name);
    await other.remove(name);
  }
  const theirs = await observer(stage);
  const sqs = await theirs?.sqs();
  await sqs?.createQueue({ QueueName: 'theirs' });
  await (
    await theirs?.sns()
  )?.subscribe({
    TopicArn: stage.fake.world.sns.arnOf('users'),
    Protocol: 'sqs',
    Endpoint: stage.fake.world.sqs.arnOf('theirs'),
  });
  stage.fake.world.s3.put('shop-pictures', 'kept', Buffer.from('x'));
  await (
    await theirs?.eventbridge()
  )?.putRule({ Name: 'theirs', EventBusName: 'shop', EventPattern: '{"source":["x"]}' });
  await manager.remove('heir');
}

/** What was made goes with its function, or is nobody's afterwards where others read it; a table gets its stream back. */
async function leaveToOthers(stage: Stage, managerOf: ManagerOf): Promise<void> {
  const table = { type: 'table', id: 'rows', table: 'rows', create: true } as const;
  const shared = (create: boolean): FunctionSpec['events'] => [
    { type: 'queue', queue: 'shared', create },
    { type: 'stream', stream: 'shared', create },
    { type: 'table', table: 'shared', create },
  ];
  const manager = await managerOf({
    functions: {
      maker: {
        ...PLAIN_ROUTE,
        events: [
          ...(shared(true) ?? []),
          table,
          { type: 'topic', topic: 'own', create: true },
          { type: 'object', bucket: 'shop-own', create: true },
          { type: 'bus', bus: 'own', create: true },
          { type: 'stream', id: 'own', stream: 'own', create: true },
        ],
      },
      guest: { ...PLAIN_ROUTE, events: shared(false) ?? [] },
    },
  });
  await manager.deploy('maker');
  await manager.deploy('guest');
  await manager.removeEvent('maker', 'rows');
  const dynamodb = await (await observer(stage))?.dynamodb();
  await dynamodb?.updateTable({
    TableName: 'rows',
    StreamSpecification: { StreamEnabled: false },
  });
  await stage.clock.advance(60_000);
  await manager.configureEvent('maker', table);
  await manager.remove('maker');
  await manager.remove('guest');
}

async function observer(stage: Stage) {
  const manager = await stage.manager({
    providerOptions: { aws: { credentials: stage.fake.observer } },
  });
  return manager.native(AWS.clients);
}

/** A zip over 50 MB goes by way of a bucket. */
async function large(stage: Stage, managerOf: ManagerOf): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-large-'));
  try {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from(CODE), 'index.mjs');
    zip.addBuffer(randomBytes(52_500_000), 'ballast.bin', { compress: false });
    zip.end();
    await writeFile(join(root, 'large.zip'), await buffer(zip.outputStream));
    const s3 = await (await observer(stage))?.s3();
    await s3?.createBucket({
      Bucket: BUCKET,
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
    });
    const manager = await managerOf({
      root,
      functions: { large: { artifact: './large.zip' } },
      providerOptions: { aws: { artifactBucket: BUCKET } },
    });
    await manager.deploy('large');
    await manager.remove('large');
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** A hand added to a role that was made; a role of the user's own; a secret that is not there. */
async function others(stage: Stage, managerOf: ManagerOf): Promise<void> {
  const manager = await managerOf({ functions: { touched: { source: CODE } } });
  await manager.deploy('touched');
  const RoleName = 'polyfaas-shop-dev-touched-eu-central-1';
  const iam = await (await observer(stage))?.iam();
  await iam?.putRolePolicy({
    RoleName,
    PolicyName: 'by-hand',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::x/*' }],
    }),
  });
  await iam?.attachRolePolicy({
    RoleName,
    PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
  });
  await manager.remove('touched');

  const bounded = await managerOf({
    functions: { touched: { source: CODE } },
    providerOptions: {
      aws: { permissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/boundary` },
    },
  });
  await manager.deploy('touched');
  await bounded.deploy('touched');
  await manager.deploy('touched');
  // Deleted by a hand: what it left is searched for.
  const lambda = await (await observer(stage))?.lambda();
  await lambda?.deleteFunction({ FunctionName: 'shop-dev-touched' });
  await manager.remove('touched');

  const made = await iam?.createRole({
    RoleName: 'polyfaas-of-the-user',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      ],
    }),
  });
  const roleArn = made?.Role?.Arn ?? '';
  const own = await managerOf({
    functions: { own: { source: CODE, providerOptions: { aws: { roleArn } } } },
  });
  await own.deploy('own');
  await own.remove('own');

  // Before it is told that a secret is missing, it is looked for.
  const secretive = { source: CODE, env: { DB: secret('absent') } };
  const other = await managerOf({ functions: { secretive } });
  await other.deploy('secretive').then(
    () => {
      throw new Error('There is no such secret');
    },
    () => {},
  );
  await other.remove('secretive');
}
