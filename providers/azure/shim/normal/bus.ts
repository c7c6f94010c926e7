import type { BusEvent, JsonValue } from 'polyfaas/function';
import { fieldsOf, jsonOf, textOf, timeOf } from '../json.ts';

/** An event of Event Grid, in CloudEvents form or its own, in the normal form. */
export function busEvent(data: JsonValue, bus: string): BusEvent {
  const event = fieldsOf(data);
  const isCloudEvent = typeof event['specversion'] === 'string';
  const subject = event['subject'];
  return {
    id: textOf(event['id']),
    source: textOf(isCloudEvent ? event['source'] : event['topic']),
    type: textOf(isCloudEvent ? event['type'] : event['eventType']),
    time: timeOf(isCloudEvent ? event['time'] : event['eventTime']),
    data: bodyOf(event['data'], event['data_base64']),
    ...(typeof subject === 'string' && subject !== '' ? { subject } : {}),
    bus,
  };
}

function bodyOf(data: unknown, base64: unknown): JsonValue {
  if (data === undefined && typeof base64 === 'string') return base64;
  return data === undefined ? null : jsonOf(data);
}
