import type { JsonValue, ObjectEvent } from 'polyfaas/function';
import { fieldsOf, textOf, timeOf } from '../json.ts';

const TYPES: Readonly<Record<string, ObjectEvent['type']>> = {
  'Microsoft.Storage.BlobCreated': 'created',
  'Microsoft.Storage.BlobDeleted': 'deleted',
};

/** A blob event of Event Grid in the normal form; undefined for another one. */
export function objectEvent(value: JsonValue, source: string): ObjectEvent | undefined {
  const event = fieldsOf(value);
  const type = TYPES[textOf(event['type'] ?? event['eventType'])];
  if (type === undefined) return undefined;
  const data = fieldsOf(event['data']);
  const etag = textOf(data['eTag']);
  const contentType = textOf(data['contentType']);
  return {
    id: textOf(event['id']),
    source,
    type,
    time: timeOf(event['time'] ?? event['eventTime']),
    key: keyOf(textOf(event['subject'])),
    sizeBytes: type === 'deleted' ? 0 : Number(data['contentLength']) || 0,
    ...(etag === '' ? {} : { etag }),
    ...(contentType === '' || type === 'deleted' ? {} : { contentType }),
  };
}

/** `/blobServices/default/containers/pictures/blobs/a/b.png`: the name stands in it as it is. */
function keyOf(subject: string): string {
  return /^\/blobServices\/[^/]+\/containers\/[^/]+\/blobs\/(.*)$/s.exec(subject)?.[1] ?? subject;
}
