import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Binding } from 'polyfaas/spi';
import { RETRY, stream, table } from './bindings.ts';
import { EventWorld } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

async function mappings(functionName: string) {
  const lambda = await world.observer.lambda();
  const found = await lambda.listEventSourceMappings({ FunctionName: functionName });
  return found.EventSourceMappings ?? [];
}

const KINDS = [
  { kind: 'stream', make: stream },
  { kind: 'table', make: table },
] as const;

describe.each(KINDS)('a $kind', ({ kind, make }) => {
  it('is made with its dead letters, bound, changed, untied, and taken away again', async () => {
    const before = world.fake.inventory();
    const first: Binding = make('x', {
      deadLetter: `${kind}-dead`,
      from: 'oldest',
      retry: { ...RETRY, maxAttempts: 2 },
    });
    const fn = await world.function(`${kind}s`, [first]);
    await fn.bind([first]);
    expect(await mappings(fn.alias)).toMatchObject([
      {
        State: 'Enabled',
        BatchSize: 100,
        StartingPosition: 'TRIM_HORIZON',
        MaximumRetryAttempts: 1,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        DestinationConfig: {
          OnFailure: { Destination: expect.stringContaining(`:${kind}-dead`) },
        },
      },
    ]);
    await fn.bind([make('x', { batchSize: 7, from: 'latest' })]);
    const [changed] = await mappings(fn.alias);
    // Where it began stays: a new start would skip or repeat records.
    expect(changed).toMatchObject({ BatchSize: 7, StartingPosition: 'TRIM_HORIZON' });
    expect(changed?.DestinationConfig?.OnFailure?.Destination).toBeUndefined();
    await fn.bind([]);
    expect(await mappings(fn.alias)).toEqual([]);
    await fn.remove();
    expect(world.fake.inventory()).toEqual(before);
  });

  it('that is not there is refused, with what to do', async () => {
    const missing = make('x', { create: false });
    const fn = await world.function(`no-${kind}`, [missing]);
    await expect(fn.bind([missing])).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('create: true'),
    });
  });
});

describe('a table of others', () => {
  async function theirs(name: string, hasStream: boolean): Promise<void> {
    const dynamodb = await world.observer.dynamodb();
    await dynamodb.createTable({
      TableName: name,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...(hasStream
        ? { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } }
        : {}),
    });
    await world.clock.advance(30_000);
  }

  it('without a stream is refused, with what to switch on', async () => {
    await theirs('silent', false);
    const wished = table('x', { table: 'silent' });
    const fn = await world.function('listener', [wished]);
    await expect(fn.bind([wished])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('NEW_AND_OLD_IMAGES'),
    });
  });

  it('with a stream is bound, and left alone when the function goes', async () => {
    await theirs('talking', true);
    const wished = table('x', { table: 'talking' });
    const fn = await world.function('reader', [wished]);
    await fn.bind([wished]);
    expect(await mappings(fn.alias)).toHaveLength(1);
    await fn.remove();
    const dynamodb = await world.observer.dynamodb();
    await expect(dynamodb.describeTable({ TableName: 'talking' })).resolves.toBeDefined();
  });
});
