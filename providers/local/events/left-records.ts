import { deliveriesOfRecord } from './cursor-progress.ts';
import type { Cursor, CursorTable } from './cursor-table.ts';
import { deadLetterOf } from './give-up.ts';
import type { GiveUp } from './give-up.ts';
import { sourceOf } from './lane.ts';
import type { Lane } from './lane.ts';
import { REMOVED } from './outcomes.ts';
import type { Failure } from './outcomes.ts';
import { isOrdered, lostRecord, rangeOf } from './record-events.ts';
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

  constructor(
    tables: { readonly records: RecordTable; readonly cursors: CursorTable },
    giveUp: GiveUp,
  ) {
    this.#records = tables.records;
    this.#cursors = tables.cursors;
    this.#giveUp = giveUp;
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
      const after = batch.at(-1)?.sequence ?? cursor.state.position;
      records += this.#giveUpAfter(lane, event, cursor, { after, failure }, nowMs);
    }
    return deadLetterOf(lane) === undefined
      ? { kept: 0, dropped: records, underWay }
      : { kept: records, dropped: 0, underWay };
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
    what: { readonly after: number; readonly failure: Failure },
    nowMs: number,
  ): number {
    const { after, failure } = what;
    const source = sourceOf(event);
    // Nobody needs to read what nobody keeps.
    if (deadLetterOf(lane) === undefined) return this.#records.count(source, shard, after);
    let count = 0;
    for (const record of this.#each(source, shard, after)) {
      const attempts = deliveriesOfRecord(state, record.sequence, count);
      this.#giveUp.toDeadLetter(
        lostRecord(lane, event, shard, record, { attempts, failure }),
        nowMs,
      );
      count += 1;
    }
    return count;
  }

  *#each(source: string, shard: number, after: number): Generator<StoredRecord> {
    let last = after;
    for (;;) {
      const range = { after: last, upTo: undefined, limit: AT_ONCE };
      const records = this.#records.after(source, shard, range);
      if (records.length === 0) return;
      yield* records;
      last = records.at(-1)?.sequence ?? last;
    }
  }
}
