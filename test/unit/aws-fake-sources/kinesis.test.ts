import { Kinesis } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, it } from 'vitest';
import { createKinesisService } from '../../fakes/aws/kinesis/index.ts';
import { failureOf, serve, Surroundings } from './world.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

const ARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/clicks';

async function started() {
  const around = new Surroundings();
  const served = await serve(createKinesisService(around.world()));
  const kinesis = new Kinesis({ ...served.config, requestHandler: new NodeHttpHandler() });
  ends.push(served.stop, async () => kinesis.destroy());
  return {
    around,
    kinesis,
    fake: served.service,
    async active() {
      await kinesis.createStream({
        StreamName: 'clicks',
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      });
      await around.advance(2000);
    },
  };
}

const StreamName = 'clicks';

describe('streams', () => {
  it('become active after a while, and go away after a while', async () => {
    const { kinesis, around, fake } = await started();
    const status = async () =>
      (await kinesis.describeStreamSummary({ StreamName })).StreamDescriptionSummary?.StreamStatus;
    expect(await failureOf(status())).toEqual({
      name: 'ResourceNotFoundException',
      message: 'Stream clicks under account 123456789012 not found.',
    });
    await kinesis.createStream({ StreamName, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    expect(await status()).toBe('CREATING');
    expect(fake.port.exists(ARN)).toBe(false);
    const early = kinesis.putRecord({ StreamName, PartitionKey: 'a', Data: Buffer.from('x') });
    expect(await failureOf(early)).toMatchObject({ name: 'ResourceInUseException' });
    expect(await failureOf(kinesis.createStream({ StreamName, ShardCount: 1 }))).toMatchObject({
      name: 'ResourceInUseException',
    });
    await around.advance(2000);
    const { StreamDescription } = await kinesis.describeStream({ StreamName });
    expect(StreamDescription).toMatchObject({
      StreamARN: ARN,
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      RetentionPeriodHours: 24,
    });
    expect(StreamDescription?.Shards?.map((shard) => shard.ShardId)).toEqual([
      'shardId-000000000000',
      'shardId-000000000001',
    ]);
    expect(fake.port.exists(ARN)).toBe(true);
    expect(fake.inventory()).toEqual(['kinesis stream clicks']);
    await kinesis.deleteStream({ StreamName });
    expect(await status()).toBe('DELETING');
    await around.advance(2000);
    expect(await failureOf(status())).toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await kinesis.listStreams({})).StreamNames).toEqual([]);
  });

  it('have as many shards as asked for, and tags', async () => {
    const { kinesis, around } = await started();
    await kinesis.createStream({ StreamName, ShardCount: 3, Tags: { a: '1' } });
    await around.advance(2000);
    expect((await kinesis.listShards({ StreamName })).Shards).toHaveLength(3);
    await kinesis.addTagsToStream({ StreamName, Tags: { b: '2' } });
    await kinesis.tagResource({ ResourceARN: ARN, Tags: { c: '3' } });
    await kinesis.removeTagsFromStream({ StreamName, TagKeys: ['a'] });
    expect((await kinesis.listTagsForStream({ StreamName })).Tags).toEqual([
      { Key: 'b', Value: '2' },
      { Key: 'c', Value: '3' },
    ]);
    expect((await kinesis.listTagsForResource({ ResourceARN: ARN })).Tags).toHaveLength(2);
  });

  it('are refused when they are wrong', async () => {
    const { kinesis } = await started();
    expect(
      await failureOf(kinesis.createStream({ StreamName: 'a b', ShardCount: 1 })),
    ).toMatchObject({ name: 'ValidationException' });
    const mixed = kinesis.createStream({
      StreamName,
      ShardCount: 2,
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
    });
    expect(await failureOf(mixed)).toMatchObject({ name: 'ValidationException' });
  });
});

describe('records', () => {
  it('of one key stay in one shard, in order', async () => {
    const { kinesis, active } = await started();
    await active();
    const { Records = [] } = await kinesis.putRecords({
      StreamName,
      Records: [1, 2, 3].flatMap((value) =>
        ['a', 'b', 'c', 'd'].map((PartitionKey) => ({
          PartitionKey,
          Data: Buffer.from(`${PartitionKey}${value}`),
        })),
      ),
    });
    const shards = new Set(Records.map((record) => record.ShardId));
    expect(shards.size).toBe(2);
    const read: string[] = [];
    for (const ShardId of shards) {
      const { ShardIterator } = await kinesis.getShardIterator({
        StreamName,
        ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      });
      const page = await kinesis.getRecords({ ShardIterator });
      read.push(...(page.Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString()));
    }
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(read.filter((text) => text.startsWith(key))).toEqual([
        `${key}1`,
        `${key}2`,
        `${key}3`,
      ]);
    }
  });

  it('are read from where the iterator says, and on', async () => {
    const { kinesis, active, around } = await started();
    await active();
    const put = (text: string) =>
      kinesis.putRecord({ StreamName, PartitionKey: 'a', Data: Buffer.from(text) });
    const { ShardId, SequenceNumber } = await put('one');
    const from = async (
      ShardIteratorType: 'LATEST' | 'AFTER_SEQUENCE_NUMBER' | 'AT_SEQUENCE_NUMBER',
    ) => {
      const { ShardIterator } = await kinesis.getShardIterator({
        StreamName,
        ShardId,
        ShardIteratorType,
        ...(ShardIteratorType !== 'LATEST' && { StartingSequenceNumber: SequenceNumber }),
      });
      return ShardIterator;
    };
    const textsOf = async (ShardIterator: string | undefined) => {
      const page = await kinesis.getRecords({ ShardIterator });
      const texts = page.Records?.map(({ Data }) => Buffer.from(Data ?? []).toString());
      return { texts, next: page.NextShardIterator };
    };
    const latest = await from('LATEST');
    await put('two');
    expect((await textsOf(await from('AT_SEQUENCE_NUMBER'))).texts).toEqual(['one', 'two']);
    expect((await textsOf(await from('AFTER_SEQUENCE_NUMBER'))).texts).toEqual(['two']);
    const { texts, next } = await textsOf(latest);
    expect(texts).toEqual(['two']);
    await put('three');
    expect((await textsOf(next)).texts).toEqual(['three']);
    await around.advance(301_000);
    expect(await failureOf(textsOf(next))).toMatchObject({ name: 'ExpiredIteratorException' });
    await around.advance(25 * 3_600_000);
    expect((await textsOf(await from('AT_SEQUENCE_NUMBER'))).texts).toEqual([]);
  });

  it('come in the form of the function event', async () => {
    const { active, fake } = await started();
    await active();
    const told: string[] = [];
    fake.port.onItem((arn) => told.push(arn));
    fake.port.put('clicks', 'key', Buffer.from('{"a":1}'));
    expect(told).toEqual([ARN]);
    const shard = fake.port.shards(ARN).find((each) => fake.port.newest(ARN, each) !== undefined);
    const [item, ...others] = fake.port.read(ARN, shard ?? '', undefined, 10);
    expect(others).toEqual([]);
    expect(item).toEqual({
      sequenceNumber: expect.stringMatching(/^49\d{54}$/),
      arrivedAt: Date.UTC(2026, 10, 20, 12, 0, 2),
      record: {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: 'key',
          sequenceNumber: item?.sequenceNumber,
          data: Buffer.from('{"a":1}').toString('base64'),
          approximateArrivalTimestamp: Date.UTC(2026, 10, 20, 12, 0, 2) / 1000,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventName: 'aws:kinesis:record',
      },
    });
    expect(fake.port.read(ARN, shard ?? '', item?.sequenceNumber, 10)).toEqual([]);
  });
});
