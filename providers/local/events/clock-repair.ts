import type { EventParts, Lane } from './lane.ts';
import type { LaneRegistry } from './lane-registry.ts';
import type { ScheduleEngine } from './schedule.ts';

/**
 * A clock that goes back by less is one that is kept right all the time. Nothing is done for it: what waits, waits so
 * much longer, and a schedule that fired a moment ago is not due once more.
 */
export const CLOCK_TOLERANCE_MS = 60_000;

/** No retry policy waits longer. */
const LONGEST_RETRY_MS = 43_200_000;
/** What the platform itself makes events wait for, whatever their policy says. */
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * Times that were written while the clock was ahead lie in the future when it is put right, and what is due then would
 * stand still for the whole difference. Here they are made what they would be had the clock been right.
 */
export class ClockRepair {
  readonly #parts: EventParts;
  readonly #lanes: LaneRegistry;
  readonly #schedules: ScheduleEngine;
  readonly #sql;

  constructor(parts: EventParts, lanes: LaneRegistry, schedules: ScheduleEngine) {
    this.#parts = parts;
    this.#lanes = lanes;
    this.#schedules = schedules;
    const { db } = parts.store;
    this.#sql = {
      // First what was sent before the clock was ahead, and failed while it was.
      movedBack: [
        `UPDATE ev_messages SET due_ms = max(:now, due_ms - :ahead)
         WHERE attempts > 0 AND due_ms > :now AND sent_ms <= :late`,
        `UPDATE ev_deliveries SET due_ms = max(:now, due_ms - :ahead)
         WHERE attempts > 0 AND due_ms > :now AND created_ms <= :late`,
      ].map((sql) => db.prepare(sql)),
      cursorsBack: db.prepare(
        'UPDATE ev_cursors SET due_ms = max(:now, due_ms - :ahead) WHERE due_ms > :now',
      ),
      sentLater: [
        `UPDATE ev_messages SET due_ms = max(:now, due_ms - (sent_ms - :now)), sent_ms = :now
         WHERE sent_ms > :late`,
        `UPDATE ev_deliveries SET due_ms = max(:now, due_ms - (created_ms - :now)), created_ms = :now
         WHERE created_ms > :late`,
        'UPDATE ev_records SET time_ms = :now WHERE time_ms > :late',
      ].map((sql) => db.prepare(sql)),
      queue: db.prepare(
        'UPDATE ev_messages SET due_ms = ? WHERE queue = ? AND attempts > 0 AND due_ms > ?',
      ),
      deliveries: db.prepare(
        'UPDATE ev_deliveries SET due_ms = ? WHERE lane = ? AND attempts > 0 AND due_ms > ?',
      ),
      cursors: db.prepare('UPDATE ev_cursors SET due_ms = ? WHERE lane = ? AND due_ms > ?'),
    };
  }

  /** At the start: nobody knows what the clock was before. Runs in a transaction. */
  atStart(nowMs: number): void {
    const repaired = this.#retriesTooLate(nowMs) + this.#sentLater(nowMs) + this.#due(nowMs);
    if (repaired > 0) {
      this.#parts.warn(
        `The clock was ahead when events were kept: ${repaired} of them, or of their times, lay in the future and were moved to what they are by the present clock.`,
        { repaired },
      );
    }
  }

  /** The clock went back by `aheadMs` while the platform ran. Runs in a transaction. */
  afterStep(nowMs: number, aheadMs: number): void {
    const lateMs = nowMs + CLOCK_TOLERANCE_MS;
    for (const statement of this.#sql.movedBack)
      statement.run({ now: nowMs, ahead: aheadMs, late: lateMs });
    this.#sql.cursorsBack.run({ now: nowMs, ahead: aheadMs });
    const repaired = this.#sentLater(nowMs) + this.#due(nowMs);
    for (const lane of this.#lanes.all())
      lane.asideUntilMs = Math.max(0, lane.asideUntilMs - aheadMs);
    this.#parts.warn(
      `The clock went back by ${Math.round(aheadMs / 1_000)} s. What waits, and the schedules, go by the present clock from here on.`,
      { aheadMs, repaired },
    );
  }

  #sentLater(nowMs: number): number {
    const times = { now: nowMs, late: nowMs + CLOCK_TOLERANCE_MS };
    let repaired = 0;
    for (const statement of this.#sql.sentLater) repaired += Number(statement.run(times).changes);
    return repaired;
  }

  #due(nowMs: number): number {
    let repaired = 0;
    for (const lane of this.#lanes.all())
      if (this.#schedules.putRight(lane, nowMs, CLOCK_TOLERANCE_MS)) repaired += 1;
    return repaired;
  }

  /** What failed is never due later than its policy says. */
  #retriesTooLate(nowMs: number): number {
    const longestByQueue = new Map<string, number>();
    let repaired = 0;
    for (const lane of this.#lanes.all()) {
      const latestMs = nowMs + longestWaitMs(lane) + CLOCK_TOLERANCE_MS;
      repaired += Number(this.#sql.deliveries.run(nowMs, lane.id, latestMs).changes);
      repaired += Number(this.#sql.cursors.run(nowMs, lane.id, latestMs).changes);
      if (lane.event?.type !== 'queue') continue;
      const { queue } = lane.event;
      longestByQueue.set(queue, Math.max(latestMs, longestByQueue.get(queue) ?? 0));
    }
    for (const [queue, latestMs] of longestByQueue)
      repaired += Number(this.#sql.queue.run(nowMs, queue, latestMs).changes);
    return repaired;
  }
}

function longestWaitMs({ event }: Lane): number {
  if (event === undefined || !('retry' in event)) return LONGEST_RETRY_MS;
  return Math.max(event.retry.maxDelaySeconds * 1_000, LONGEST_PAUSE_MS);
}
