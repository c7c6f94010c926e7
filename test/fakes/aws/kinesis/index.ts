/** Kinesis Data Streams: streams that become active after two seconds, shards, and their records. */
import type { KinesisPort, StreamItem, World } from '../core/ports.ts';
import { jsonService } from '../core/json-protocol.ts';
import { optionalText, type Input } from '../core/operation.ts';
import type { Service } from '../core/service.ts';
import { recordOperations } from './record-operations.ts';
import { streamOperations } from './stream-operations.ts';
import { Streams, type ShardRecord } from './streams.ts';

export function createKinesisService(world: World): Service & { readonly port: KinesisPort } {
  const streams = new Streams(world);
  const listeners = new Set<(streamArn: string) => void>();
  const written = (streamArn: string): void => {
    for (const listener of listeners) listener(streamArn);
  };
  const service = jsonService({
    id: 'kinesis',
    targetPrefix: 'Kinesis_20131202',
    version: '1.1',
    operations: { ...streamOperations(streams), ...recordOperations(world, streams, written) },
    // What is being deleted goes away by itself.
    inventory: () =>
      streams
        .all()
        .filter((stream) => streams.status(stream) !== 'DELETING')
        .map((stream) => `kinesis stream ${stream.name}`),
    resource: (_operation, input) => resourceOf(streams, input),
  });
  return { ...service, port: portOf(streams, listeners, written) };
}

function resourceOf(streams: Streams, input: Input): string {
  const arn = optionalText(input, 'StreamARN') ?? optionalText(input, 'ResourceARN');
  const name = optionalText(input, 'StreamName');
  return arn ?? (name === undefined ? '*' : streams.arnOf(name));
}

function portOf(
  streams: Streams,
  listeners: Set<(streamArn: string) => void>,
  written: (streamArn: string) => void,
): KinesisPort {
  const active = (arn: string) => {
    const stream = streams.find(arn);
    return stream !== undefined && streams.status(stream) === 'ACTIVE' ? stream : undefined;
  };
  const shardOf = (arn: string, id: string) =>
    streams.find(arn)?.shards.find((shard) => shard.id === id);
  return {
    arnOf: (name) => streams.arnOf(name),
    exists: (arn) => active(arn) !== undefined,
    shards: (arn) => streams.find(arn)?.shards.map((shard) => shard.id) ?? [],
    read(arn, id, after, max) {
      const shard = shardOf(arn, id);
      return shard === undefined ? [] : streams.read(shard, after, max).map(itemOf);
    },
    newest: (arn, id) => shardOf(arn, id)?.records.at(-1)?.sequenceNumber,
    put(name, partitionKey, data) {
      const stream = streams.getActive(name);
      streams.put(stream, partitionKey, data);
      written(stream.arn);
    },
    onItem: (listener) => void listeners.add(listener),
  };
}

function itemOf(record: ShardRecord): StreamItem {
  return {
    sequenceNumber: record.sequenceNumber,
    arrivedAt: record.arrivedAt,
    record: {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.partitionKey,
        sequenceNumber: record.sequenceNumber,
        data: record.data.toString('base64'),
        approximateArrivalTimestamp: record.arrivedAt / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventName: 'aws:kinesis:record',
    },
  };
}
