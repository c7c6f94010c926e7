/** Records of Event Hubs and of a Cosmos DB change feed in the normal form. */
import type { JsonObject, StreamRecord, TableRecord } from 'polyfaas/function';
import { fieldsOf, jsonObjectOf, jsonOf, listOf, textOf, timeOf, type Fields } from '../json.ts';

/** Records of one partition, in order. */
export interface StreamRecords {
  readonly shard: string;
  readonly records: readonly StreamRecord[];
}

/** @param metadata `context.triggerMetadata`: lists beside the list of bodies. */
export function streamRecords(messages: unknown, metadata: Fields): StreamRecords {
  const numbers = listOf(metadata['sequenceNumberArray']);
  const keys = listOf(metadata['partitionKeyArray']);
  const times = listOf(metadata['enqueuedTimeUtcArray']);
  const partition = fieldsOf(metadata['partitionContext']);
  return {
    shard: textOf(partition['partitionId'] ?? partition['PartitionId']),
    records: listOf(messages).map((data, index) => ({
      sequenceNumber: textOf(numbers[index]),
      partitionKey: textOf(keys[index]),
      time: timeOf(times[index]),
      data: jsonOf(data),
    })),
  };
}

/** What Cosmos DB keeps with every document. */
const SYSTEM_FIELDS: ReadonlySet<string> = new Set([
  '_rid',
  '_self',
  '_etag',
  '_attachments',
  '_ts',
  '_lsn',
]);

/**
 * The change feed has the newest form of a document that was made or changed. It does not tell which of the two, nor
 * what was there before, nor that a document was deleted.
 */
export function tableRecords(documents: unknown): readonly TableRecord[] {
  return listOf(documents).map((value) => {
    const document = jsonObjectOf(value);
    const seconds = document['_ts'];
    const id = textOf(document['id']);
    return {
      sequenceNumber: `${textOf(document['_lsn']) || textOf(seconds)}-${id}`,
      type: 'modify',
      time: timeOf(typeof seconds === 'number' ? seconds * 1_000 : undefined),
      key: { id },
      newImage: withoutSystemFields(document),
    };
  });
}

function withoutSystemFields(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !SYSTEM_FIELDS.has(name)));
}
