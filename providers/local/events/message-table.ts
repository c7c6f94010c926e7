import { numberOf, optionalTextOf, textOf } from '../store/rows.ts';
import type { Row } from '../store/rows.ts';
import type { LocalStore } from '../ports.ts';
import type { DeadMark } from './decode.ts';
import type { LaneRegistry } from './lane-registry.ts';
import { BEHIND, IN_FLIGHT, READY } from './schema.ts';

/** A message that is to be kept. */
export interface NewMessage {
  readonly queue: string;
  readonly messageId: string;
  /** JSON text. */
  readonly data: string;
  /** JSON text. */
  readonly attributes: string;
  readonly sentMs: number;
  readonly dueMs: number;
  readonly group?: string | undefined;
  readonly dead?: DeadMark | null | undefined;
}

/** A message that is kept. */
export interface StoredMessage {
  readonly id: number;
  readonly queue: string;
  readonly messageId: string;
  readonly data: string;
  readonly attributes: string;
  readonly sentMs: number;
  readonly dueMs: number;
  readonly group: string | undefined;
  /** Deliveries that were begun. */
  readonly attempts: number;
  /** Those of them that the death of the process cut short. */
  readonly interruptions: number;
  readonly lastError: string | undefined;
  /** JSON text of its `DeadMark`. */
  readonly dead: string | undefined;
}

const COLUMNS =
  'id, queue, due_ms, message_id, sent_ms, group_key, attempts, interruptions, data, attributes, last_error, dead';

/** The messages of all queues. Only one message of a group can be due at a time; the others are behind it. */
export class MessageTable {
  readonly #lanes: LaneRegistry;
  readonly #sql;

  constructor(store: LocalStore, lanes: LaneRegistry) {
    this.#lanes = lanes;
    const { db } = store;
    this.#sql = {
      insert: db.prepare(
        `INSERT INTO ev_messages
           (queue, state, due_ms, message_id, sent_ms, group_key, attempts, data, attributes, dead)
         VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`,
      ),
      groupExists: db.prepare(
        'SELECT 1 FROM ev_messages WHERE queue = ? AND group_key = ? LIMIT 1',
      ),
      due: db.prepare(
        `SELECT ${COLUMNS} FROM ev_messages
         WHERE queue = ? AND state = ${READY} AND due_ms <= ? ORDER BY due_ms, id LIMIT ?`,
      ),
      nextDue: db.prepare(
        `SELECT due_ms FROM ev_messages
         WHERE queue = ? AND state = ${READY} AND due_ms > ? ORDER BY due_ms LIMIT 1`,
      ),
      followers: db.prepare(
        `SELECT ${COLUMNS}, state FROM ev_messages
         WHERE queue = ? AND group_key = ? AND id > ? ORDER BY id LIMIT ?`,
      ),
      begin: db.prepare(
        `UPDATE ev_messages SET state = ${IN_FLIGHT}, attempts = attempts + 1
         WHERE id IN (SELECT value FROM json_each(?))`,
      ),
      remove: db.prepare('DELETE FROM ev_messages WHERE id IN (SELECT value FROM json_each(?))'),
      postpone: db.prepare(
        'UPDATE ev_messages SET state = ?, due_ms = ?, last_error = ? WHERE id = ?',
      ),
      uncharge: db.prepare(
        `UPDATE ev_messages
         SET state = iif(group_key IS NULL, ${READY}, ${BEHIND}), due_ms = ?, attempts = attempts - 1
         WHERE id IN (SELECT value FROM json_each(?)) AND state = ${IN_FLIGHT}`,
      ),
      promote: db.prepare(
        `UPDATE ev_messages SET state = ${READY}
         WHERE id = (SELECT min(id) FROM ev_messages WHERE queue = ? AND group_key = ?)
           AND state = ${BEHIND}`,
      ),
      interrupted: db.prepare(
        `SELECT id, queue, due_ms, interruptions FROM ev_messages WHERE state = ${IN_FLIGHT}`,
      ),
      resume: db.prepare(
        `UPDATE ev_messages SET state = ${READY}, interruptions = ?, due_ms = ? WHERE id = ?`,
      ),
      // Several messages of a group may have been in one batch: all but the first are behind again.
      reorder: db.prepare(
        `UPDATE ev_messages SET state = ${BEHIND}
         WHERE group_key IS NOT NULL AND state = ${READY} AND id NOT IN
           (SELECT min(id) FROM ev_messages WHERE group_key IS NOT NULL GROUP BY queue, group_key)`,
      ),
      depth: db.prepare(
        `SELECT count(*) FILTER (WHERE state <> ${IN_FLIGHT}) AS waiting,
                count(*) FILTER (WHERE state = ${IN_FLIGHT}) AS in_flight
         FROM ev_messages WHERE queue = ?`,
      ),
      purge: db.prepare(`DELETE FROM ev_messages WHERE queue = ? AND state <> ${IN_FLIGHT}`),
      dead: db.prepare(
        `SELECT ${COLUMNS} FROM ev_messages WHERE queue = ? AND dead IS NOT NULL ORDER BY id LIMIT ?`,
      ),
      deadAtRest: db.prepare(
        `SELECT ${COLUMNS} FROM ev_messages
         WHERE queue = ? AND dead IS NOT NULL AND state <> ${IN_FLIGHT} ORDER BY id`,
      ),
      purgeDead: db.prepare(
        `DELETE FROM ev_messages WHERE queue = ? AND dead IS NOT NULL AND state <> ${IN_FLIGHT}`,
      ),
    };
  }

  /** Keeps a message. Runs in a transaction. */
  insert(message: NewMessage): void {
    const { queue, group } = message;
    const behind = group !== undefined && this.#sql.groupExists.get(queue, group) !== undefined;
    this.#sql.insert.run(
      queue,
      behind ? BEHIND : READY,
      message.dueMs,
      message.messageId,
      message.sentMs,
      group ?? null,
      message.data,
      message.attributes,
      message.dead ? JSON.stringify(message.dead) : null,
    );
    this.#lanes.wakeSource(`queue:${queue}`);
  }

  due(queue: string, nowMs: number, limit: number): StoredMessage[] {
    return this.#sql.due.all(queue, nowMs, limit).map(toMessage);
  }

  nextDueMs(queue: string, afterMs: number): number | undefined {
    const row = this.#sql.nextDue.get(queue, afterMs);
    return row === undefined ? undefined : numberOf(row, 'due_ms');
  }

  /** The messages of its group that may go in the same batch, in order. */
  followers(head: StoredMessage, nowMs: number, limit: number): StoredMessage[] {
    if (head.group === undefined || limit <= 0) return [];
    const rows = this.#sql.followers.all(head.queue, head.group, head.id, limit);
    const end = rows.findIndex(
      (row) => numberOf(row, 'due_ms') > nowMs || numberOf(row, 'state') !== BEHIND,
    );
    return (end < 0 ? rows : rows.slice(0, end)).map(toMessage);
  }

  /** A delivery of these begins: that counts as an attempt of each. */
  begin(messages: readonly StoredMessage[]): void {
    this.#sql.begin.run(idsOf(messages));
  }

  remove(messages: readonly StoredMessage[]): void {
    if (messages.length === 0) return;
    this.#sql.remove.run(idsOf(messages));
    this.#promoteGroups(messages);
  }

  /** To be delivered again at `dueMs`. Call {@link promote} when all messages of the batch have been dealt with. */
  postpone(message: StoredMessage, dueMs: number, lastError: string): void {
    const state = message.group === undefined ? READY : BEHIND;
    this.#sql.postpone.run(state, dueMs, lastError, message.id);
  }

  /** Was not delivered after all. */
  uncharge(messages: readonly StoredMessage[], dueMs: number): void {
    this.#sql.uncharge.run(dueMs, idsOf(messages));
    this.#promoteGroups(messages);
  }

  promote(messages: readonly StoredMessage[]): void {
    this.#promoteGroups(messages);
  }

  /**
   * Nothing is being delivered: what an earlier process left so is due again.
   * @param pauseMs how long a message of that queue waits after so many interruptions.
   */
  releaseAll(nowMs: number, pauseMs: (queue: string, interruptions: number) => number): void {
    for (const row of this.#sql.interrupted.all()) {
      const interruptions = numberOf(row, 'interruptions') + 1;
      const pause = pauseMs(textOf(row, 'queue'), interruptions);
      // Without a pause it keeps its place before those that were sent later.
      const dueMs = pause > 0 ? nowMs + pause : numberOf(row, 'due_ms');
      this.#sql.resume.run(interruptions, dueMs, numberOf(row, 'id'));
    }
    this.#sql.reorder.run();
  }

  depth(queue: string): { readonly waiting: number; readonly inFlight: number } {
    const row = this.#sql.depth.get(queue);
    return row === undefined
      ? { waiting: 0, inFlight: 0 }
      : { waiting: numberOf(row, 'waiting'), inFlight: numberOf(row, 'in_flight') };
  }

  purge(queue: string): number {
    return Number(this.#sql.purge.run(queue).changes);
  }

  dead(queue: string, limit: number): StoredMessage[] {
    return this.#sql.dead.all(queue, limit).map(toMessage);
  }

  deadAtRest(queue: string): StoredMessage[] {
    return this.#sql.deadAtRest.all(queue).map(toMessage);
  }

  purgeDead(queue: string): number {
    return Number(this.#sql.purgeDead.run(queue).changes);
  }

  #promoteGroups(messages: readonly StoredMessage[]): void {
    const done = new Set<string>();
    for (const { queue, group } of messages) {
      if (group === undefined || done.has(group)) continue;
      done.add(group);
      this.#sql.promote.run(queue, group);
    }
  }
}

function idsOf(messages: readonly StoredMessage[]): string {
  return JSON.stringify(messages.map(({ id }) => id));
}

function toMessage(row: Row): StoredMessage {
  return {
    id: numberOf(row, 'id'),
    queue: textOf(row, 'queue'),
    messageId: textOf(row, 'message_id'),
    data: textOf(row, 'data'),
    attributes: textOf(row, 'attributes'),
    sentMs: numberOf(row, 'sent_ms'),
    dueMs: numberOf(row, 'due_ms'),
    group: optionalTextOf(row, 'group_key'),
    attempts: numberOf(row, 'attempts'),
    interruptions: numberOf(row, 'interruptions'),
    lastError: optionalTextOf(row, 'last_error'),
    dead: optionalTextOf(row, 'dead'),
  };
}
