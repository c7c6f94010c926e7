/** Events of EventBridge and of its scheduler. */
import type { BusEvent, ScheduleTick } from '../../events.ts';
import type { JsonObject, JsonValue } from '../../json.types.ts';
import { ACCOUNT_ID, arn } from './arn.ts';

/** An event of a bus. */
export function busEvent(event: BusEvent, region: string): JsonObject {
  return {
    version: '0',
    id: event.id,
    'detail-type': event.type,
    source: event.source,
    account: ACCOUNT_ID,
    time: wholeSeconds(event.time),
    region,
    resources: event.subject === undefined ? [] : [event.subject],
    detail: event.data,
  };
}

/** The binding's input alone, as EventBridge Scheduler delivers it; without one, the event of a scheduled rule. */
export function scheduleEvent(tick: ScheduleTick, region: string): JsonValue {
  if (tick.data !== null) return tick.data;
  return {
    version: '0',
    id: tick.id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT_ID,
    time: wholeSeconds(tick.scheduledTime),
    region,
    resources: [arn('events', region, `rule/${tick.source}`)],
    detail: {},
  };
}

/** EventBridge gives no fractions. */
function wholeSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
