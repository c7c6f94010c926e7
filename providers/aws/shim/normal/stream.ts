/** Kinesis. */
import { isUtf8 } from 'node:buffer';
import type { JsonValue, StreamBatch } from 'polyfaas/function';
import { decodeText, type Fields, fieldsOf, nameOfArn, textOf, timeOf } from '../json.ts';

export function streamBatch(records: readonly Fields[]): StreamBatch {
  const first = records[0];
  return {
    source: nameOfArn(textOf(first?.['eventSourceARN'])),
    // `shardId-000000000000:SEQUENCE`
    shard: textOf(first?.['eventID']).split(':', 1)[0] ?? '',
    records: records.map((record) => {
      const kinesis = fieldsOf(record['kinesis']);
      return {
        sequenceNumber: textOf(kinesis['sequenceNumber']),
        partitionKey: textOf(kinesis['partitionKey']),
        time: timeOf(Number(kinesis['approximateArrivalTimestamp']) * 1_000),
        data: decodeData(textOf(kinesis['data'])),
      };
    }),
  };
}

/** Bytes that are no text stay in base64, which loses nothing. */
function decodeData(base64: string): JsonValue {
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? decodeText(bytes.toString('utf8')) : base64;
}
