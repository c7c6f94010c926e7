import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import { planBindings } from '../../../providers/aws/events/plan.ts';
import {
  bucket,
  bus,
  http,
  ONE_OF_EACH,
  queue,
  schedule,
  stream,
  table,
  topic,
  wish,
} from '../aws-events/bindings.ts';
import { EventWorld } from '../aws-events/world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
  const sqs = await world.observer.sqs();
  await sqs.createQueue({ QueueName: 'hasty', Attributes: { VisibilityTimeout: '5' } });
  const dynamodb = await world.observer.dynamodb();
  await dynamodb.createTable({
    TableName: 'silent',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const s3 = await world.observer.s3();
  await s3.createBucket({
    Bucket: 'contested',
    CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
  });
  await world.clock.advance(30_000);
  const other = await world.function('other');
  await other.bind([bucket('o', { bucket: 'contested', create: false, prefix: 'in/' })]);
});
afterAll(() => world.stop());

const MISSING = { create: false } as const;

describe('checks before anything is written', () => {
  it.each<readonly [string, Binding, string]>([
    ['a queue that hides messages too short', queue('x', { queue: 'hasty' }), 'VisibilityTimeout'],
    ['a queue that is missing', queue('x', { queue: 'none', ...MISSING }), 'create: true'],
    [
      'a dead-letter queue that is missing',
      stream('x', { deadLetter: 'none', ...MISSING }),
      'deadLetter: there is no queue',
    ],
    ['a topic that is missing', topic('x', MISSING), 'create: true'],
    ['a stream that is missing', stream('x', MISSING), 'create: true'],
    ['a table that is missing', table('x', MISSING), 'create: true'],
    ['a table without a stream', table('x', { table: 'silent' }), 'NEW_AND_OLD_IMAGES'],
    ['a bus that is missing', bus('x', MISSING), 'create: true'],
    ['a bucket that is missing', bucket('x', MISSING), 'create: true'],
    [
      'a filter that overlaps',
      bucket('x', { bucket: 'contested', prefix: 'in/deep/' }),
      'another prefix',
    ],
  ])('refuse %s', async (_what, binding, help) => {
    const { checks } = planBindings(wish([binding]));
    const writes = world.fake.faults.writes;
    await expect(world.run(checks)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:INVALID_ARGUMENT|NOT_FOUND)$/),
      message: expect.stringContaining(help),
    });
    expect(world.fake.faults.writes).toBe(writes);
  });

  it('write nothing and wait for nothing where all can be done', async () => {
    const { checks } = planBindings(wish(ONE_OF_EACH));
    expect(checks.every(({ phase }) => phase === 'prepare')).toBe(true);
    const before = world.fake.inventory();
    const began = world.clock.now();
    await world.run(checks);
    expect(world.fake.inventory()).toEqual(before);
    expect(world.clock.now()).toBe(began);
  });

  it('are none for what cannot be refused', () => {
    const plain = [
      topic('t', { deadLetter: 'd' }),
      stream('s'),
      bus('b'),
      schedule('c'),
      http('h'),
    ];
    expect(planBindings(wish(plain)).checks).toEqual([]);
  });
});
