import { randomUUID } from 'node:crypto';
import type { JsonObject, NormalQueueEvent } from 'polyfaas/spi';
import { decodeAttributes, decoded, decodeDeadMark, decodeJson, timeText } from './decode.ts';
import type { DeadMark } from './decode.ts';
import { deadLetterOf } from './give-up.ts';
import type { GiveUp, Lost } from './give-up.ts';
import type { Claim, EventParts, Job, Lane, LaneEngine } from './lane.ts';
import type { LaneRegistry } from './lane-registry.ts';
import type { MessageTable, StoredMessage } from './message-table.ts';
import { describeFailure, failedMessages, INTERRUPTED, UNREADABLE } from './outcomes.ts';
import type { Failure, Outcome } from './outcomes.ts';
import { interruptionPauseMs, INTERRUPTIONS_ALLOWED, retryDelayMs } from './retry.ts';

/**
 * Queues. Functions bound to one queue compete for its messages. A message counts the deliveries that were begun,
 * whoever took it, so that one that brings the process down ends in the dead letter too. Where there is none it is
 * kept, and waits ever longer.
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
    const messages = batch.map(decodeMessage);
    if (messages.includes(undefined)) {
      const damaged = batch.filter((_, index) => messages[index] === undefined);
      for (const message of damaged) this.#loseUnreadable(lane, message, nowMs);
      this.#messages.remove(damaged);
      return { nextDueMs: nowMs };
    }
    this.#messages.begin(batch);
    return { job: this.#job(lane, event, batch, messages.filter(isPresent)) };
  }

  /** What an earlier process left in the middle of a delivery is due again. Runs in a transaction. */
  recover(nowMs: number): void {
    this.#messages.releaseAll(nowMs, (queue, interruptions) => {
      const lanes = [...this.#lanes.of(`queue:${queue}`)];
      const isBounded = lanes.some((lane) => deadLetterOf(lane) !== undefined);
      return isBounded ? 0 : interruptionPauseMs(interruptions);
    });
  }

  /** What is due and may have another attempt; what may not is given up on the way. */
  #deliverable(lane: Lane, event: NormalQueueEvent, nowMs: number): StoredMessage[] {
    const mostAttempts =
      event.deadLetter === undefined ? Infinity : event.retry.maxAttempts + INTERRUPTIONS_ALLOWED;
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

  #job(
    lane: Lane,
    event: NormalQueueEvent,
    batch: readonly StoredMessage[],
    messages: readonly DecodedMessage[],
  ): Job {
    const requestId = randomUUID();
    return {
      lane,
      key: requestId,
      call: {
        kind: 'queue',
        event: { source: event.queue, messages },
        requestId,
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
      const failed = attempts - message.interruptions;
      if (failed >= retry.maxAttempts) {
        lost.push(message);
        this.#lose(lane, message, attempts, lastError, nowMs);
      } else {
        const delayMs = retryDelayMs(retry, failed, this.#parts.random);
        this.#messages.postpone(message, nowMs + delayMs, lastError);
      }
    }
    this.#messages.remove(lost);
    this.#messages.promote(messages);
  }

  #loseUnreadable(lane: Lane, message: StoredMessage, nowMs: number): void {
    const { messageId, data, attributes } = message;
    this.#giveUp.warnUnreadable(lane, messageId);
    const lost: Lost = {
      lane,
      eventId: messageId,
      messageId,
      data: decoded(decodeJson, data) === undefined ? JSON.stringify(data) : data,
      attributes: decoded(decodeAttributes, attributes) === undefined ? '{}' : attributes,
      sentMs: message.sentMs,
      attempts: message.attempts,
      lastError: describeFailure(UNREADABLE),
      back: { to: 'nowhere' },
    };
    this.#giveUp.toDeadLetter(lost, nowMs);
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
        eventId: message.messageId,
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
          dead: historyOf(message),
        },
      },
      nowMs,
    );
  }
}

type DecodedMessage = JsonObject & { readonly attempt: number };

/** As the handler gets it, or undefined when what was stored is damaged. */
function decodeMessage(message: StoredMessage): DecodedMessage | undefined {
  const data = decoded(decodeJson, message.data);
  const attributes = decoded(decodeAttributes, message.attributes);
  if (data === undefined || attributes === undefined) return undefined;
  return {
    id: message.messageId,
    data,
    attributes,
    time: timeText(message.sentMs),
    attempt: message.attempts + 1,
    ...(message.group === undefined ? {} : { group: message.group }),
  };
}

function isPresent<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}

function historyOf({ dead }: StoredMessage): DeadMark | null {
  const mark = dead === undefined ? undefined : decoded(decodeDeadMark, dead);
  return mark === undefined ? null : cutHistory(mark);
}

/** Queues that are the dead letter of each other would make the history of a message longer with every round. */
const LONGEST_HISTORY = 4;

function cutHistory(mark: DeadMark, left = LONGEST_HISTORY): DeadMark {
  const { back } = mark;
  if (back.to !== 'queue' || back.dead === null) return mark;
  const dead = left > 0 ? cutHistory(back.dead, left - 1) : null;
  return { ...mark, back: { ...back, dead } };
}
