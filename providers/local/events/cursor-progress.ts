/**
 * Where a binding stands in one shard, and how that changes. Pure.
 *
 * A failed batch is tried again as it was. When its attempts are used up and it holds more than one record, it is
 * split until the failing record stands alone; only that one is given up. In the parts of a split batch every
 * record has had its attempts already, so a part has one delivery more and is split further when it fails.
 */
import type { RetryPolicy } from 'polyfaas/spi';

/** Where a binding stands in one shard. */
export interface CursorState {
  /** The last record that is done with. */
  readonly position: number;
  /** Failed deliveries of the record after it. */
  readonly attempts: number;
  /** Not before. */
  readonly dueMs: number;
  /** The last record of the batch that is tried again or split. */
  readonly batchEnd: number | undefined;
  /** How many records to try at once while a batch is split. */
  readonly splitSize: number | undefined;
}

/** What a delivery leads to. */
export interface CursorVerdict {
  readonly state: CursorState;
  /** The record that goes to the dead letter. */
  readonly givenUp: number | undefined;
}

interface Delivery {
  /** With this delivery counted in `attempts`. */
  readonly state: CursorState;
  /** The records delivered, at least one. */
  readonly sequences: readonly number[];
  readonly maxAttempts: RetryPolicy['maxAttempts'];
  readonly nowMs: number;
  readonly delayMs: (failedAttempts: number) => number;
}

/** As many as the batch size allows: the rest of a split batch after its bad record was found. */
const REST = 10_000;

export function startAt(position: number): CursorState {
  return { position, attempts: 0, dueMs: 0, batchEnd: undefined, splitSize: undefined };
}

/** All of them were handled. */
export function afterSuccess(state: CursorState, sequences: readonly number[]): CursorState {
  const last = sequences.at(-1) ?? state.position;
  return partsLeftAfter(state, last) ? { ...state, position: last, dueMs: 0 } : startAt(last);
}

/** The call failed, and nobody knows at which record. */
export function afterFailure(delivery: Delivery): CursorVerdict {
  const { state, sequences, nowMs } = delivery;
  const last = sequences.at(-1) ?? state.position;
  const batchEnd = state.batchEnd ?? last;
  if (state.splitSize === undefined && state.attempts < delivery.maxAttempts) {
    const dueMs = nowMs + delivery.delayMs(state.attempts);
    return { state: { ...state, batchEnd, dueMs }, givenUp: undefined };
  }
  if (sequences.length > 1) {
    const splitSize = Math.ceil(sequences.length / 2);
    return { state: { ...state, batchEnd, splitSize, dueMs: nowMs }, givenUp: undefined };
  }
  return giveUp(state, last);
}

/** The records before `sequences[index]` were handled, that one was not, and the rest were not tried. */
export function afterPartial(delivery: Delivery, index: number): CursorVerdict {
  const { state, sequences, nowMs } = delivery;
  const failed = sequences[index];
  if (failed === undefined) return afterFailure(delivery);
  const attempts = index === 0 ? state.attempts : 1;
  if (state.splitSize !== undefined || attempts >= delivery.maxAttempts)
    return giveUp(state, failed);
  const position = index === 0 ? state.position : (sequences[index - 1] ?? state.position);
  return {
    state: {
      position,
      attempts,
      dueMs: nowMs + delivery.delayMs(attempts),
      batchEnd: state.batchEnd ?? sequences.at(-1),
      splitSize: undefined,
    },
    givenUp: undefined,
  };
}

/** The first record that is left can never be delivered. */
export function afterUnreadable(state: CursorState, sequence: number): CursorState {
  return giveUp(state, sequence).state;
}

/** The function did not take the call: it does not count. */
export function afterRefusal(state: CursorState, dueMs: number): CursorState {
  const attempts = Math.max(0, state.attempts - 1);
  return {
    ...state,
    attempts,
    dueMs,
    batchEnd: attempts === 0 ? undefined : state.batchEnd,
  };
}

function giveUp(state: CursorState, failed: number): CursorVerdict {
  const next = partsLeftAfter(state, failed)
    ? { ...state, position: failed, dueMs: 0, splitSize: REST }
    : startAt(failed);
  return { state: next, givenUp: failed };
}

/** True while parts of a split batch are left after `sequence`. */
function partsLeftAfter(state: CursorState, sequence: number): boolean {
  return state.splitSize !== undefined && state.batchEnd !== undefined && sequence < state.batchEnd;
}
