import { randomUUID } from 'node:crypto';
import {
  afterFailure,
  afterInterruption,
  afterPartial,
  afterRefusal,
  afterSuccess,
  afterUnreadable,
  deliveriesOf,
  startAt,
} from './cursor-progress.ts';
import type { CursorState, CursorVerdict } from './cursor-progress.ts';
import type { Cursor, CursorTable } from './cursor-table.ts';
import type { DeliveryEngine } from './deliveries.ts';
import { deadLetterOf } from './give-up.ts';
import type { GiveUp } from './give-up.ts';
import { sourceOf } from './lane.ts';
import type { Claim, EventParts, Job, Lane, LaneEngine } from './lane.ts';
import { INTERRUPTED, REMOVED, retryIndex, UNREADABLE } from './outcomes.ts';
import type { Failure, Outcome } from './outcomes.ts';
import { batchOf, isOrdered, keyOf, lostRecord, rangeOf } from './record-events.ts';
import type { OrderedEvent } from './record-events.ts';
import { sequenceText } from './record-table.ts';
import type { RecordTable, StoredRecord } from './record-table.ts';
import { retryDelayMs } from './retry.ts';

/** Streams and tables: one delivery at a time for each binding and shard, in order. */
export class OrderedEngine implements LaneEngine {
  readonly maxInFlight = 32;
  readonly #parts: EventParts;
  readonly #records: RecordTable;
  readonly #cursors: CursorTable;
  readonly #redriven: DeliveryEngine;
  readonly #giveUp: GiveUp;

  constructor(
    parts: EventParts,
    tables: { readonly records: RecordTable; readonly cursors: CursorTable },
    redriven: DeliveryEngine,
    giveUp: GiveUp,
  ) {
    this.#parts = parts;
    this.#records = tables.records;
    this.#cursors = tables.cursors;
    this.#redriven = redriven;
    this.#giveUp = giveUp;
  }

  /** A new binding takes its place in each shard. Runs in a transaction. */
  open(lane: Lane): void {
    if (!isOrdered(lane.event)) return;
    this.#cursors.open(lane, lane.event.from === 'oldest' ? 0 : this.#records.lastSequence());
  }

  claim(lane: Lane, nowMs: number): Claim {
    const { event } = lane;
    if (!isOrdered(event)) return {};
    const redriven = this.#redriven.claim(lane, nowMs);
    if (redriven.job !== undefined) return redriven;
    let nextDueMs = redriven.nextDueMs ?? Infinity;
    for (const cursor of this.#cursors.idle(lane)) {
      const claim = this.#claimShard(lane, event, cursor, nowMs);
      if (claim.job !== undefined) return claim;
      nextDueMs = Math.min(nextDueMs, claim.nextDueMs ?? Infinity);
    }
    return { nextDueMs: nextDueMs === Infinity ? undefined : nextDueMs };
  }

  /** What an earlier process left in the middle of a delivery is tried again. Runs in a transaction. */
  recover(lanes: ReadonlyMap<number, Lane>, nowMs: number): void {
    for (const cursor of this.#cursors.interrupted()) {
      const lane = lanes.get(cursor.laneId);
      const event = lane?.event;
      if (lane === undefined || !isOrdered(event)) continue;
      const records = this.#records.after(sourceOf(event), cursor.shard, rangeOf(cursor, event));
      if (records[0]?.isReadable !== true)
        this.#cursors.save(cursor, startAt(cursor.state.position), false);
      else this.#settle(lane, event, cursor, records, undefined, INTERRUPTED, nowMs);
    }
  }

  #claimShard(lane: Lane, event: OrderedEvent, cursor: Cursor, nowMs: number): Claim {
    const { state, shard } = cursor;
    if (state.dueMs > nowMs) return { nextDueMs: state.dueMs };
    const records = this.#records.after(sourceOf(event), shard, rangeOf(cursor, event));
    const [first] = records;
    if (first === undefined) {
      if (state.batchEnd === undefined) return {};
      // The retention took what was to be tried again.
      const next = { ...cursor, state: startAt(state.batchEnd) };
      this.#cursors.save(cursor, next.state, false);
      return this.#claimShard(lane, event, next, nowMs);
    }
    if (!first.isReadable) {
      this.#cursors.save(cursor, afterUnreadable(state, first.sequence), false);
      this.#giveUp.warnUnreadable(lane, sequenceText(first.sequence));
      const what = { attempts: state.attempts, failure: UNREADABLE };
      this.#giveUp.toDeadLetter(lostRecord(lane, event, shard, first, what), nowMs);
      return { nextDueMs: nowMs };
    }
    const windowEndMs = first.timeMs + event.batchWindowSeconds * 1_000;
    const fresh = state.batchEnd === undefined && records.length < event.batchSize;
    if (fresh && windowEndMs > nowMs) return { nextDueMs: windowEndMs };
    const begun: Cursor = {
      ...cursor,
      state: {
        ...state,
        attempts: state.attempts + 1,
        // Kept even if the process dies: the same records are tried again.
        batchEnd: state.batchEnd ?? records.at(-1)?.sequence,
      },
    };
    this.#cursors.save(cursor, begun.state, true);
    return { job: this.#job(lane, event, begun, records) };
  }

  #job(lane: Lane, event: OrderedEvent, cursor: Cursor, records: readonly StoredRecord[]): Job {
    return {
      lane,
      key: keyOf(cursor),
      call: {
        kind: event.type,
        event: batchOf(event, cursor.shard, records),
        requestId: randomUUID(),
        attempt: deliveriesOf(cursor.state),
      },
      finish: (outcome, nowMs) => this.#finish(lane, event, cursor, records, outcome, nowMs),
    };
  }

  #finish(
    lane: Lane,
    taken: OrderedEvent,
    cursor: Cursor,
    records: readonly StoredRecord[],
    outcome: Outcome,
    nowMs: number,
  ): void {
    if (lane.isForgotten) return;
    if (outcome.type === 'refused') {
      const isThere = this.#cursors.save(cursor, afterRefusal(cursor.state, outcome.dueMs), false);
      if (!isThere) this.#loseAll(lane, taken, cursor, records, REMOVED.binding, nowMs);
      return;
    }
    const event = isOrdered(lane.event) ? lane.event : taken;
    if (outcome.type === 'failed') {
      this.#settle(lane, event, cursor, records, undefined, outcome.failure, nowMs);
      return;
    }
    const sequences = records.map(({ sequence }) => sequenceText(sequence));
    const { index, failure } = retryIndex(outcome.output, sequences);
    if (index === undefined) this.#cursors.save(cursor, this.#success(cursor, records), false);
    else this.#settle(lane, event, cursor, records, index, failure, nowMs);
  }

  #success({ state }: Cursor, records: readonly StoredRecord[]): CursorState {
    return afterSuccess(
      state,
      records.map(({ sequence }) => sequence),
    );
  }

  #settle(
    lane: Lane,
    event: OrderedEvent,
    cursor: Cursor,
    records: readonly StoredRecord[],
    index: number | undefined,
    failure: Failure,
    nowMs: number,
  ): void {
    const delivery = {
      state: cursor.state,
      sequences: records.map(({ sequence }) => sequence),
      maxAttempts: event.retry.maxAttempts,
      nowMs,
      delayMs: (failed: number) => retryDelayMs(event.retry, failed, this.#parts.random),
      isKept: deadLetterOf(lane) !== undefined,
    };
    let verdict: CursorVerdict;
    if (failure === INTERRUPTED) verdict = afterInterruption(delivery);
    else if (index === undefined || index < 0) verdict = afterFailure(delivery);
    else verdict = afterPartial(delivery, index);
    if (!this.#cursors.save(cursor, verdict.state, false)) {
      // Its binding is gone: nobody will try it again.
      const left = records.slice(Math.max(0, index ?? 0));
      this.#loseAll(lane, event, cursor, left, failure, nowMs);
      return;
    }
    const lost = records.find(({ sequence }) => sequence === verdict.givenUp);
    if (lost === undefined) return;
    this.#loseAll(lane, event, cursor, [lost], failure, nowMs);
  }

  #loseAll(
    lane: Lane,
    event: OrderedEvent,
    cursor: Cursor,
    records: readonly StoredRecord[],
    failure: Failure,
    nowMs: number,
  ): void {
    const what = { attempts: deliveriesOf(cursor.state), failure };
    for (const record of records)
      this.#giveUp.toDeadLetter(lostRecord(lane, event, cursor.shard, record, what), nowMs);
  }
}
