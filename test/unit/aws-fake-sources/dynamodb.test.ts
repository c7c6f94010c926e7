import { DynamoDB, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { createDynamoService } from '../../fakes/aws/dynamodb/index.ts';
import { failureOf, serve, Surroundings } from './world.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

const TableName = 'rows';
const WISH = {
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies CreateTableCommandInput;
const STREAM = {
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
} as const;

async function started() {
  const around = new Surroundings();
  const served = await serve(createDynamoService(around.world()));
  const dynamo = new DynamoDB(served.config);
  ends.push(served.stop, async () => dynamo.destroy());
  const { port } = served.service;
  return {
    around,
    dynamo,
    port,
    fake: served.service,
    describe: async () => (await dynamo.describeTable({ TableName })).Table,
    async active(change: Partial<CreateTableCommandInput> = STREAM) {
      const { TableDescription } = await dynamo.createTable({ ...WISH, ...change });
      await around.advance(2000);
      return TableDescription?.LatestStreamArn ?? '';
    },
    items: (arn: string) =>
      port.shards(arn).flatMap((shard) => port.read(arn, shard, undefined, 100)),
  };
}

describe('tables', () => {
  it('become active after a while, and go away after a while', async () => {
    const { dynamo, around, describe: table, fake } = await started();
    expect(await failureOf(table())).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: rows not found',
    });
    await dynamo.createTable({ ...WISH, Tags: [{ Key: 'a', Value: '1' }] });
    expect(await table()).toMatchObject({
      TableStatus: 'CREATING',
      TableArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/rows',
      KeySchema: WISH.KeySchema,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      CreationDateTime: new Date('2026-11-20T12:00:00Z'),
    });
    const early = dynamo.putItem({ TableName, Item: { id: { S: 'a' } } });
    expect(await failureOf(early)).toMatchObject({ name: 'ResourceNotFoundException' });
    for (const call of [dynamo.createTable(WISH), dynamo.deleteTable({ TableName })]) {
      expect(await failureOf(call)).toMatchObject({ name: 'ResourceInUseException' });
    }
    await around.advance(2000);
    expect((await table())?.TableStatus).toBe('ACTIVE');
    expect((await dynamo.listTables({})).TableNames).toEqual(['rows']);
    expect(fake.inventory()).toEqual(['dynamodb table rows']);
    await dynamo.deleteTable({ TableName });
    expect((await table())?.TableStatus).toBe('DELETING');
    await around.advance(2000);
    expect(await failureOf(table())).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('carry tags', async () => {
    const { dynamo, active } = await started();
    await active({ Tags: [{ Key: 'a', Value: '1' }] });
    const ResourceArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/rows';
    await dynamo.tagResource({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] });
    await dynamo.untagResource({ ResourceArn, TagKeys: ['a'] });
    expect((await dynamo.listTagsOfResource({ ResourceArn })).Tags).toEqual([
      { Key: 'b', Value: '2' },
    ]);
  });

  it.each<[Partial<CreateTableCommandInput>, string]>([
    [{ TableName: 'no' }, 'length greater than or equal to 3'],
    [{ BillingMode: 'PROVISIONED' }, 'must both be specified when BillingMode is PROVISIONED'],
    [{ AttributeDefinitions: [] }, 'not defined in AttributeDefinitions'],
    [
      { StreamSpecification: { StreamEnabled: true } },
      'StreamViewType is required when StreamEnabled is true',
    ],
  ])('are refused with %j', async (change, message) => {
    const { dynamo } = await started();
    expect(await failureOf(dynamo.createTable({ ...WISH, ...change }))).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  it('take a stream later, under a new name each time', async () => {
    const { dynamo, active, around, describe: table, port } = await started();
    await active({});
    expect((await table())?.LatestStreamArn).toBeUndefined();
    const on = () => dynamo.updateTable({ TableName, ...STREAM });
    const first = (await on()).TableDescription?.LatestStreamArn ?? '';
    expect(first).toBe(
      'arn:aws:dynamodb:eu-west-1:123456789012:table/rows/stream/2026-11-20T12:00:02.000',
    );
    expect((await table())?.TableStatus).toBe('UPDATING');
    expect(await failureOf(on())).toMatchObject({ name: 'ResourceInUseException' });
    await around.advance(2000);
    expect(await failureOf(on())).toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Table already has an enabled stream'),
    });
    await dynamo.updateTable({ TableName, StreamSpecification: { StreamEnabled: false } });
    await around.advance(2000);
    expect((await table())?.StreamSpecification).toBeUndefined();
    const second = (await on()).TableDescription?.LatestStreamArn ?? '';
    expect(second).not.toBe(first);
    expect([port.exists(first), port.exists(second), port.exists(`${second}1`)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('items', () => {
  it('are put, read, changed, listed and deleted', async () => {
    const { dynamo, active } = await started();
    await active({});
    const Key = { id: { S: 'a' } };
    await dynamo.putItem({ TableName, Item: { ...Key, n: { N: '1' }, gone: { BOOL: true } } });
    const updated = await dynamo.updateItem({
      TableName,
      Key,
      UpdateExpression: 'SET n = :n, #m = :m REMOVE gone',
      ExpressionAttributeNames: { '#m': 'more' },
      ExpressionAttributeValues: { ':n': { N: '2' }, ':m': { L: [{ S: 'x' }] } },
      ReturnValues: 'ALL_NEW',
    });
    const whole = { ...Key, n: { N: '2' }, more: { L: [{ S: 'x' }] } };
    expect(updated.Attributes).toEqual(whole);
    expect((await dynamo.getItem({ TableName, Key })).Item).toEqual(whole);
    await dynamo.putItem({ TableName, Item: { id: { S: 'b' } } });
    const page = await dynamo.scan({ TableName, Limit: 1 });
    const { LastEvaluatedKey: ExclusiveStartKey } = page;
    const rest = await dynamo.scan({ TableName, ...(ExclusiveStartKey && { ExclusiveStartKey }) });
    expect([page.Items, rest.Items]).toEqual([[whole], [{ id: { S: 'b' } }]]);
    await dynamo.deleteItem({ TableName, Key });
    expect((await dynamo.getItem({ TableName, Key })).Item).toBeUndefined();
  });

  it('are refused without their key, or with a condition', async () => {
    const { dynamo, active } = await started();
    await active({});
    for (const [Item, message] of [
      [{ n: { N: '1' } }, 'Missing the key id in the item'],
      [{ id: { N: '1' } }, 'Type mismatch for key id expected: S actual: N'],
    ] as const) {
      expect(await failureOf(dynamo.putItem({ TableName, Item }))).toMatchObject({
        message: expect.stringContaining(message),
      });
    }
    const conditional = dynamo.putItem({
      TableName,
      Item: { id: { S: 'a' } },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    expect(await failureOf(conditional)).toMatchObject({ name: 'ValidationException' });
  });
});

describe('the stream of changes', () => {
  it('tells what was inserted, modified and removed, in order', async () => {
    const { dynamo, active, items, port } = await started();
    const arn = await active();
    const told: string[] = [];
    port.onItem((each) => told.push(each));
    port.put(
      TableName,
      { id: 'a' },
      { name: 'grün', count: 1, list: [true, null], deep: { x: 1 } },
    );
    port.put(TableName, { id: 'a' }, { count: 2 });
    port.put(TableName, { id: 'a' }, { count: 2 });
    await dynamo.deleteItem({ TableName, Key: { id: { S: 'a' } } });
    port.put(TableName, { id: 'never was' }, undefined);
    expect(told).toEqual([arn, arn, arn]);
    const records = items(arn).map(({ record }) => record);
    const Keys = { id: { S: 'a' } };
    const first = {
      ...Keys,
      name: { S: 'grün' },
      count: { N: '1' },
      list: { L: [{ BOOL: true }, { NULL: true }] },
      deep: { M: { x: { N: '1' } } },
    };
    const second = { ...Keys, count: { N: '2' } };
    const record = (eventName: string, images: object) => ({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-1',
      dynamodb: {
        ApproximateCreationDateTime: Date.UTC(2026, 10, 20, 12, 0, 2) / 1000,
        Keys,
        ...images,
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(records).toEqual([
      record('INSERT', { NewImage: first }),
      record('MODIFY', { NewImage: second, OldImage: first }),
      record('REMOVE', { OldImage: second }),
    ]);
  });

  it('is read on from a position, and ends when it is turned off', async () => {
    const { dynamo, active, items, port } = await started();
    const arn = await active();
    port.put(TableName, { id: 'a' }, { count: 1 });
    const position = port.newest(arn, port.shards(arn)[0] ?? '');
    port.put(TableName, { id: 'b' }, { count: 1 });
    const rest = port.read(arn, port.shards(arn)[0] ?? '', position, 10);
    expect(rest.map((item) => item.sequenceNumber)).toEqual([items(arn).at(-1)?.sequenceNumber]);
    await dynamo.updateTable({ TableName, StreamSpecification: { StreamEnabled: false } });
    port.put(TableName, { id: 'c' }, { count: 1 });
    expect(items(arn)).toHaveLength(2);
  });
});
