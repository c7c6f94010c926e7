import { randomUUID } from 'node:crypto';
import type { AsyncPolicy, DestinationSpec, RetryPolicy } from 'polyfaas/spi';
import type { DeliveryTable, StoredDelivery } from './delivery-table.ts';
import type { FanOut } from './fan-out.ts';
import { deadLetterOf } from './give-up.ts';
import type { GiveUp, Lost } from './give-up.ts';
import { kindOf } from './lane.ts';
import type { Claim, EventParts, Job, Lane, LaneEngine } from './lane.ts';
import type { Leaving } from './leaving.ts';
import type { MessageTable } from './message-table.ts';
import {
  ASKED_AGAIN,
  describeFailure,
  INTERRUPTED,
  REMOVED,
  retryIndex,
  UNREADABLE,
} from './outcomes.ts';
import type { Failure, Outcome } from './outcomes.ts';
import { endsFirst } from './removal.ts';
import type { Left, Removed } from './removal.ts';
import { interruptionPauseMs, INTERRUPTIONS_ALLOWED, retryDelayMs } from './retry.ts';
import { successOf } from './success.ts';
import type { Told } from './success.ts';

/** Of schedules, which have no policy of their own: a tick that is late by minutes is better than none. */
const TICK_RETRY: RetryPolicy = {
  maxAttempts: 3,
  backoff: 'exponential',
  delaySeconds: 1,
  maxDelaySeconds: 60,
  jitter: false,
};

const TOO_OLD: Failure = {
  name: 'TooOld',
  message: 'The invocation was older than its maxAgeSeconds.',
};

/** Single events, each with its own retries: topics, objects, buses, ticks, asynchronous invocations, redrives. */
export class DeliveryEngine implements LaneEngine {
  readonly maxInFlight = 32;
  readonly #parts: EventParts;
  readonly #deliveries: DeliveryTable;
  readonly #messages: MessageTable;
  readonly #fanOut: FanOut;
  readonly #giveUp: GiveUp;
  readonly #leaving: Leaving;

  constructor(
    parts: EventParts,
    tables: { readonly deliveries: DeliveryTable; readonly messages: MessageTable },
    fanOut: FanOut,
    giveUp: GiveUp,
    leaving: Leaving,
  ) {
    this.#parts = parts;
    this.#deliveries = tables.deliveries;
    this.#messages = tables.messages;
    this.#fanOut = fanOut;
    this.#giveUp = giveUp;
    this.#leaving = leaving;
  }

  claim(lane: Lane, nowMs: number): Claim {
    for (;;) {
      const first = this.#deliveries.first(lane, nowMs);
      if (first === undefined || typeof first === 'number') return { nextDueMs: first };
      const failure = spent(lane, first, nowMs);
      if (failure === undefined) {
        this.#deliveries.begin(first);
        return { job: this.#job(lane, first) };
      }
      if (failure === UNREADABLE) this.#giveUp.warnUnreadable(lane, first.requestId);
      this.#lose(lane, first, first.attempts, failure, nowMs);
    }
  }

  /** What an earlier process left in the middle of a delivery is due again. Runs in a transaction. */
  recover(lanes: ReadonlyMap<number, Lane>, nowMs: number): void {
    this.#deliveries.releaseAll(nowMs, (laneId, policy, interruptions) => {
      const lane = lanes.get(laneId);
      return lane === undefined || isKept(lane, policy) ? 0 : interruptionPauseMs(interruptions);
    });
  }

  /**
   * The lane is about to be removed: what waits on it goes to its dead letter, or with the lane. What is under way
   * ends first where it can. Runs in a transaction.
   */
  abandon(lane: Lane, what: Removed, nowMs: number): Left {
    const mayEnd = endsFirst(lane, what);
    let kept = 0;
    let dropped = 0;
    let underWay = 0;
    for (const delivery of this.#deliveries.left(lane)) {
      const { attempts } = delivery;
      if (mayEnd && delivery.isUnderWay) {
        underWay += 1;
        const lost = lostDelivery(lane, delivery, attempts, REMOVED[what]);
        this.#leaving.keep(lost, lane.id, keyOf(delivery));
      } else if (isKept(lane, delivery.policy)) {
        kept += 1;
        this.#lose(lane, delivery, attempts, REMOVED[what], nowMs);
      } else dropped += 1;
    }
    return { kept, dropped, underWay };
  }

  #job(lane: Lane, delivery: StoredDelivery): Job {
    return {
      lane,
      key: keyOf(delivery),
      call: {
        kind: kindOf(lane),
        event: delivery.event,
        requestId: delivery.requestId,
        attempt: delivery.attempts + 1,
        ...(delivery.trace === undefined ? {} : { trace: delivery.trace }),
      },
      finish: (outcome, nowMs) => this.#finish(lane, delivery, outcome, nowMs),
    };
  }

  #finish(lane: Lane, delivery: StoredDelivery, outcome: Outcome, nowMs: number): void {
    if (lane.isForgotten) return;
    if (outcome.type === 'refused') {
      const isThere = this.#deliveries.uncharge(delivery, outcome.dueMs);
      if (!isThere) this.#lose(lane, delivery, delivery.attempts + 1, REMOVED.binding, nowMs);
      return;
    }
    const failure = outcome.type === 'failed' ? outcome.failure : refusedRecord(lane, outcome);
    if (failure !== undefined) this.#fail(lane, delivery, failure, nowMs);
    else if (this.#deliveries.remove(delivery) && outcome.type === 'ok') {
      const onSuccess = delivery.policy?.onSuccess;
      if (onSuccess === undefined) return;
      this.#report(lane, onSuccess, successOf(this.#parts, lane, delivery, outcome.output), nowMs);
    }
  }

  #fail(lane: Lane, delivery: StoredDelivery, failure: Failure, nowMs: number): void {
    const attempts = delivery.attempts + 1;
    const failed = attempts - delivery.interruptions;
    const retry = retryOf(lane, delivery.policy);
    if (failed >= retry.maxAttempts) {
      this.#lose(lane, delivery, attempts, failure, nowMs);
      return;
    }
    const dueMs = nowMs + retryDelayMs(retry, failed, this.#parts.random);
    const isLast =
      dueMs >= expiryOf(delivery) ||
      // Its binding is gone: nobody will try it again.
      !this.#deliveries.postpone(delivery, dueMs, describeFailure(failure));
    if (isLast) this.#lose(lane, delivery, attempts, failure, nowMs);
  }

  #lose(
    lane: Lane,
    delivery: StoredDelivery,
    attempts: number,
    failure: Failure,
    nowMs: number,
  ): void {
    this.#deliveries.remove(delivery);
    const { policy, requestId, event } = delivery;
    const lost = lostDelivery(lane, delivery, attempts, failure);
    if (policy === null) {
      this.#giveUp.toDeadLetter(lost, nowMs);
      return;
    }
    const outcome = {
      requestId,
      function: lane.ref.name,
      status: 'failure',
      input: event,
      error: { name: failure.name, message: failure.message },
      attempts,
    };
    const { onFailure } = policy;
    if (onFailure?.type === 'queue') {
      this.#giveUp.toQueue(onFailure.name, { ...lost, data: JSON.stringify(outcome) }, nowMs);
    } else if (onFailure !== undefined) this.#report(lane, onFailure, outcome, nowMs);
    else this.#giveUp.toDeadLetter({ ...lost, data: JSON.stringify(outcome) }, nowMs);
  }

  /** Sends what came of an asynchronous invocation to its destination. */
  #report(lane: Lane, destination: DestinationSpec, outcome: Told, nowMs: number): void {
    const { type, name } = destination;
    if (type === 'queue') {
      const sent = { messageId: randomUUID(), sentMs: nowMs, dueMs: nowMs, attributes: '{}' };
      this.#messages.insert({ queue: name, data: JSON.stringify(outcome), ...sent });
    } else if (type === 'topic') {
      const attributes = { function: lane.ref.name, status: outcome.status };
      this.#fanOut.publishToTopic(name, { data: outcome, attributes }, nowMs);
    } else {
      const event = { source: 'polyfaas', type: `async.${outcome.status}`, data: outcome };
      this.#fanOut.publishToBus(name, event, nowMs);
    }
  }
}

/** Why it may not be delivered any more, or undefined. */
function spent(lane: Lane, delivery: StoredDelivery, nowMs: number): Failure | undefined {
  if (!delivery.isReadable) return UNREADABLE;
  const { maxAttempts } = retryOf(lane, delivery.policy);
  if (delivery.attempts >= maxAttempts + INTERRUPTIONS_ALLOWED && isKept(lane, delivery.policy))
    return INTERRUPTED;
  return expiryOf(delivery) <= nowMs ? TOO_OLD : undefined;
}

function retryOf({ event }: Lane, policy: AsyncPolicy | null): RetryPolicy {
  if (policy !== null) return policy.retry;
  return event !== undefined && 'retry' in event ? event.retry : TICK_RETRY;
}

/** Whether something keeps or tells of an event that is given up. */
function isKept(lane: Lane, policy: AsyncPolicy | null): boolean {
  return (policy === null ? deadLetterOf(lane) : policy.onFailure) !== undefined;
}

function expiryOf({ createdMs, policy }: StoredDelivery): number {
  return policy === null ? Infinity : createdMs + policy.maxAgeSeconds * 1_000;
}

/** A stream or table handler that got one redriven record may ask for it again. */
function refusedRecord(
  lane: Lane,
  { output }: Extract<Outcome, { type: 'ok' }>,
): Failure | undefined {
  const kind = kindOf(lane);
  if (kind !== 'stream' && kind !== 'table') return undefined;
  return retryIndex(output, []).index === undefined ? undefined : ASKED_AGAIN;
}

function lostDelivery(
  lane: Lane,
  delivery: StoredDelivery,
  attempts: number,
  failure: Failure,
): Lost {
  const { policy, requestId, event, trace } = delivery;
  return {
    lane,
    eventId: idOf(event, policy) ?? requestId,
    sentMs: delivery.createdMs,
    attempts,
    lastError: describeFailure(failure),
    back: delivery.isReadable
      ? { to: 'function', event, requestId, policy, trace }
      : { to: 'nowhere' },
    ...letterOf(event, kindOf(lane)),
  };
}

function keyOf({ id }: StoredDelivery): string {
  return `delivery:${id}`;
}

/** Events of sources have an id; of an asynchronous invocation only the request has one. */
function idOf(event: StoredDelivery['event'], policy: AsyncPolicy | null): string | undefined {
  if (policy !== null || typeof event !== 'object' || event === null) return undefined;
  const id = 'id' in event ? event['id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

/** What a dead-letter queue holds of an event: a topic's message as it was sent, anything else whole. */
function letterOf(
  event: StoredDelivery['event'],
  kind: ReturnType<typeof kindOf>,
): { readonly data: string; readonly attributes?: string } {
  if (kind !== 'topic' || typeof event !== 'object' || event === null || !('data' in event))
    return { data: JSON.stringify(event) };
  return {
    data: JSON.stringify(event['data']),
    attributes: JSON.stringify(event['attributes'] ?? {}),
  };
}
