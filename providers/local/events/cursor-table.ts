import type { LocalStore } from '../ports.ts';
import { numberOf, optionalNumberOf, optionalTextOf } from '../store/rows.ts';
import type { Row } from '../store/rows.ts';
import { startAt } from './cursor-progress.ts';
import type { CursorState } from './cursor-progress.ts';
import { decoded, decodeSplit } from './decode.ts';
import type { Lane } from './lane.ts';
import { SHARD_COUNT } from './record-table.ts';

/** Where a lane stands in one shard. */
export interface Cursor {
  readonly laneId: number;
  readonly shard: number;
  readonly state: CursorState;
  /** Whether a delivery is under way. */
  readonly isInFlight: boolean;
}

const COLUMNS =
  'lane, shard, position, attempts, interruptions, due_ms, batch_end, split_size, split, in_flight';

/** Where every binding stands in every shard of its stream or table. */
export class CursorTable {
  readonly #sql;

  constructor(store: LocalStore) {
    const { db } = store;
    this.#sql = {
      open: db.prepare(
        `INSERT OR IGNORE INTO ev_cursors (${COLUMNS})
         VALUES (?, ?, ?, 0, 0, 0, NULL, NULL, NULL, 0)`,
      ),
      idle: db.prepare(
        `SELECT ${COLUMNS} FROM ev_cursors WHERE lane = ? AND in_flight = 0 ORDER BY due_ms, shard`,
      ),
      all: db.prepare(`SELECT ${COLUMNS} FROM ev_cursors WHERE lane = ?`),
      interrupted: db.prepare(`SELECT ${COLUMNS} FROM ev_cursors WHERE in_flight = 1`),
      save: db.prepare(
        `UPDATE ev_cursors
         SET position = ?, attempts = ?, interruptions = ?, due_ms = ?, batch_end = ?,
           split_size = ?, split = ?, in_flight = ?
         WHERE lane = ? AND shard = ?`,
      ),
    };
  }

  /** A new lane begins after `position` in each shard. */
  open(lane: Lane, position: number): void {
    const { position: start } = startAt(position);
    for (let shard = 0; shard < SHARD_COUNT; shard += 1) this.#sql.open.run(lane.id, shard, start);
  }

  /** Those of the lane without a delivery under way, the longest due first. */
  idle(lane: Lane): Cursor[] {
    return this.#sql.idle.all(lane.id).map(toCursor);
  }

  all(lane: Lane): Cursor[] {
    return this.#sql.all.all(lane.id).map(toCursor);
  }

  /** Those whose delivery an earlier process left unfinished. */
  interrupted(): Cursor[] {
    return this.#sql.interrupted.all().map(toCursor);
  }

  /** @returns false when it is gone, with its binding. */
  save(cursor: Cursor, state: CursorState, inFlight: boolean): boolean {
    const { changes } = this.#sql.save.run(
      state.position,
      state.attempts,
      state.interruptions,
      state.dueMs,
      state.batchEnd ?? null,
      state.splitSize ?? null,
      state.split === undefined ? null : JSON.stringify(state.split),
      inFlight ? 1 : 0,
      cursor.laneId,
      cursor.shard,
    );
    return changes === 1;
  }
}

function toCursor(row: Row): Cursor {
  const split = optionalTextOf(row, 'split');
  return {
    laneId: numberOf(row, 'lane'),
    shard: numberOf(row, 'shard'),
    isInFlight: numberOf(row, 'in_flight') === 1,
    state: {
      position: numberOf(row, 'position'),
      attempts: numberOf(row, 'attempts'),
      interruptions: numberOf(row, 'interruptions'),
      dueMs: numberOf(row, 'due_ms'),
      batchEnd: optionalNumberOf(row, 'batch_end'),
      splitSize: optionalNumberOf(row, 'split_size'),
      split: split === undefined ? undefined : decoded(decodeSplit, split),
    },
  };
}
