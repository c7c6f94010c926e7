import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucket } from './bindings.ts';
import { EventWorld } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function configuration(name: string) {
  const s3 = await world.observer.s3();
  const found = await s3.getBucketNotificationConfiguration({ Bucket: name });
  return {
    entries: (found.LambdaFunctionConfigurations ?? [])
      .map(({ Id, Events, Filter }) => ({
        id: Id,
        events: Events,
        filter: (Filter?.Key?.FilterRules ?? []).map(({ Name, Value }) => `${Name}=${Value}`),
      }))
      .toSorted((a, b) => String(a.id).localeCompare(String(b.id))),
    queues: found.QueueConfigurations ?? [],
    hasEventBridge: found.EventBridgeConfiguration !== undefined,
  };
}

describe('buckets', () => {
  it('are made, told what to tell, changed, untied, and taken away again', async () => {
    const before = world.fake.inventory();
    const fn = await world.function('orders');
    await fn.bind([bucket('a', { prefix: 'a/' }), bucket('b', { prefix: 'b/', suffix: '.png' })]);
    expect((await configuration('pictures')).entries).toEqual([
      {
        id: expect.stringMatching(/^polyfaas-shop-dev-orders-a-/),
        events: ['s3:ObjectCreated:*'],
        filter: [expect.stringMatching(/^prefix=a\/$/i)],
      },
      {
        id: expect.stringMatching(/^polyfaas-shop-dev-orders-b-/),
        events: ['s3:ObjectCreated:*'],
        filter: [expect.stringMatching(/^prefix=b\/$/i), expect.stringMatching(/^suffix=\.png$/i)],
      },
    ]);
    // One goes; the other keeps its right to call.
    await fn.bind([bucket('b', { prefix: 'b/', on: ['created', 'deleted'] })]);
    expect((await configuration('pictures')).entries).toMatchObject([
      { events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] },
    ]);
    const caller = {
      principal: 's3.amazonaws.com',
      sourceArn: 'arn:aws:s3:::pictures',
      sourceAccount: world.fake.world.account,
    };
    expect(world.fake.world.lambda.allows(fn.alias, caller)).toBe(true);
    // Another name, the same keys: the old entry must not be in its way.
    await fn.bind([bucket('renamed', { prefix: 'b/' })]);
    expect((await configuration('pictures')).entries).toMatchObject([
      { id: expect.stringMatching(/^polyfaas-shop-dev-orders-renamed-/) },
    ]);
    await fn.bind([bucket('renamed', { prefix: 'b/', enabled: false })]);
    expect((await configuration('pictures')).entries).toEqual([]);
    expect(world.fake.world.lambda.allows(fn.alias, caller)).toBe(false);
    await fn.bind([bucket('renamed', { prefix: 'b/' })]);
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('keep what others have them tell', async () => {
    const s3 = await world.observer.s3();
    const sqs = await world.observer.sqs();
    const arn = world.fake.world.sqs.arnOf('watchers');
    await sqs.createQueue({
      QueueName: 'watchers',
      Attributes: {
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arn,
            },
          ],
        }),
      },
    });
    await s3.createBucket({
      Bucket: 'theirs',
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
    });
    await s3.putBucketNotificationConfiguration({
      Bucket: 'theirs',
      NotificationConfiguration: {
        EventBridgeConfiguration: {},
        QueueConfigurations: [
          {
            Id: 'theirs',
            QueueArn: arn,
            Events: ['s3:ObjectCreated:Put'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'in/' }] } },
          },
        ],
      },
    });
    const fn = await world.function('guest');
    await fn.bind([bucket('o', { bucket: 'theirs', prefix: 'out/' })]);
    const bound = await configuration('theirs');
    expect(bound.entries).toHaveLength(1);
    expect(bound.queues).toMatchObject([{ Id: 'theirs' }]);
    expect(bound.hasEventBridge).toBe(true);
    await expect(
      fn.bind([bucket('o', { bucket: 'theirs', prefix: 'in/deep/' })]),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('"theirs"'),
    });
    await fn.remove();
    const left = await configuration('theirs');
    expect(left.entries).toEqual([]);
    expect(left.queues).toHaveLength(1);
    expect(left.hasEventBridge).toBe(true);
  });

  it('are left though somebody else’s destination is dead, and take no entry until it is mended', async () => {
    const s3 = await world.observer.s3();
    const sqs = await world.observer.sqs();
    const fn = await world.function('neighbour');
    await fn.bind([bucket('o', { bucket: 'shared', prefix: 'in/' })]);
    const arn = world.fake.world.sqs.arnOf('dead');
    const { QueueUrl } = await sqs.createQueue({
      QueueName: 'dead',
      Attributes: {
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arn,
            },
          ],
        }),
      },
    });
    const present = await s3.getBucketNotificationConfiguration({ Bucket: 'shared' });
    await s3.putBucketNotificationConfiguration({
      Bucket: 'shared',
      NotificationConfiguration: {
        LambdaFunctionConfigurations: present.LambdaFunctionConfigurations,
        QueueConfigurations: [
          {
            Id: 'watch',
            QueueArn: arn,
            Events: ['s3:ObjectCreated:Put'],
            Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'watched/' }] } },
          },
        ],
      },
    });
    await sqs.deleteQueue({ QueueUrl });
    const begun = world.clock.now();
    const more = bucket('p', { bucket: 'shared', prefix: 'more/' });
    await expect(
      fn.bind([bucket('o', { bucket: 'shared', prefix: 'in/' }), more]),
    ).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/"shared".*:dead", entry "watch".*Delete that entry/s),
    });
    expect(world.clock.now() - begun).toBeLessThan(60_000);
    await fn.unbindAll();
    const left = await configuration('shared');
    expect(left.entries).toEqual([]);
    expect(left.queues).toHaveLength(1);
  });

  it('that are not empty are kept, and are nobody’s afterwards', async () => {
    const fn = await world.function('keeper');
    await fn.bind([bucket('o', { bucket: 'precious' })]);
    world.fake.world.s3.put('precious', 'key', Buffer.from('x'));
    await fn.remove();
    expect(world.fake.world.s3.bucketExists('precious')).toBe(true);
    expect(world.warnings.at(-1)).toContain('precious');
    const s3 = await world.observer.s3();
    await expect(s3.getBucketTagging({ Bucket: 'precious' })).rejects.toMatchObject({
      name: 'NoSuchTagSet',
    });
  });

  it('that are not there are refused, with what to do', async () => {
    const fn = await world.function('lonely');
    await expect(
      fn.bind([bucket('o', { bucket: 'nowhere', create: false })]),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('create: true'),
    });
  });
});
