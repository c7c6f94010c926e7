import type { AsyncPolicy, JsonValue, TraceContext } from 'polyfaas/spi';
import type { LocalStore } from '../ports.ts';
import { numberOf, optionalTextOf, textOf } from '../store/rows.ts';
import type { Row } from '../store/rows.ts';
import { decoded, decodeJson, decodePolicy, decodeTrace } from './decode.ts';
import type { Lane } from './lane.ts';
import type { LaneRegistry } from './lane-registry.ts';
import { IN_FLIGHT, READY } from './schema.ts';

/** A delivery that is to be made. */
export interface NewDelivery {
  readonly lane: Lane;
  readonly requestId: string;
  /** JSON text of the event in its normal form. */
  readonly event: string;
  readonly createdMs: number;
  /** Of an asynchronous invocation. */
  readonly policy?: AsyncPolicy | undefined;
  /** Of the caller of an asynchronous invocation. */
  readonly trace?: TraceContext | undefined;
}

/** A delivery that is kept. */
export interface StoredDelivery {
  readonly id: number;
  readonly requestId: string;
  /** The stored text itself where it cannot be decoded. */
  readonly event: JsonValue;
  readonly isReadable: boolean;
  readonly isUnderWay: boolean;
  readonly createdMs: number;
  /** Deliveries that were begun. */
  readonly attempts: number;
  /** Those of them that the death of the process cut short. */
  readonly interruptions: number;
  readonly policy: AsyncPolicy | null;
  readonly trace: TraceContext | undefined;
  readonly lastError: string | undefined;
}

const COLUMNS =
  'id, state, due_ms, created_ms, attempts, interruptions, request_id, event, policy, trace, last_error';

const LEFT_AT_ONCE = 500;

/** Single events on their way to single functions. */
export class DeliveryTable {
  readonly #lanes: LaneRegistry;
  readonly #sql;

  constructor(store: LocalStore, lanes: LaneRegistry) {
    this.#lanes = lanes;
    const { db } = store;
    this.#sql = {
      insert: db.prepare(
        `INSERT INTO ev_deliveries (lane, state, due_ms, created_ms, attempts, request_id, event, policy, trace)
         VALUES (?, ${READY}, ?, ?, 0, ?, ?, ?, ?)`,
      ),
      due: db.prepare(
        `SELECT ${COLUMNS} FROM ev_deliveries WHERE lane = ? AND state = ${READY} ORDER BY due_ms, id LIMIT 1`,
      ),
      left: db.prepare(
        `SELECT ${COLUMNS} FROM ev_deliveries
         WHERE lane = ? AND id > ? ORDER BY id LIMIT ${LEFT_AT_ONCE}`,
      ),
      begin: db.prepare(
        `UPDATE ev_deliveries SET state = ${IN_FLIGHT}, attempts = attempts + 1 WHERE id = ?`,
      ),
      remove: db.prepare('DELETE FROM ev_deliveries WHERE id = ?'),
      postpone: db.prepare(
        `UPDATE ev_deliveries SET state = ${READY}, due_ms = ?, last_error = ? WHERE id = ?`,
      ),
      uncharge: db.prepare(
        `UPDATE ev_deliveries SET state = ${READY}, due_ms = ?, attempts = attempts - 1 WHERE id = ?`,
      ),
      interrupted: db.prepare(
        `SELECT id, lane, due_ms, interruptions, policy FROM ev_deliveries
         WHERE state = ${IN_FLIGHT}`,
      ),
      resume: db.prepare(
        `UPDATE ev_deliveries SET state = ${READY}, interruptions = ?, due_ms = ? WHERE id = ?`,
      ),
    };
  }

  /** Keeps a delivery, due at once. Runs in a transaction. */
  insert(delivery: NewDelivery): void {
    const { lane, createdMs } = delivery;
    this.#sql.insert.run(
      lane.id,
      createdMs,
      createdMs,
      delivery.requestId,
      delivery.event,
      delivery.policy === undefined ? null : JSON.stringify(delivery.policy),
      delivery.trace === undefined ? null : JSON.stringify(delivery.trace),
    );
    this.#lanes.wake(lane);
  }

  /** The first that is due, or when it will be. */
  first(lane: Lane, nowMs: number): StoredDelivery | number | undefined {
    const row = this.#sql.due.get(lane.id);
    if (row === undefined) return undefined;
    const dueMs = numberOf(row, 'due_ms');
    if (dueMs > nowMs) return dueMs;
    return toDelivery(row);
  }

  /** Those of the lane, in the order of their ids. They may be removed on the way. */
  *left(lane: Lane): Generator<StoredDelivery> {
    let lastId = 0;
    for (;;) {
      const deliveries = this.#sql.left.all(lane.id, lastId).map(toDelivery);
      for (const delivery of deliveries) {
        lastId = delivery.id;
        yield delivery;
      }
      if (deliveries.length < LEFT_AT_ONCE) return;
    }
  }

  begin(delivery: StoredDelivery): void {
    this.#sql.begin.run(delivery.id);
  }

  /** @returns false when it is gone already, with its binding. */
  remove(delivery: StoredDelivery): boolean {
    return this.#sql.remove.run(delivery.id).changes === 1;
  }

  /** @returns false when it is gone already, with its binding. */
  postpone(delivery: StoredDelivery, dueMs: number, lastError: string): boolean {
    return this.#sql.postpone.run(dueMs, lastError, delivery.id).changes === 1;
  }

  /** @returns false when it is gone already, with its binding. */
  uncharge(delivery: StoredDelivery, dueMs: number): boolean {
    return this.#sql.uncharge.run(dueMs, delivery.id).changes === 1;
  }

  /**
   * Nothing is being delivered: what an earlier process left so is due again.
   * @param pauseMs how long a delivery of that lane waits after so many interruptions.
   */
  releaseAll(
    nowMs: number,
    pauseMs: (laneId: number, policy: AsyncPolicy | null, interruptions: number) => number,
  ): void {
    for (const row of this.#sql.interrupted.all()) {
      const interruptions = numberOf(row, 'interruptions') + 1;
      const text = optionalTextOf(row, 'policy');
      const policy = text === undefined ? null : (decoded(decodePolicy, text) ?? null);
      const pause = pauseMs(numberOf(row, 'lane'), policy, interruptions);
      const dueMs = pause > 0 ? nowMs + pause : numberOf(row, 'due_ms');
      this.#sql.resume.run(interruptions, dueMs, numberOf(row, 'id'));
    }
  }
}

function toDelivery(row: Row): StoredDelivery {
  const text = textOf(row, 'event');
  const event = decoded(decodeJson, text);
  const policyText = optionalTextOf(row, 'policy');
  const policy = policyText === undefined ? null : decoded(decodePolicy, policyText);
  const trace = optionalTextOf(row, 'trace');
  return {
    id: numberOf(row, 'id'),
    requestId: textOf(row, 'request_id'),
    // Not `??`: null is what an asynchronous call without an input is for its handler.
    event: event === undefined ? text : event,
    isReadable: event !== undefined && policy !== undefined,
    isUnderWay: numberOf(row, 'state') === IN_FLIGHT,
    createdMs: numberOf(row, 'created_ms'),
    attempts: numberOf(row, 'attempts'),
    interruptions: numberOf(row, 'interruptions'),
    policy: policy ?? null,
    // A call without its trace is better than no call.
    trace: trace === undefined ? undefined : decoded(decodeTrace, trace),
    lastError: optionalTextOf(row, 'last_error'),
  };
}
