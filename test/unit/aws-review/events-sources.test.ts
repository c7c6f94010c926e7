import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planBindings } from '../../../providers/aws/events/plan.ts';
import { queueArn } from '../../../providers/aws/events/arn.ts';
import { ENV } from '../../../providers/aws/envelope.ts';
import { bucket, bus, queue, record, stream, table, topic, wish } from '../aws-events/bindings.ts';
import { EventWorld, type EventFunction } from '../aws-events/world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

const ELSEWHERE = 'us-east-1';
const HERE = { partition: 'aws', region: 'eu-central-1', account: '123456789012' };

async function attributesOf(name: string): Promise<Readonly<Record<string, string>>> {
  const sqs = await world.observer.sqs();
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName: name });
  const found = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
  return found.Attributes ?? {};
}

async function set(name: string, Attributes: Record<string, string>): Promise<void> {
  const sqs = await world.observer.sqs();
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName: name });
  await sqs.setQueueAttributes({ QueueUrl, Attributes });
}

/** As a deploy marks it. */
async function mark(fn: EventFunction): Promise<void> {
  const lambda = await world.observer.lambda();
  const { app, stage, name } = fn.target.ref;
  await lambda.updateFunctionConfiguration({
    FunctionName: fn.target.physicalName,
    Environment: { Variables: { [ENV.app]: app, [ENV.stage]: stage, [ENV.function]: name } },
  });
  await world.clock.advance(30_000);
}

describe('a dead-letter queue', () => {
  it('that two queues of a function share goes with them', async () => {
    const before = world.fake.inventory();
    const wished = [
      queue('a', { queue: 'first', deadLetter: 'shared-dead' }),
      queue('b', { queue: 'second', deadLetter: 'shared-dead' }),
    ];
    const fn = await world.function('sharer', wished);
    await fn.bind(wished);
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('that a neighbour writes its dead letters to is handed on to it', async () => {
    const before = world.fake.inventory();
    const one = await world.function('giver');
    const two = await world.function('heir');
    await mark(one);
    await mark(two);
    await one.bind([topic('t', { topic: 'giving', deadLetter: 'common-dead' })]);
    await two.bind([topic('t', { topic: 'inheriting', deadLetter: 'common-dead' })]);
    await one.remove();
    await expect(attributesOf('common-dead')).resolves.toBeDefined();
    await two.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('lets the rule of a binding send to it only as long as the binding names it', async () => {
    const fn = await world.function('ruler');
    const rule = (deadLetter?: string) =>
      bus('b', { bus: 'ruling', ...(deadLetter === undefined ? {} : { deadLetter }) });
    await fn.bind([rule('old-dead')]);
    expect((await attributesOf('old-dead'))['Policy']).toContain('events.amazonaws.com');
    await fn.bind([rule('new-dead')]);
    expect((await attributesOf('old-dead'))['Policy'] ?? '').not.toContain('events.amazonaws.com');
    expect((await attributesOf('new-dead'))['Policy']).toContain('events.amazonaws.com');
    await fn.bind([]);
    expect((await attributesOf('new-dead'))['Policy'] ?? '').not.toContain('events.amazonaws.com');
    await fn.remove();
  });

  it('keeps the statements of others when the rule loses its own', async () => {
    const fn = await world.function('guest');
    await fn.bind([bus('b', { bus: 'guests', deadLetter: 'guest-dead' })]);
    const own = JSON.parse((await attributesOf('guest-dead'))['Policy'] ?? '{}');
    const theirs = {
      Sid: 'theirs',
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn(HERE, 'guest-dead'),
    };
    const both = { ...own, Statement: [...own.Statement, theirs] };
    await set('guest-dead', { Policy: JSON.stringify(both) });
    await fn.bind([]);
    const left = JSON.parse((await attributesOf('guest-dead'))['Policy'] ?? '{}');
    expect(left.Statement).toEqual([theirs]);
    await fn.remove();
  });
});

describe('a queue of ours that another function reads too', () => {
  it('keeps what was set on it for that function', async () => {
    const mine = queue('q', { queue: 'both' });
    const one = await world.function('quick', [mine]);
    const theirs = queue('q', { queue: 'both', create: false });
    const two = await world.function('slow', [theirs]);
    await one.bind([mine], { timeoutSeconds: 3 });
    await expect(two.bind([theirs], { timeoutSeconds: 300 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('VisibilityTimeout'),
    });
    // As the refusal says.
    await set('both', { VisibilityTimeout: '300' });
    await two.bind([theirs], { timeoutSeconds: 300 });
    await one.bind([{ ...mine, event: { ...mine.event, enabled: false } }], { timeoutSeconds: 3 });
    expect((await attributesOf('both'))['VisibilityTimeout']).toBe('300');
    await two.remove();
    // Alone again, its owner decides.
    await one.bind([mine], { timeoutSeconds: 3 });
    expect((await attributesOf('both'))['VisibilityTimeout']).not.toBe('300');
    await one.remove();
  });
});

describe('a queue that is not known everywhere yet', () => {
  it('is waited for, where its time to hide a message was lengthened a moment ago', async () => {
    const wished = queue('q', { queue: 'lengthened' });
    const fn = await world.function('patient', [wished]);
    const sqs = await world.observer.sqs();
    // The adapter sees the new value, Lambda still the old one.
    await fn.world.run(planBindings(fn.wish([wished])).steps.slice(0, 1));
    await set('lengthened', { VisibilityTimeout: '5' });
    const known = world.clock.after(20_000, () => {
      void sqs
        .getQueueUrl({ QueueName: 'lengthened' })
        .then(({ QueueUrl }) =>
          sqs.setQueueAttributes({ QueueUrl, Attributes: { VisibilityTimeout: '180' } }),
        );
    });
    await fn.world.run(planBindings(fn.wish([wished])).steps.slice(1));
    known();
    const lambda = await world.observer.lambda();
    const found = await lambda.listEventSourceMappings({ FunctionName: fn.alias });
    expect(found.EventSourceMappings).toMatchObject([{ State: 'Enabled' }]);
    fn.record = { ...fn.record, bindings: [wished], made: [{ kind: 'queue', name: 'lengthened' }] };
    await fn.remove();
  });
});

describe('sources that lie elsewhere', () => {
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${ELSEWHERE}:123456789012:${resource}`;

  it.each([
    ['queue', queue('x', { queue: arn('sqs', 'orders'), create: false })],
    [
      'queue',
      queue('x', {
        queue: `https://sqs.${ELSEWHERE}.amazonaws.com/123456789012/orders`,
        create: false,
      }),
    ],
    ['deadLetter', topic('x', { deadLetter: arn('sqs', 'dead') })],
    ['topic', topic('x', { topic: arn('sns', 'users'), create: false })],
    ['stream', stream('x', { stream: arn('kinesis', 'stream/clicks'), create: false })],
    ['table', table('x', { table: arn('dynamodb', 'table/stock'), create: false })],
    ['bus', bus('x', { bus: arn('events', 'event-bus/shop'), create: false })],
  ])('are refused before anything is done: %s %#', (field, binding) => {
    expect(() => planBindings(wish([binding]))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(new RegExp(`events\\.x\\.${field}: .*${ELSEWHERE}`)),
      }),
    );
  });

  it('are taken where they are in the right region, whatever the form of the address', () => {
    expect(() =>
      planBindings(wish([bucket('b', { bucket: 'arn:aws:s3:::pictures' })])),
    ).not.toThrow();
    const address = 'https://eu-central-1.queue.amazonaws.com/123456789012/orders';
    expect(() => planBindings(wish([queue('q', { queue: address })]))).not.toThrow();
    expect(queueArn(HERE, 'http://127.0.0.1:4566/123456789012/orders')).toBe(
      'arn:aws:sqs:eu-central-1:123456789012:orders',
    );
  });

  it('are refused as dead letters of a queue in another account, and when they are the queue itself', () => {
    const dead = (deadLetter: string) => () => planBindings(wish([queue('q', { deadLetter })]));
    expect(dead('arn:aws:sqs:eu-central-1:210987654321:dead')).toThrow(/another account/);
    expect(dead('arn:aws:sqs:eu-central-1:123456789012:orders')).toThrow(/queue itself/);
  });
});

describe('a table', () => {
  it('whose binding moves to another of its streams leaves the old one', () => {
    const at = (label: string) =>
      table('d', {
        table: `arn:aws:dynamodb:eu-central-1:123456789012:table/stock/stream/${label}`,
        create: false,
      });
    const { steps } = planBindings(
      wish([at('2026')], { record: record({ bindings: [at('2025')] }) }),
    );
    const unbind = steps.find(({ kind }) => kind === 'delete-mapping');
    const put = steps.find(({ kind }) => kind === 'put-mapping');
    expect(unbind?.input).toMatchObject({ sourceArn: expect.stringContaining('/stream/2025') });
    expect(put?.input).toMatchObject({
      mapping: { sourceArn: expect.stringContaining('/stream/2026') },
    });
  });

  it('whose stream tells less than whole items is told of', async () => {
    const dynamodb = await world.observer.dynamodb();
    await dynamodb.createTable({
      TableName: 'keys',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    });
    await world.clock.advance(30_000);
    const wished = table('d', { table: 'keys', create: false });
    const fn = await world.function('keyed', [wished]);
    await fn.bind([wished]);
    expect(world.warnings.at(-1)).toContain('NEW_AND_OLD_IMAGES');
    await fn.remove();
  });
});

describe('an encrypted queue', () => {
  it('is told of, with the action that the function needs', async () => {
    const sqs = await world.observer.sqs();
    await sqs.createQueue({
      QueueName: 'sealed',
      Attributes: { VisibilityTimeout: '180', KmsMasterKeyId: 'alias/orders' },
    });
    const wished = queue('q', { queue: 'sealed', create: false });
    const fn = await world.function('opener', [wished]);
    await fn.bind([wished]);
    expect(world.warnings.at(-1)).toMatch(/"alias\/orders".*kms:Decrypt/);
    await fn.remove();
  });
});
