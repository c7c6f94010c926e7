import { type TableRecord, timeOf } from 'polyfaas/function';
import { ATTRIBUTE } from '../../manifest.ts';
import { decodeChange } from '../firestore/change.ts';
import type { Delivery } from '../push.ts';

/** A change of a Firestore document in the normal form. Its key is the document's id, or its path below the table. */
export function tableRecord(delivery: Delivery, table: string): TableRecord {
  const { after, before } = decodeChange(delivery.bytes);
  const attribute = (name: string): string | undefined =>
    delivery.allAttributes[`${ATTRIBUTE.cloudEvent}${name}`];
  const time = timeOf(attribute('time') ?? delivery.sentAt);
  if (after === undefined && before === undefined) throw new RangeError('No document has changed.');
  // What Firestore itself wrote; the attribute came through a header.
  const document = after?.path || before?.path || (attribute('document') ?? '');
  const id = document.startsWith(`${table}/`) ? document.slice(table.length + 1) : document;
  return {
    // Firestore numbers nothing: a moment of a row is one change of it.
    sequenceNumber: `${time}-${attribute('id') ?? delivery.id}`,
    type: before === undefined ? 'insert' : after === undefined ? 'remove' : 'modify',
    time,
    key: { id },
    ...(after === undefined ? {} : { newImage: { id, ...after.fields } }),
    ...(before === undefined ? {} : { oldImage: { id, ...before.fields } }),
  };
}
