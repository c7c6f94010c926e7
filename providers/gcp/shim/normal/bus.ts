import { type BusEvent, decodeText, fieldsOf, jsonOf, textOf, timeOf } from 'polyfaas/function';
import type { Delivery } from '../push.ts';

/** The attributes of a CloudEvent, by their names, and its data. */
interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly data: BusEvent['data'];
}

/**
 * A CloudEvent in a message (CloudEvents, "Google Cloud Pub/Sub Protocol Binding"): its attributes are those of the message
 * (binary mode), or all of it is JSON (structured mode). A message that is none has the bus itself as its source.
 */
export function busEvent(delivery: Delivery, bus: string): BusEvent {
  const { id, source, type, time, subject, data } = structured(delivery) ?? binary(delivery);
  return {
    id: id || delivery.id,
    source: source || bus,
    type,
    time: timeOf(Number.isNaN(Date.parse(time)) ? delivery.sentAt : time),
    data,
    ...(subject === '' ? {} : { subject }),
    bus,
  };
}

function binary({ allAttributes, data }: Delivery): CloudEvent {
  const of = (name: string): string => allAttributes[`ce-${name}`] ?? '';
  return {
    id: of('id'),
    source: of('source'),
    type: of('type'),
    time: of('time'),
    subject: of('subject'),
    data,
  };
}

/** Undefined for a message that is none. */
function structured({ allAttributes, data }: Delivery): CloudEvent | undefined {
  const format = allAttributes['content-type'] ?? allAttributes['Content-Type'] ?? '';
  if (!/^application\/cloudevents\+json\b/i.test(format.trim())) return undefined;
  const event = fieldsOf(data);
  if (textOf(event['specversion']) === '') return undefined;
  const bytes = event['data_base64'];
  return {
    id: textOf(event['id']),
    source: textOf(event['source']),
    type: textOf(event['type']),
    time: textOf(event['time']),
    subject: textOf(event['subject']),
    data:
      typeof bytes === 'string'
        ? decodeText(Buffer.from(bytes, 'base64').toString('utf8'))
        : jsonOf(event['data'] ?? null),
  };
}
