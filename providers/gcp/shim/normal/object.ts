import { fieldsOf, type ObjectEvent, textOf, timeOf } from 'polyfaas/function';
import type { Delivery } from '../push.ts';

const TYPES: Readonly<Record<string, ObjectEvent['type']>> = {
  OBJECT_FINALIZE: 'created',
  OBJECT_DELETE: 'deleted',
};

/**
 * A notification of a bucket in the normal form; undefined for another one, and for the end of a generation that was
 * only written over (Cloud Storage, "Pub/Sub notifications": `overwrittenByGeneration`).
 */
export function objectEvent(delivery: Delivery, source: string): ObjectEvent | undefined {
  const { allAttributes: attributes, id } = delivery;
  const type = TYPES[attributes['eventType'] ?? ''];
  if (type === undefined) return undefined;
  if (type === 'deleted' && attributes['overwrittenByGeneration'] !== undefined) return undefined;
  const data = fieldsOf(delivery.data);
  const etag = textOf(data['etag']);
  const contentType = textOf(data['contentType']);
  return {
    id,
    source,
    type,
    time: timeOf(attributes['eventTime'] ?? delivery.sentAt),
    key: attributes['objectId'] ?? textOf(data['name']),
    sizeBytes: type === 'deleted' ? 0 : Number(textOf(data['size'])) || 0,
    ...(etag === '' ? {} : { etag }),
    ...(contentType === '' || type === 'deleted' ? {} : { contentType }),
  };
}
