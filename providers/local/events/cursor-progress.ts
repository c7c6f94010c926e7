/**
 * Where a binding stands in one shard, and how that changes. Pure.
 *
 * A failed batch is tried again as it was. When its attempts are used up and it holds more than one record, it is
 * split until the failing record stands alone; only that one is given up. In the parts of a split batch every
 * record has had its attempts already, so a part has one delivery more and is split further when it fails.
 *
 * A delivery that the death of the process cut short is no failed one: it is made again as it was, so often and no
 * more, because a record may be what brings the process down.
 */
import type { RetryPolicy } from 'polyfaas/spi';
import { interruptionPauseMs, INTERRUPTIONS_ALLOWED } from './retry.ts';

/** Where a binding stands in one shard. */
export interface CursorState {
  /** The last record that is done with. */
  readonly position: number;
  /** Failed deliveries of the record after it. */
  readonly attempts: number;
  /** Deliveries of the record after it that were cut short since the last one that came to an end. */
  readonly interruptions: number;
  /** Not before. */
  readonly dueMs: number;
  /** The last record of the batch that is tried again or split. */
  readonly batchEnd: number | undefined;
  /** How many records to try at once while a batch is split. */
  readonly splitSize: number | undefined;
  /** What is known of a batch while it is split. */
  readonly split: Split | undefined;
}

/** Tells how often each record that is left of a split batch was delivered. */
export interface Split {
  /** Deliveries of the whole batch. */
  readonly attempts: number;
  /** The last record of each part that failed, for each such delivery. Parts lie within each other. */
  readonly failedEnds: readonly number[];
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
}

interface FailedDelivery extends Delivery {
  readonly delayMs: (failedAttempts: number) => number;
}

interface InterruptedDelivery extends Delivery {
  /** Whether there is a dead letter. A record is not given up without one only because the process died. */
  readonly isKept: boolean;
}

/** As many as the batch size allows: the rest of a split batch after its bad record was found. */
const REST = 10_000;

export function startAt(position: number): CursorState {
  return {
    position,
    attempts: 0,
    interruptions: 0,
    dueMs: 0,
    batchEnd: undefined,
    splitSize: undefined,
    split: undefined,
  };
}

/** Deliveries of the record after the position, this one and those that were cut short too. */
export function deliveriesOf({ attempts, interruptions }: CursorState): number {
  return attempts + interruptions;
}

/**
 * How often a record was delivered that is given up before its turn.
 * @param index its place among those after the position.
 */
export function deliveriesOfRecord(state: CursorState, sequence: number, index: number): number {
  if (state.batchEnd === undefined || sequence > state.batchEnd) return 0;
  const { split, splitSize } = state;
  if (split === undefined || splitSize === undefined || index < splitSize)
    return deliveriesOf(state);
  return split.attempts + split.failedEnds.filter((end) => end >= sequence).length;
}

/** All of them were handled. */
export function afterSuccess(state: CursorState, sequences: readonly number[]): CursorState {
  const last = sequences.at(-1) ?? state.position;
  return partsLeftAfter(state, last) ? nextPart(state, last, state.splitSize) : startAt(last);
}

/** The call failed, and nobody knows at which record. */
export function afterFailure(delivery: FailedDelivery): CursorVerdict {
  const { state, sequences, nowMs } = delivery;
  if (state.splitSize === undefined && state.attempts < delivery.maxAttempts) {
    const batchEnd = state.batchEnd ?? sequences.at(-1);
    const dueMs = nowMs + delivery.delayMs(state.attempts);
    return { state: { ...state, interruptions: 0, batchEnd, dueMs }, givenUp: undefined };
  }
  return splitOrGiveUp(delivery);
}

/** The records before `sequences[index]` were handled, that one was not, and the rest were not tried. */
export function afterPartial(delivery: FailedDelivery, index: number): CursorVerdict {
  const { state, sequences, nowMs } = delivery;
  const failed = sequences[index];
  if (failed === undefined) return afterFailure(delivery);
  const attempts = index === 0 ? state.attempts : 1;
  if (state.splitSize !== undefined || attempts >= delivery.maxAttempts)
    return giveUp(state, failed);
  const position = index === 0 ? state.position : (sequences[index - 1] ?? state.position);
  return {
    state: {
      ...startAt(position),
      attempts,
      dueMs: nowMs + delivery.delayMs(attempts),
      batchEnd: state.batchEnd ?? sequences.at(-1),
    },
    givenUp: undefined,
  };
}

/** The process died during the delivery. */
export function afterInterruption(delivery: InterruptedDelivery): CursorVerdict {
  const { state, sequences, maxAttempts, nowMs, isKept } = delivery;
  const interruptions = state.interruptions + 1;
  const failed = state.attempts - 1;
  const attemptsLeft = state.splitSize === undefined ? Math.max(1, maxAttempts - failed) : 1;
  const mayBeToBlame = interruptions >= attemptsLeft + INTERRUPTIONS_ALLOWED;
  if (mayBeToBlame && (sequences.length > 1 || isKept)) return splitOrGiveUp(delivery);
  const dueMs = nowMs + (isKept ? 0 : interruptionPauseMs(interruptions));
  return { state: { ...state, attempts: failed, interruptions, dueMs }, givenUp: undefined };
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
    batchEnd: deliveriesOf({ ...state, attempts }) === 0 ? undefined : state.batchEnd,
  };
}

function splitOrGiveUp({ state, sequences, nowMs }: Delivery): CursorVerdict {
  const last = sequences.at(-1) ?? state.position;
  if (sequences.length <= 1) return giveUp(state, last);
  const attempts = deliveriesOf(state);
  return {
    state: {
      ...state,
      attempts,
      interruptions: 0,
      batchEnd: state.batchEnd ?? last,
      splitSize: Math.ceil(sequences.length / 2),
      split:
        state.split === undefined
          ? { attempts, failedEnds: [] }
          : { ...state.split, failedEnds: [...state.split.failedEnds, last] },
      dueMs: nowMs,
    },
    givenUp: undefined,
  };
}

function giveUp(state: CursorState, failed: number): CursorVerdict {
  const next = partsLeftAfter(state, failed) ? nextPart(state, failed, REST) : startAt(failed);
  return { state: next, givenUp: failed };
}

/** What follows `position` in a split batch was delivered with the whole, and with each part that holds it too. */
function nextPart(
  state: CursorState,
  position: number,
  splitSize: number | undefined,
): CursorState {
  const { attempts, failedEnds } = state.split ?? { attempts: state.attempts, failedEnds: [] };
  const holding = failedEnds.filter((end) => end > position);
  return {
    ...state,
    position,
    attempts: attempts + holding.length,
    interruptions: 0,
    splitSize,
    split: { attempts, failedEnds: holding },
    dueMs: 0,
  };
}

/** True while parts of a split batch are left after `sequence`. */
function partsLeftAfter(state: CursorState, sequence: number): boolean {
  return state.splitSize !== undefined && state.batchEnd !== undefined && sequence < state.batchEnd;
}
