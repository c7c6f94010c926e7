/** Streams themselves: made, described, tagged, deleted. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  optionalInteger,
  optionalObject,
  optionalText,
  optionalTextMap,
  text,
  textMap,
  texts,
  type Input,
} from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import type { Shard, Stream, Streams } from './streams.ts';

const NAME = { min: 1, max: 128, pattern: /[a-zA-Z0-9_.-]+/ };
const MAX_TAGS = 50;

/** By name or by ARN; both may be given. */
export function streamOf(streams: Streams, input: Input): Stream {
  const arn = optionalText(input, 'StreamARN');
  const name = optionalText(input, 'StreamName', NAME);
  const key = arn ?? name;
  if (key === undefined) {
    throw new AwsFault(
      400,
      'InvalidArgumentException',
      'Either StreamName or StreamARN must be provided.',
    );
  }
  return streams.get(key);
}

export function shardView(shard: Shard): object {
  return {
    ShardId: shard.id,
    HashKeyRange: {
      StartingHashKey: String(shard.firstHash),
      EndingHashKey: String(shard.lastHash),
    },
    SequenceNumberRange: { StartingSequenceNumber: shard.firstSequenceNumber },
  };
}

export function streamOperations(streams: Streams): Readonly<Record<string, JsonOperation>> {
  const head = (stream: Stream) => ({
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: streams.status(stream),
    StreamModeDetails: { StreamMode: stream.mode },
  });
  const details = (stream: Stream) => ({
    ...head(stream),
    RetentionPeriodHours: 24,
    StreamCreationTimestamp: stream.createdAt / 1000,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  });
  // A stream that is being made has no shards yet.
  const shardsOf = (stream: Stream) =>
    streams.status(stream) === 'CREATING' ? [] : stream.shards.map(shardView);

  return {
    CreateStream(input) {
      const name = text(input, 'StreamName', NAME);
      const modeDetails = optionalObject(input, 'StreamModeDetails');
      const mode =
        modeDetails === undefined
          ? 'PROVISIONED'
          : text(modeDetails, 'StreamMode', { oneOf: ['PROVISIONED', 'ON_DEMAND'] });
      const shardCount = optionalInteger(input, 'ShardCount', { min: 1 });
      if (mode === 'ON_DEMAND' && shardCount !== undefined) {
        throw new AwsFault(
          400,
          'ValidationException',
          'Requests to create an on-demand stream cannot specify a shard count.',
        );
      }
      if (mode === 'PROVISIONED' && modeDetails !== undefined && shardCount === undefined) {
        throw new AwsFault(
          400,
          'ValidationException',
          'ShardCount must be specified for a stream in PROVISIONED mode.',
        );
      }
      const tags = Object.entries(optionalTextMap(input, 'Tags') ?? {});
      checkTagCount(tags.length);
      streams.create(name, {
        mode: mode === 'ON_DEMAND' ? 'ON_DEMAND' : 'PROVISIONED',
        ...(shardCount !== undefined && { shardCount }),
        tags: new Map(tags),
      });
      return {};
    },
    DescribeStream(input) {
      const stream = streamOf(streams, input);
      return {
        StreamDescription: { ...details(stream), Shards: shardsOf(stream), HasMoreShards: false },
      };
    },
    DescribeStreamSummary(input) {
      const stream = streamOf(streams, input);
      return {
        StreamDescriptionSummary: {
          ...details(stream),
          OpenShardCount: shardsOf(stream).length,
          ConsumerCount: 0,
        },
      };
    },
    DeleteStream(input) {
      const stream = streamOf(streams, input);
      streams.delete(streams.getActive(stream.arn));
      return {};
    },
    ListStreams(input) {
      const limit = optionalInteger(input, 'Limit', { min: 1, max: 10_000 }) ?? 100;
      const after =
        optionalText(input, 'NextToken') ?? optionalText(input, 'ExclusiveStartStreamName');
      const rest = streams.all().filter((stream) => after === undefined || stream.name > after);
      const page = rest.slice(0, limit);
      const hasMore = rest.length > page.length;
      return {
        StreamNames: page.map((stream) => stream.name),
        StreamSummaries: page.map((stream) => ({
          ...head(stream),
          StreamCreationTimestamp: stream.createdAt / 1000,
        })),
        HasMoreStreams: hasMore,
        ...(hasMore && { NextToken: page.at(-1)?.name }),
      };
    },
    ListShards(input) {
      return { Shards: shardsOf(streamOf(streams, input)) };
    },
    AddTagsToStream(input) {
      addTags(streams.getActive(streamOf(streams, input).arn), textMap(input, 'Tags'));
      return {};
    },
    RemoveTagsFromStream(input) {
      const stream = streamOf(streams, input);
      for (const key of texts(input, 'TagKeys')) stream.tags.delete(key);
      return {};
    },
    ListTagsForStream(input) {
      return { Tags: tagList(streamOf(streams, input)), HasMoreTags: false };
    },
    TagResource(input) {
      const stream = streams.get(text(input, 'ResourceARN'));
      addTags(stream, textMap(input, 'Tags'));
      return {};
    },
    UntagResource(input) {
      const stream = streams.get(text(input, 'ResourceARN'));
      for (const key of texts(input, 'TagKeys')) stream.tags.delete(key);
      return {};
    },
    ListTagsForResource(input) {
      return { Tags: tagList(streams.get(text(input, 'ResourceARN'))) };
    },
  };
}

function addTags(stream: Stream, tags: Readonly<Record<string, string>>): void {
  checkTagCount(new Set([...stream.tags.keys(), ...Object.keys(tags)]).size);
  for (const [key, value] of Object.entries(tags)) stream.tags.set(key, value);
}

function checkTagCount(count: number): void {
  if (count <= MAX_TAGS) return;
  throw new AwsFault(
    400,
    'InvalidArgumentException',
    `Failed to add tags to stream because there are more than ${MAX_TAGS} tags.`,
  );
}

function tagList(stream: Stream): readonly object[] {
  return [...stream.tags].map(([Key, Value]) => ({ Key, Value }));
}
