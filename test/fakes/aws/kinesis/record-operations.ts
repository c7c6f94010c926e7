/** Records: written to the shard that their key chooses, and read through iterators. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  objects,
  optionalInteger,
  optionalNumber,
  optionalText,
  text,
  type Input,
} from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { streamOf } from './stream-operations.ts';
import type { Shard, Stream, Streams } from './streams.ts';

const MAX_DATA = 1_048_576;
const MAX_REQUEST = 5 * 1_048_576;
const ITERATOR_LIFE_MS = 5 * 60_000;
const ITERATOR_TYPES = [
  'AT_SEQUENCE_NUMBER',
  'AFTER_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
  'LATEST',
  'AT_TIMESTAMP',
];

interface Iterator {
  readonly arn: string;
  readonly shard: string;
  /** Records behind it come next; empty for the oldest. */
  readonly after: string;
  readonly madeAt: number;
}

export function recordOperations(
  world: World,
  streams: Streams,
  written: (streamArn: string) => void,
): Readonly<Record<string, JsonOperation>> {
  const put = (stream: Stream, input: Input) => {
    const hash = optionalText(input, 'ExplicitHashKey', { pattern: /0|([1-9]\d{0,38})/ });
    const key = text(input, 'PartitionKey', { min: 1, max: 256 });
    const { shard, record } = streams.put(stream, key, dataOf(input), hash);
    return { ShardId: shard.id, SequenceNumber: record.sequenceNumber };
  };

  return {
    PutRecord(input) {
      const stream = streams.getActive(streamOf(streams, input).arn);
      const reply = put(stream, input);
      written(stream.arn);
      return { ...reply, EncryptionType: 'NONE' };
    },
    PutRecords(input) {
      const stream = streams.getActive(streamOf(streams, input).arn);
      const records = objects(input, 'Records', { min: 1, max: 500 });
      const size = records.reduce(
        (sum, each) => sum + dataOf(each).length + text(each, 'PartitionKey').length,
        0,
      );
      if (size > MAX_REQUEST) {
        throw invalidArgument('Records size exceeds 5 MB limit');
      }
      const replies = records.map((each) => put(stream, each));
      written(stream.arn);
      return { FailedRecordCount: 0, Records: replies, EncryptionType: 'NONE' };
    },
    GetShardIterator(input) {
      const stream = streams.getActive(streamOf(streams, input).arn);
      const shard = shardOf(world, stream, text(input, 'ShardId'));
      const after = startOf(streams, shard, input);
      return {
        ShardIterator: encode({
          arn: stream.arn,
          shard: shard.id,
          after,
          madeAt: world.clock.now(),
        }),
      };
    },
    GetRecords(input) {
      const iterator = decode(text(input, 'ShardIterator', { min: 1, max: 512 }));
      const limit = optionalInteger(input, 'Limit', { min: 1, max: 10_000 }) ?? 10_000;
      if (world.clock.now() - iterator.madeAt > ITERATOR_LIFE_MS) {
        throw new AwsFault(400, 'ExpiredIteratorException', 'Iterator expired.');
      }
      const stream = streams.getActive(iterator.arn);
      const shard = shardOf(world, stream, iterator.shard);
      const records = streams.read(shard, iterator.after, limit);
      const newest = shard.records.at(-1)?.arrivedAt ?? 0;
      const last = records.at(-1);
      const isAtTip = last === undefined || last === shard.records.at(-1);
      return {
        Records: records.map((record) => ({
          SequenceNumber: record.sequenceNumber,
          ApproximateArrivalTimestamp: record.arrivedAt / 1000,
          Data: record.data.toString('base64'),
          PartitionKey: record.partitionKey,
          EncryptionType: 'NONE',
        })),
        NextShardIterator: encode({
          ...iterator,
          after: last?.sequenceNumber ?? iterator.after,
          madeAt: world.clock.now(),
        }),
        MillisBehindLatest: isAtTip ? 0 : Math.max(0, newest - last.arrivedAt),
      };
    },
  };
}

function dataOf(input: Input): Buffer {
  const data = Buffer.from(text(input, 'Data'), 'base64');
  if (data.length <= MAX_DATA) return data;
  throw new AwsFault(
    400,
    'ValidationException',
    `1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to ${MAX_DATA}`,
  );
}

function shardOf(world: World, stream: Stream, id: string): Shard {
  const shard = stream.shards.find((each) => each.id === id);
  if (shard !== undefined) return shard;
  throw new AwsFault(
    400,
    'ResourceNotFoundException',
    `Shard ${id} in stream ${stream.name} under account ${world.account} does not exist`,
  );
}

function startOf(streams: Streams, shard: Shard, input: Input): string {
  const type = text(input, 'ShardIteratorType', { oneOf: ITERATOR_TYPES });
  if (type === 'TRIM_HORIZON') return '';
  if (type === 'LATEST') return shard.records.at(-1)?.sequenceNumber ?? '';
  if (type === 'AT_TIMESTAMP') {
    const seconds = optionalNumber(input, 'Timestamp');
    if (seconds === undefined) {
      throw invalidArgument('Must specify timestamp parameter for iterator of type AT_TIMESTAMP.');
    }
    return lastBefore(streams, shard, (record) => record.arrivedAt < seconds * 1000);
  }
  const sequenceNumber = optionalText(input, 'StartingSequenceNumber');
  if (sequenceNumber === undefined) {
    throw invalidArgument(`Must specify sequence number parameter for iterator of type ${type}.`);
  }
  if (type === 'AFTER_SEQUENCE_NUMBER') return sequenceNumber;
  return lastBefore(streams, shard, (record) => record.sequenceNumber < sequenceNumber);
}

function lastBefore(
  streams: Streams,
  shard: Shard,
  isBefore: (record: { readonly arrivedAt: number; readonly sequenceNumber: string }) => boolean,
): string {
  return streams.read(shard, undefined, Infinity).findLast(isBefore)?.sequenceNumber ?? '';
}

function encode(iterator: Iterator): string {
  const { arn, shard, after, madeAt } = iterator;
  return Buffer.from([arn, shard, after, madeAt].join('|')).toString('base64');
}

function decode(encoded: string): Iterator {
  const [arn = '', shard = '', after = '', madeAt] = Buffer.from(encoded, 'base64')
    .toString()
    .split('|');
  if (shard === '' || madeAt === undefined) throw invalidArgument('Invalid ShardIterator.');
  return { arn, shard, after, madeAt: Number(madeAt) };
}

function invalidArgument(message: string): AwsFault {
  return new AwsFault(400, 'InvalidArgumentException', message);
}
