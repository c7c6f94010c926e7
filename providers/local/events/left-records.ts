import { deliveriesOfRecord } from './cursor-progress.ts';
import type { Cursor, CursorTable } from './cursor-table.ts';
import { deadLetterOf } from './give-up.ts';
import type { GiveUp } from './give-up.ts';
import { describeLane, sourceOf } from './lane.ts';
import type { EventParts, Lane } from './lane.ts';
import { EXPIRED, REMOVED } from './outcomes.ts';
import type { Failure } from './outcomes.ts';
import type { Leaving } from './leaving.ts';
import { isOrdered, keyOf, lostRecord, rangeOf } from './record-events.ts';
import type { OrderedEvent } from './record-events.ts';
import type { RecordTable, StoredRecord } from './record-table.ts';
import { endsFirst, NOTHING_LEFT } from './removal.ts';
import type { Left, Removed } from './removal.ts';

const AT_ONCE = 500;

/** Records of streams and tables that a binding will never come to. */
export class LeftRecords {
  readonly #records: RecordTable;
  readonly #cursors: CursorTable;
  readonly #giveUp: GiveUp;
  readonly #leaving: Leaving;
  readonly #parts: EventParts;

  constructor(
    parts: EventParts,
    tables: { readonly records: RecordTable; readonly cursors: CursorTable },
    giveUp: GiveUp,
    leaving: Leaving,
  ) {
    this.#records = tables.records;
    this.#cursors = tables.cursors;
    this.#giveUp = giveUp;
    this.#leaving = leaving;
    this.#parts = parts;
  }

  /**
   * The lane is about to be removed: what it has not handled goes to its dead letter, or is dropped. What is under
   * way ends first where it can. Runs in a transaction.
   */
  abandon(lane: Lane, what: Removed, nowMs: number): Left {
    const { event } = lane;
    if (!isOrdered(event)) return NOTHING_LEFT;
    const failure = REMOVED[what];
    let records = 0;
    let underWay = 0;
    for (const cursor of this.#cursors.all(lane)) {
      const batch = endsFirst(lane, what) ? this.#underWay(cursor, event) : [];
      underWay += batch.length;
      for (const [index, record] of batch.entries()) {
        const attempts = deliveriesOfRecord(cursor.state, record.sequence, index);
        const lost = lostRecord(lane, event, cursor.shard, record, { attempts, failure });
        this.#leaving.keep(lost, lane.id, keyOf(cursor));
      }
      const after = batch.at(-1)?.sequence ?? cursor.state.position;
      records += this.#giveUpAfter(lane, event, cursor, { after, failure }, nowMs);
    }
    return deadLetterOf(lane) === undefined
      ? { kept: 0, dropped: records, underWay }
      : { kept: records, dropped: 0, underWay };
  }

  /**
   * Records older than that are about to be removed: those that a binding has not come to go to its dead letter.
   * @returns those that are being delivered. Runs in a transaction.
   */
  expire(lanes: Iterable<Lane>, cutoffMs: number, nowMs: number): readonly number[] {
    const held: number[] = [];
    for (const lane of lanes) {
      const { event } = lane;
      if (!isOrdered(event)) continue;
      let records = 0;
      for (const cursor of this.#cursors.all(lane)) {
        const batch = this.#underWay(cursor, event);
        for (const { sequence } of batch) held.push(sequence);
        const after = batch.at(-1)?.sequence ?? cursor.state.position;
        const what = { after, failure: EXPIRED, olderThanMs: cutoffMs };
        records += this.#giveUpAfter(lane, event, cursor, what, nowMs);
      }
      if (records > 0) this.#warnOfExpiry(lane, sourceOf(event), records);
    }
    return held;
  }

  #warnOfExpiry(lane: Lane, source: string, records: number): void {
    const queue = deadLetterOf(lane);
    const end =
      queue === undefined
        ? 'They were dropped: the event names no deadLetter.'
        : `They went to the dead letter "${queue}".`;
    const { warn, tell } = this.#parts;
    warn(
      `${records} records of ${source} are older than 24 hours and were removed before the function "${lane.ref.name}" handled them. ${end}`,
      {
        ...describeLane(lane),
        records,
        kept: queue === undefined ? 0 : records,
        dropped: queue === undefined ? records : 0,
      },
    );
    if (queue !== undefined) return;
    tell(
      lane.ref,
      `${records} records of ${source} were dropped: they were not handled within 24 hours, and the event names no deadLetter.`,
      { origin: source, dropped: records },
    );
  }

  /** The records that are being delivered. */
  #underWay(cursor: Cursor, event: OrderedEvent): readonly StoredRecord[] {
    return cursor.isInFlight
      ? this.#records.after(sourceOf(event), cursor.shard, rangeOf(cursor, event))
      : [];
  }

  /** @returns how many there were. */
  #giveUpAfter(
    lane: Lane,
    event: OrderedEvent,
    { shard, state }: Cursor,
    what: {
      readonly after: number;
      readonly failure: Failure;
      readonly olderThanMs?: number;
    },
    nowMs: number,
  ): number {
    const { after, failure, olderThanMs = Number.MAX_SAFE_INTEGER } = what;
    const source = sourceOf(event);
    // Nobody needs to read what nobody keeps.
    if (deadLetterOf(lane) === undefined)
      return this.#records.count(source, shard, after, olderThanMs);
    let count = 0;
    for (const record of this.#each(source, shard, after, olderThanMs)) {
      const attempts = deliveriesOfRecord(state, record.sequence, count);
      this.#giveUp.toDeadLetter(
        lostRecord(lane, event, shard, record, { attempts, failure }),
        nowMs,
      );
      count += 1;
    }
    return count;
  }

  *#each(
    source: string,
    shard: number,
    after: number,
    olderThanMs: number,
  ): Generator<StoredRecord> {
    let last = after;
    for (;;) {
      const range = { after: last, upTo: undefined, limit: AT_ONCE, olderThanMs };
      const records = this.#records.after(source, shard, range);
      if (records.length === 0) return;
      yield* records;
      last = records.at(-1)?.sequence ?? last;
    }
  }
}
