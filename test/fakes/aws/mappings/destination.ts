/** What is told of a batch of a stream that was given up, and where. */
import { randomUUID } from 'node:crypto';
import type { InvokeOutcome, StreamItem, World } from '../core/ports.ts';
import type { Mapping } from './mapping.ts';
import { destinationAllowed } from './source.ts';

export interface GivenUp {
  readonly shard: string;
  readonly items: readonly StreamItem[];
  readonly records: readonly object[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly invocations: number;
  /** Absent when the function was never reached. */
  readonly reply?: InvokeOutcome;
}

/** Writes the invocation record to the mapping's destination. Without one, or without the right, nothing is kept. */
export function reportGivenUp(world: World, mapping: Mapping, given: GivenUp): void {
  const { onFailure, functionArn } = mapping.settings;
  if (onFailure === undefined) return;
  const roleArn = world.lambda.describe(functionArn)?.roleArn;
  if (roleArn === undefined || !destinationAllowed(world, roleArn, onFailure)) return;
  const record = invocationRecord(world, mapping, given);
  const service = onFailure.split(':')[2];
  if (service === 'sqs') {
    if (world.sqs.exists(onFailure)) world.sqs.send(onFailure, JSON.stringify(record));
  } else if (service === 'sns') {
    if (world.sns.exists(onFailure)) world.sns.publish(onFailure, JSON.stringify(record));
  } else {
    // Only S3 has room for the batch itself.
    const whole = { ...record, payload: JSON.stringify({ Records: given.records }) };
    const bucket = onFailure.split(':').at(-1) ?? '';
    if (!world.s3.bucketExists(bucket)) return;
    world.s3.put(
      bucket,
      objectKey(world, mapping, given.shard),
      Buffer.from(JSON.stringify(whole)),
    );
  }
}

function invocationRecord(world: World, mapping: Mapping, given: GivenUp): object {
  const { items, reply } = given;
  const [first] = items;
  const last = items.at(-1);
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: mapping.settings.functionArn,
      condition: given.condition,
      approximateInvokeCount: given.invocations,
    },
    ...(reply && {
      responseContext: {
        statusCode: reply.statusCode,
        executedVersion: reply.executedVersion,
        functionError: reply.functionError ?? null,
      },
    }),
    version: '1.0',
    timestamp: new Date(world.clock.now()).toISOString(),
    [mapping.kind === 'kinesis' ? 'KinesisBatchInfo' : 'DDBStreamBatchInfo']: {
      shardId: given.shard,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first?.arrivedAt ?? 0).toISOString(),
      approximateArrivalOfLastRecord: new Date(last?.arrivedAt ?? 0).toISOString(),
      batchSize: items.length,
      streamArn: mapping.source,
    },
  };
}

/** `aws/lambda/UUID/SHARD/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-RANDOM` */
function objectKey(world: World, mapping: Mapping, shard: string): string {
  const time = new Date(world.clock.now()).toISOString();
  const day = time.slice(0, 10).replaceAll('-', '/');
  const second = time.slice(0, 19).replaceAll(':', '.');
  return `aws/lambda/${mapping.uuid}/${shard}/${day}/${second}-${randomUUID()}`;
}
