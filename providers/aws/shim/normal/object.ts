/** S3. */
import type { ObjectEvent } from 'polyfaas/function';
import { type Fields, fieldsOf, textOf, timeOf } from '../json.ts';

export function objectEvent(record: Fields): ObjectEvent {
  const s3 = fieldsOf(record['s3']);
  const object = fieldsOf(s3['object']);
  const requestId = textOf(fieldsOf(record['responseElements'])['x-amz-request-id']);
  const sequencer = textOf(object['sequencer']);
  const isDeleted = /(ObjectRemoved|LifecycleExpiration):/.test(textOf(record['eventName']));
  const size = object['size'];
  const etag = object['eTag'];
  return {
    // The sequencer alone is unique only among the events of one key.
    id: [requestId, sequencer].filter((part) => part !== '').join('-'),
    source: textOf(fieldsOf(s3['bucket'])['name']),
    type: isDeleted ? 'deleted' : 'created',
    time: timeOf(record['eventTime']),
    key: decodeKey(textOf(object['key'])),
    sizeBytes: typeof size === 'number' && !isDeleted ? size : 0,
    ...(typeof etag === 'string' ? { etag } : {}),
  };
}

/** Keys come percent-encoded, with `+` for a space. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}
