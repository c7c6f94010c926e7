/** EventBridge and its scheduler. */
import type { BusEvent, JsonValue, ScheduleTick } from 'polyfaas/function';
import type { ScheduleEnvelope } from '../../envelope.ts';
import { type Fields, jsonOf, textOf, timeOf } from '../json.ts';

/** @param bus the plain name, which the event itself does not tell. */
export function busEvent(event: Fields, bus: string): BusEvent {
  const resources = event['resources'];
  const subject: unknown = Array.isArray(resources) ? resources[0] : undefined;
  return {
    id: textOf(event['id']),
    source: textOf(event['source']),
    type: textOf(event['detail-type']),
    time: timeOf(event['time']),
    data: jsonOf(event['detail']),
    ...(typeof subject === 'string' ? { subject } : {}),
    bus,
  };
}

export function scheduleTick(head: ScheduleEnvelope, data: JsonValue): ScheduleTick {
  const scheduledTime = timeOf(head.scheduledTime);
  const now = new Date().toISOString();
  return {
    id: head.id,
    source: head.binding,
    scheduledTime,
    // A tick is never sent before it is due, whatever this machine's clock says.
    time: now > scheduledTime ? now : scheduledTime,
    data,
  };
}
