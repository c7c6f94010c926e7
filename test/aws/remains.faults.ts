/** A function that was deleted by hand leaves much behind: `remove` takes it away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { makeDestinations } from './support/everything-flows.ts';
import { EVERYTHING, PLAIN_ROUTE, prepareSources } from './support/everything.ts';
import { hand } from './support/hand.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  prepareSources(stage);
  await makeDestinations(stage);
});
afterAll(() => stage[Symbol.asyncDispose]());

const NAMES = ['pulled', 'pushed', 'route'] as const;

describe('a function that was deleted by hand', () => {
  it.each(NAMES)('%s: leaves nothing once it is removed', async (name) => {
    const functions: Readonly<Record<string, FunctionSpec>> = EVERYTHING;
    const manager = await stage.manager({ functions });
    const before = stage.fake.inventory();
    await manager.deploy(name);
    await (await (await hand(stage)).lambda()).deleteFunction({ FunctionName: `shop-dev-${name}` });
    expect(await manager.remove(name)).toStrictEqual({ removed: true, warnings: [] });
    await stage.fake.settle();
    expect(stage.fake.inventory()).toStrictEqual(before);
    expect(await manager.remove(name)).toStrictEqual({ removed: false, warnings: [] });
  });

  it('that shared its sources takes only its own ties away', async () => {
    const events: FunctionSpec['events'] = [{ type: 'topic', topic: 'common', create: true }];
    const functions = { one: { ...PLAIN_ROUTE, events }, two: { ...PLAIN_ROUTE, events } };
    const manager = await stage.manager({ functions });
    await manager.deploy('one');
    await manager.deploy('two');
    const lambda = await (await hand(stage)).lambda();
    await lambda.deleteFunction({ FunctionName: 'shop-dev-one' });
    await manager.remove('one');
    expect((await manager.plan('two', { drift: 'full' })).steps).toStrictEqual([]);
    await manager.remove('two');
    expect(stage.fake.inventory().filter((line) => line.includes('common'))).toStrictEqual([]);
  });

  it('that was removed in full costs no look at every source of the account', async () => {
    const manager = await stage.manager({ functions: { plain: PLAIN_ROUTE } });
    await manager.deploy('plain');
    await manager.remove('plain');
    const calls = await stage.during(() => manager.remove('plain'));
    expect(calls).not.toContain('sqs:ListQueues');
    expect(calls).not.toContain('s3:ListBuckets');
  });

  it('keeps a mapping that a hand made, for it carries no tags of ours', async () => {
    const events: FunctionSpec['events'] = [{ type: 'queue', queue: 'mapped', create: true }];
    const manager = await stage.manager({ functions: { mapped: { ...PLAIN_ROUTE, events } } });
    const clients = await hand(stage);
    const lambda = await clients.lambda();
    const sqs = await clients.sqs();
    await sqs.createQueue({ QueueName: 'hands', Attributes: { VisibilityTimeout: '900' } });
    await manager.deploy('mapped');
    await (
      await clients.iam()
    ).putRolePolicy({
      RoleName: 'polyfaas-shop-dev-mapped-eu-central-1',
      PolicyName: 'hand',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['sqs:*'], Resource: ['*'] }],
      }),
    });
    await stage.clock.advance(60_000);
    const FunctionName = 'shop-dev-mapped';
    const EventSourceArn = 'arn:aws:sqs:eu-central-1:123456789012:hands';
    const { UUID } = await lambda.createEventSourceMapping({
      FunctionName: `arn:aws:lambda:eu-central-1:123456789012:function:${FunctionName}:live`,
      EventSourceArn,
      Tags: { owner: 'somebody' },
    });
    await stage.clock.advance(60_000);
    await lambda.deleteFunction({ FunctionName });
    await manager.remove('mapped');
    await stage.clock.advance(60_000);
    const { EventSourceMappings } = await lambda.listEventSourceMappings({});
    expect(EventSourceMappings).toMatchObject([{ UUID }]);
    expect(await manager.remove('mapped')).toStrictEqual({ removed: false, warnings: [] });
    await lambda.deleteEventSourceMapping({ UUID });
    await sqs.deleteQueue({
      QueueUrl: (await sqs.getQueueUrl({ QueueName: 'hands' })).QueueUrl,
    });
    await stage.clock.advance(60_000);
  });

  it('in an account of many tables, whose tags are told slowly, is removed at once', async () => {
    const events: FunctionSpec['events'] = [{ type: 'table', table: 'many', create: true }];
    const before = stage.fake.inventory();
    const manager = await stage.manager({ functions: { many: { ...PLAIN_ROUTE, events } } });
    await manager.deploy('many');
    const clients = await hand(stage);
    const dynamodb = await clients.dynamodb();
    const names = Array.from({ length: 60 }, (_, index) => `other-${index}`);
    for (const TableName of names) {
      await dynamodb.createTable({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      });
    }
    await (await clients.lambda()).deleteFunction({ FunctionName: 'shop-dev-many' });
    // DynamoDB API reference, `ListTagsOfResource`: up to 10 calls a second in an account.
    stage.fake.faults.limit({ operation: 'ListTagsOfResource', perSecond: 10 });
    const calls = await stage.during(() => manager.remove('many'));
    stage.fake.faults.disarm();
    expect(calls.filter((call) => call === 'lambda:GetFunction')).toHaveLength(1);
    for (const TableName of names) await dynamodb.deleteTable({ TableName });
    await stage.clock.advance(60_000);
    await stage.fake.settle();
    expect(stage.fake.inventory()).toStrictEqual(before);
  });

  it('asks for the address of each queue once', async () => {
    const events: FunctionSpec['events'] = [{ type: 'queue', queue: 'asked', create: true }];
    const manager = await stage.manager({ functions: { asked: { ...PLAIN_ROUTE, events } } });
    await manager.deploy('asked');
    await (await (await hand(stage)).lambda()).deleteFunction({ FunctionName: 'shop-dev-asked' });
    const calls = await stage.during(() => manager.remove('asked'));
    const listed = calls.indexOf('sqs:ListQueueTags');
    expect(calls.indexOf('sqs:ListQueues')).toBeLessThan(listed);
    expect(calls.slice(0, listed)).not.toContain('sqs:GetQueueUrl');
  });
});

describe('a deployer who may not read the tags of queues', () => {
  const allowed = [
    ...['lambda', 'iam', 'logs', 'scheduler', 'events', 'sns', 'apigateway'].map(
      (one) => `${one}:*`,
    ),
    ...['application-autoscaling', 's3', 'kinesis', 'dynamodb', 'sts'].map((one) => `${one}:*`),
    'sqs:ListQueues',
    'sqs:GetQueueUrl',
  ];

  it('is told what is left, and leaves a trace by which it is found later', async () => {
    const before = stage.fake.inventory();
    const events: FunctionSpec['events'] = [{ type: 'queue', queue: 'hidden', create: true }];
    const functions = { hidden: { ...PLAIN_ROUTE, events } };
    const manager = await stage.manager({ functions });
    await manager.deploy('hidden');
    const clients = await hand(stage);
    const iam = await clients.iam();
    const { Role } = await iam.createRole({
      RoleName: 'half-blind',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
      }),
    });
    await iam.putRolePolicy({
      RoleName: 'half-blind',
      PolicyName: 'most',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: allowed, Resource: ['*'] }],
      }),
    });
    await stage.clock.advance(60_000);
    await (await clients.lambda()).deleteFunction({ FunctionName: 'shop-dev-hidden' });
    const warnings: string[] = [];
    const blind = await stage.manager(
      { functions, providerOptions: { aws: { assumeRole: { roleArn: Role?.Arn ?? '' } } } },
      (message) => void warnings.push(message),
    );
    const message = expect.stringMatching(
      /removed only in part.*queues \("hidden".*Its log group is kept/,
    );
    const told = [{ type: 'other', field: 'functions.hidden', message }];
    expect(await blind.remove('hidden')).toStrictEqual({ removed: true, warnings: told });
    await stage.clock.advance(60_000);
    expect(warnings).toStrictEqual([message]);
    expect(await blind.remove('hidden')).toStrictEqual({ removed: false, warnings: told });
    expect(await manager.remove('hidden')).toStrictEqual({ removed: true, warnings: [] });
    await iam.deleteRolePolicy({ RoleName: 'half-blind', PolicyName: 'most' });
    await iam.deleteRole({ RoleName: 'half-blind' });
    await stage.clock.advance(60_000);
    await stage.fake.settle();
    expect(stage.fake.inventory()).toStrictEqual(before);
  });
});
