/** Records of Event Hubs and of a Cosmos DB change feed in the normal form. */
import type { JsonObject, StreamRecord, TableRecord } from 'polyfaas/function';
import { fieldsOf, jsonObjectOf, jsonOf, listOf, textOf, timeOf, type Fields } from '../json.ts';

/** Records of one partition, in order. */
export interface StreamRecords {
  readonly shard: string;
  readonly records: readonly StreamRecord[];
}

/**
 * The host leaves empty entries out of lists of texts, so the lists beside the bodies do not always fit. The list of
 * properties does: it has all of an event in one place.
 *
 * @param metadata `context.triggerMetadata`.
 */
export function streamRecords(messages: unknown, metadata: Fields): StreamRecords {
  const bodies = listOf(messages);
  const whole = (name: string): readonly unknown[] => {
    const list = listOf(metadata[name]);
    return list.length === bodies.length ? list : [];
  };
  const properties = whole('systemPropertiesArray');
  const numbers = whole('sequenceNumberArray');
  const keys = whole('partitionKeyArray');
  const times = whole('enqueuedTimeUtcArray');
  const partition = inLowerCase(metadata['partitionContext']);
  return {
    shard: textOf(partition.get('partitionid')),
    records: bodies.map((data, index) => {
      const own = inLowerCase(properties[index]);
      return {
        sequenceNumber: numberText(own.get('sequencenumber') ?? numbers[index]),
        partitionKey: textOf(own.get('partitionkey') ?? keys[index]),
        time: timeOf(own.get('enqueuedtimeutc') ?? times[index]),
        data: jsonOf(data),
      };
    }),
  };
}

/** The library makes the first letter of names small, and did not always. */
function inLowerCase(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(fieldsOf(value)).map(([name, own]) => [name.toLowerCase(), own]));
}

/** A number, also where a worker hands over the two halves of one of 64 bits. */
function numberText(value: unknown): string {
  const { low, high } = fieldsOf(value);
  if (typeof low !== 'number' || typeof high !== 'number') return textOf(value);
  return String((BigInt(high) << 32n) + BigInt(low >>> 0));
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
