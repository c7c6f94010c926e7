import { randomUUID } from 'node:crypto';
import type { NormalQueueEvent } from 'polyfaas/spi';
import { decodeAttributes, decodeDeadMark, decodeJson, timeText } from './decode.ts';
import type { DeadMark } from './decode.ts';
import type { GiveUp } from './give-up.ts';
import type { Claim, EventParts, Job, Lane, LaneEngine } from './lane.ts';
import type { LaneRegistry } from './lane-registry.ts';
import type { MessageTable, StoredMessage } from './message-table.ts';
import { describeFailure, failedMessages, INTERRUPTED } from './outcomes.ts';
import type { Failure, Outcome } from './outcomes.ts';
import { INTERRUPTIONS_ALLOWED, retryDelayMs } from './retry.ts';

/**
 * Queues. Functions bound to one queue compete for its messages. A message counts the deliveries that were begun,
 * whoever took it, so that one that brings the process down ends in the dead letter too.
 */
export class QueueEngine implements LaneEngine {
  readonly maxInFlight = 10;
  readonly #parts: EventParts;
  readonly #lanes: LaneRegistry;
  readonly #messages: MessageTable;
  readonly #giveUp: GiveUp;

  constructor(parts: EventParts, lanes: LaneRegistry, messages: MessageTable, giveUp: GiveUp) {
    this.#parts = parts;
    this.#lanes = lanes;
    this.#messages = messages;
    this.#giveUp = giveUp;
  }

  claim(lane: Lane, nowMs: number): Claim {
    const { event } = lane;
    if (event?.type !== 'queue') return {};
    const { queue, batchSize } = event;
    const heads = this.#deliverable(lane, event, nowMs);
    const [first] = heads;
    if (first === undefined) return { nextDueMs: this.#messages.nextDueMs(queue, nowMs) };
    const batch = [...heads];
    for (const head of heads) {
      if (batch.length >= batchSize) break;
      batch.push(...this.#messages.followers(head, nowMs, batchSize - batch.length));
    }
    const windowEndMs = first.dueMs + event.batchWindowSeconds * 1_000;
    if (batch.length < batchSize && windowEndMs > nowMs) {
      const nextDueMs = this.#messages.nextDueMs(queue, nowMs) ?? windowEndMs;
      return { nextDueMs: Math.min(windowEndMs, nextDueMs) };
    }
    this.#messages.begin(batch);
    return { job: this.#job(lane, event, batch) };
  }

  /** What is due and may have another attempt; what may not is given up on the way. */
  #deliverable(lane: Lane, event: NormalQueueEvent, nowMs: number): StoredMessage[] {
    const mostAttempts = event.retry.maxAttempts + INTERRUPTIONS_ALLOWED;
    for (;;) {
      const due = this.#messages.due(event.queue, nowMs, event.batchSize);
      const spent = due.filter(({ attempts }) => attempts >= mostAttempts);
      if (spent.length === 0) return due;
      // Only a process that died in the middle of each last delivery leaves such messages.
      for (const message of spent)
        this.#lose(lane, message, message.attempts, message.lastError, nowMs);
      this.#messages.remove(spent);
    }
  }

  #job(lane: Lane, event: NormalQueueEvent, batch: readonly StoredMessage[]): Job {
    const messages = batch.map((message) => ({
      id: message.messageId,
      data: decodeJson(message.data),
      attributes: decodeAttributes(message.attributes),
      time: timeText(message.sentMs),
      attempt: message.attempts + 1,
      ...(message.group === undefined ? {} : { group: message.group }),
    }));
    return {
      lane,
      call: {
        kind: 'queue',
        event: { source: event.queue, messages },
        requestId: randomUUID(),
        attempt: Math.max(...messages.map(({ attempt }) => attempt)),
      },
      finish: (outcome, nowMs) => this.#finish(lane, event, batch, outcome, nowMs),
    };
  }

  #finish(
    lane: Lane,
    taken: NormalQueueEvent,
    batch: readonly StoredMessage[],
    outcome: Outcome,
    nowMs: number,
  ): void {
    if (outcome.type === 'refused') this.#messages.uncharge(batch, outcome.dueMs);
    else if (outcome.type === 'failed') this.#fail(lane, taken, batch, outcome.failure, nowMs);
    else {
      const ids = batch.map(({ messageId }) => messageId);
      const { failed, failure } = failedMessages(outcome.output, ids);
      this.#messages.remove(batch.filter(({ messageId }) => !failed.has(messageId)));
      const again = batch.filter(({ messageId }) => failed.has(messageId));
      if (again.length > 0) this.#fail(lane, taken, again, failure, nowMs);
    }
    this.#lanes.wakeSource(`queue:${taken.queue}`);
  }

  #fail(
    lane: Lane,
    taken: NormalQueueEvent,
    messages: readonly StoredMessage[],
    failure: Failure,
    nowMs: number,
  ): void {
    // The binding may have changed since the delivery began: what it says now holds.
    const { retry } = lane.event?.type === 'queue' ? lane.event : taken;
    const lastError = describeFailure(failure);
    const lost: StoredMessage[] = [];
    for (const message of messages) {
      const attempts = message.attempts + 1;
      if (attempts >= retry.maxAttempts) {
        lost.push(message);
        this.#lose(lane, message, attempts, lastError, nowMs);
      } else {
        const delayMs = retryDelayMs(retry, attempts, this.#parts.random);
        this.#messages.postpone(message, nowMs + delayMs, lastError);
      }
    }
    this.#messages.remove(lost);
    this.#messages.promote(messages);
  }

  #lose(
    lane: Lane,
    message: StoredMessage,
    attempts: number,
    lastError: string | undefined,
    nowMs: number,
  ): void {
    this.#giveUp.toDeadLetter(
      {
        lane,
        messageId: message.messageId,
        data: message.data,
        attributes: message.attributes,
        sentMs: message.sentMs,
        attempts,
        lastError: lastError ?? describeFailure(INTERRUPTED),
        back: {
          to: 'queue',
          queue: message.queue,
          group: message.group ?? null,
          dead: message.dead === undefined ? null : cutHistory(decodeDeadMark(message.dead)),
        },
      },
      nowMs,
    );
  }
}

/** Queues that are the dead letter of each other would make the history of a message longer with every round. */
const LONGEST_HISTORY = 4;

function cutHistory(mark: DeadMark, left = LONGEST_HISTORY): DeadMark {
  const { back } = mark;
  if (back.to !== 'queue' || back.dead === null) return mark;
  const dead = left > 0 ? cutHistory(back.dead, left - 1) : null;
  return { ...mark, back: { ...back, dead } };
}
