import { randomUUID } from 'node:crypto';
import type { DeadMark, ReturnAddress } from './decode.ts';
import { describeLane, originOf } from './lane.ts';
import type { EventParts, LaneName } from './lane.ts';
import type { MessageTable } from './message-table.ts';

/** Something whose attempts are used up. */
export interface Lost {
  readonly lane: LaneName;
  /** What its sender, or the handler, knows it by. */
  readonly eventId: string;
  /** Kept by messages of a queue; anything else gets a new one. */
  readonly messageId?: string;
  /** JSON text. */
  readonly data: string;
  /** JSON text. Default: none. */
  readonly attributes?: string;
  readonly sentMs: number;
  readonly attempts: number;
  readonly lastError: string;
  readonly back: ReturnAddress;
}

/** Where things go whose attempts are used up: the dead-letter queue, or away, with a warning. */
export class GiveUp {
  readonly #parts: EventParts;
  readonly #messages: MessageTable;

  constructor(parts: EventParts, messages: MessageTable) {
    this.#parts = parts;
    this.#messages = messages;
  }

  /** Runs in a transaction. */
  toDeadLetter(lost: Lost, nowMs: number): void {
    const queue = deadLetterOf(lost.lane);
    if (queue === undefined) this.#drop(lost);
    else this.toQueue(queue, lost, nowMs);
  }

  /** Puts it, with what is known of it, in that queue. Runs in a transaction. */
  toQueue(queue: string, lost: Lost, nowMs: number): void {
    this.#messages.insert({
      queue,
      messageId: lost.messageId ?? randomUUID(),
      data: lost.data,
      attributes: lost.attributes ?? '{}',
      sentMs: lost.sentMs,
      dueMs: nowMs,
      dead: markOf(lost),
    });
  }

  /** Says aloud that something stored is damaged, which is given up next. */
  warnUnreadable(lane: LaneName, id: string): void {
    this.#parts.warn(
      `An event of ${originOf(lane)} for the function "${lane.ref.name}" cannot be decoded and is given up: the state folder was damaged or changed by hand.`,
      { ...describeLane(lane), id },
    );
  }

  #drop(lost: Lost): void {
    const { lane, eventId, attempts, lastError } = lost;
    // Who looks for it in the function's log may find no failure there: a handler that asks again does not fail.
    this.#parts.tell(
      lane.ref,
      `The event ${eventId} of ${originOf(lane)} was dropped after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}. ${lastError}`,
      { origin: originOf(lane), id: eventId, attempts, lastError },
    );
    this.#parts.warn(
      `An event of ${originOf(lost.lane)} for the function "${lost.lane.ref.name}" was dropped after its last attempt. Name a deadLetter queue in the event, or onFailure for asynchronous invocations, to keep such events.`,
      {
        ...describeLane(lost.lane),
        attempts: lost.attempts,
        lastError: lost.lastError,
        ...(lost.messageId === undefined ? {} : { id: lost.messageId }),
      },
    );
  }
}

/** The queue that keeps what the lane gives up, or undefined. */
export function deadLetterOf({ event }: LaneName): string | undefined {
  return event !== undefined && 'deadLetter' in event ? event.deadLetter : undefined;
}

function markOf(lost: Lost): DeadMark {
  return {
    attempts: lost.attempts,
    lastError: lost.lastError,
    origin: originOf(lost.lane),
    function: lost.lane.ref,
    bindingId: lost.lane.bindingId ?? null,
    back: lost.back,
  };
}
