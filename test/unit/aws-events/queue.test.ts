import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queue, RETRY } from './bindings.ts';
import { EventWorld } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function attributes(name: string): Promise<Readonly<Record<string, string>>> {
  const sqs = await world.observer.sqs();
  const { QueueUrl } = await sqs.getQueueUrl({ QueueName: name });
  const found = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] });
  return found.Attributes ?? {};
}

async function mappings(functionName: string) {
  const lambda = await world.observer.lambda();
  const found = await lambda.listEventSourceMappings({ FunctionName: functionName });
  return found.EventSourceMappings ?? [];
}

describe('queues', () => {
  it('are made with their dead letters, bound, changed, untied, and taken away again', async () => {
    const before = world.fake.inventory();
    const first = queue('q', { queue: 'orders', deadLetter: 'orders-dead' });
    const fn = await world.function('orders', [first]);
    await fn.bind([first]);
    const { QueueArn: deadArn } = await attributes('orders-dead');
    const made = await attributes('orders');
    expect(made['VisibilityTimeout']).toBe('180');
    expect(JSON.parse(made['RedrivePolicy'] ?? '')).toEqual({
      deadLetterTargetArn: deadArn,
      maxReceiveCount: 3,
    });
    expect(await mappings(fn.alias)).toMatchObject([
      {
        State: 'Enabled',
        BatchSize: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        EventSourceArn: made['QueueArn'],
      },
    ]);

    const changed = queue('q', {
      queue: 'orders',
      deadLetter: 'orders-dead',
      batchSize: 100,
      retry: { ...RETRY, maxAttempts: 5 },
      enabled: false,
    });
    await fn.bind([changed]);
    expect(await mappings(fn.alias)).toMatchObject([
      { State: 'Disabled', BatchSize: 100, MaximumBatchingWindowInSeconds: 1 },
    ]);
    const after = await attributes('orders');
    expect(JSON.parse(after['RedrivePolicy'] ?? '')).toMatchObject({ maxReceiveCount: 5 });

    await fn.bind([queue('q', { queue: 'orders' })], { timeoutSeconds: 60 });
    expect(await attributes('orders')).toMatchObject({ VisibilityTimeout: '360' });
    expect((await attributes('orders'))['RedrivePolicy']).toBeUndefined();

    await fn.bind([]);
    expect(await mappings(fn.alias)).toEqual([]);
    await expect(attributes('orders')).resolves.toBeDefined();

    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('that stay as they are cost no call that changes anything', async () => {
    const wished = queue('q', { queue: 'calm' });
    const fn = await world.function('calm', [wished]);
    await fn.bind([wished]);
    fn.record = { ...fn.record, pending: ['q'] };
    const writes = world.fake.faults.writes;
    await fn.bind([wished]);
    expect(world.fake.faults.writes).toBe(writes);
    await fn.remove();
  });

  it('of others are used as they are, when they fit', async () => {
    const sqs = await world.observer.sqs();
    await sqs.createQueue({ QueueName: 'theirs', Attributes: { VisibilityTimeout: '30' } });
    const wished = queue('q', { queue: 'theirs' });
    const fn = await world.function('guest', [wished]);
    await fn.bind([wished]);
    expect((await attributes('theirs'))['VisibilityTimeout']).toBe('30');
    await fn.remove();
    await expect(attributes('theirs')).resolves.toBeDefined();
  });

  it('of others that do not fit are refused, with what to set', async () => {
    const sqs = await world.observer.sqs();
    await sqs.createQueue({ QueueName: 'hasty', Attributes: { VisibilityTimeout: '29' } });
    const wished = queue('q', { queue: 'hasty', create: false });
    const fn = await world.function('careful', [wished]);
    await expect(fn.bind([wished])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/VisibilityTimeout.*180/),
    });
    await sqs.createQueue({ QueueName: 'dead' });
    await sqs.createQueue({ QueueName: 'plain', Attributes: { VisibilityTimeout: '100' } });
    const dead = queue('q', { queue: 'plain', deadLetter: 'dead', create: false });
    await expect(fn.bind([dead])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/deadLetter.*RedrivePolicy.*:dead/),
    });
  });

  it('that are not there are refused, with what to do', async () => {
    const fn = await world.function('lonely');
    await expect(fn.bind([queue('q', { queue: 'nowhere', create: false })])).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('create: true'),
    });
  });

  it('that another function uses are handed on to it', async () => {
    const before = world.fake.inventory();
    const wished = queue('q', { queue: 'shared' });
    const one = await world.function('one', [wished]);
    const two = await world.function('two', [wished]);
    await one.bind([wished]);
    await two.bind([wished]);
    await one.remove();
    await expect(attributes('shared')).resolves.toBeDefined();
    expect(world.warnings.at(-1)).toContain('shared');
    await two.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('are made again a minute after they were deleted', async () => {
    const wished = queue('q', { queue: 'again' });
    const first = await world.function('again', [wished]);
    await first.bind([wished]);
    await first.remove();
    const second = await world.function('again', [wished]);
    await second.bind([wished]);
    expect(await mappings(second.alias)).toHaveLength(1);
    await second.remove();
  });
});
