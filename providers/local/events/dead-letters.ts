import type { DeadLetter } from '../sources.types.ts';
import { decodeAttributes, decodeDeadMark, decodeJson, timeText } from './decode.ts';
import type { DeliveryTable } from './delivery-table.ts';
import { originOf } from './lane.ts';
import type { EventParts } from './lane.ts';
import type { LaneRegistry } from './lane-registry.ts';
import type { MessageTable, StoredMessage } from './message-table.ts';

/**
 * Dead letters are messages of a queue like any other, which know where they came from. A function may be bound to
 * that queue; messages that were sent to it directly are no dead letters and are left alone here.
 */
export class DeadLetters {
  readonly #parts: EventParts;
  readonly #lanes: LaneRegistry;
  readonly #messages: MessageTable;
  readonly #deliveries: DeliveryTable;

  constructor(
    parts: EventParts,
    lanes: LaneRegistry,
    tables: { readonly messages: MessageTable; readonly deliveries: DeliveryTable },
  ) {
    this.#parts = parts;
    this.#lanes = lanes;
    this.#messages = tables.messages;
    this.#deliveries = tables.deliveries;
  }

  /** The oldest first. */
  list(queue: string, limit: number): DeadLetter[] {
    return this.#messages.dead(queue, limit).map((message) => {
      const mark = decodeDeadMark(message.dead ?? '');
      return {
        id: message.messageId,
        queue,
        data: decodeJson(message.data),
        attributes: decodeAttributes(message.attributes),
        time: timeText(message.sentMs),
        attempts: mark.attempts,
        lastError: mark.lastError,
        origin: mark.origin,
        function: mark.function,
        bindingId: mark.bindingId ?? undefined,
      };
    });
  }

  /** Those that are being delivered, or whose binding is gone, stay. @returns how many were sent back. */
  redrive(queue: string, ids: readonly string[] | undefined): number {
    const wanted = ids === undefined ? undefined : new Set(ids);
    const letters = this.#messages
      .deadAtRest(queue)
      .filter((message) => wanted === undefined || wanted.has(message.messageId));
    for (const message of letters) this.#openAsyncLane(message);
    const sent = this.#parts.store.transaction(() => {
      const sentBack = letters.filter((message) => this.#sendBack(message));
      this.#messages.remove(sentBack);
      return sentBack.length;
    });
    const deadLetters = letters.length - sent;
    if (deadLetters > 0) {
      this.#parts.warn(
        `${deadLetters} dead letters of the queue "${queue}" were not sent back: the function or the binding that they are of is not there, or they are damaged. Deploy the function with that binding again, or purge them.`,
        { queue, deadLetters },
      );
    }
    return sent;
  }

  purge(queue: string): number {
    return this.#parts.store.transaction(() => this.#messages.purgeDead(queue));
  }

  /** The lane of asynchronous invocations went with the function when that was removed. Outside of transactions. */
  #openAsyncLane(message: StoredMessage): void {
    const mark = decodeDeadMark(message.dead ?? '');
    if (mark.bindingId === null && mark.back.to === 'function' && this.#lanes.isLive(mark.function))
      this.#lanes.asyncLane(mark.function);
  }

  #sendBack(message: StoredMessage): boolean {
    const mark = decodeDeadMark(message.dead ?? '');
    const { back } = mark;
    const nowMs = this.#parts.clock.now();
    if (back.to === 'queue') {
      this.#messages.insert({
        queue: back.queue,
        messageId: message.messageId,
        data: message.data,
        attributes: message.attributes,
        sentMs: message.sentMs,
        dueMs: nowMs,
        group: back.group ?? undefined,
        dead: back.dead,
      });
      return true;
    }
    if (back.to === 'nowhere') return false;
    const lane = this.#lanes.find(mark.function, mark.bindingId ?? undefined);
    // The id may name another source by now, whose handler would not know the event.
    if (lane === undefined || originOf(lane) !== mark.origin) return false;
    this.#deliveries.insert({
      lane,
      requestId: back.requestId,
      event: JSON.stringify(back.event),
      createdMs: nowMs,
      policy: back.policy ?? undefined,
      trace: back.trace,
    });
    return true;
  }
}
