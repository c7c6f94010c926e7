/** What handlers and dead letters get of the records of streams and tables. Pure. */
import { randomUUID } from 'node:crypto';
import type { JsonObject, NormalStreamEvent, NormalTableEvent } from 'polyfaas/spi';
import type { Cursor } from './cursor-table.ts';
import { timeText } from './decode.ts';
import type { Lost } from './give-up.ts';
import type { Lane } from './lane.ts';
import { describeFailure } from './outcomes.ts';
import type { Failure } from './outcomes.ts';
import { sequenceText, shardText } from './record-table.ts';
import type { StoredRecord } from './record-table.ts';

export type OrderedEvent = NormalStreamEvent | NormalTableEvent;

export function isOrdered(event: Lane['event']): event is OrderedEvent {
  return event?.type === 'stream' || event?.type === 'table';
}

/** The records that are delivered next, or, of a cursor in flight, those that are under way. */
export function rangeOf({ state }: Cursor, { batchSize }: OrderedEvent) {
  const limit = Math.min(batchSize, state.splitSize ?? batchSize);
  return { after: state.position, upTo: state.batchEnd, limit };
}

/** One delivery of a shard is under way at a time. */
export function keyOf({ shard }: Cursor): string {
  return `shard:${shard}`;
}

export function batchOf(
  event: OrderedEvent,
  shard: number,
  records: readonly StoredRecord[],
): JsonObject {
  const recordList = records.map(recordOf);
  return event.type === 'stream'
    ? { source: event.stream, shard: shardText(shard), records: recordList }
    : { source: event.table, records: recordList };
}

/** A record that is given up: a redrive brings it back alone, unless it is damaged. */
export function lostRecord(
  lane: Lane,
  event: OrderedEvent,
  shard: number,
  record: StoredRecord,
  what: { readonly attempts: number; readonly failure: Failure },
): Lost {
  return {
    lane,
    eventId: sequenceText(record.sequence),
    data: JSON.stringify(recordOf(record)),
    sentMs: record.timeMs,
    attempts: what.attempts,
    lastError: describeFailure(what.failure),
    back: record.isReadable
      ? {
          to: 'function',
          event: batchOf(event, shard, [record]),
          requestId: randomUUID(),
          policy: null,
        }
      : { to: 'nowhere' },
  };
}

function recordOf({ sequence, timeMs, body }: StoredRecord): JsonObject {
  return { sequenceNumber: sequenceText(sequence), time: timeText(timeMs), ...body };
}
