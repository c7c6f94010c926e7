import { randomUUID } from 'node:crypto';
import type { ScheduleTick } from 'polyfaas/function';
import { canonicalJson, type NormalScheduleEvent } from 'polyfaas/spi';
import { optionalNumberOf, textOf } from '../store/rows.ts';
import { timeText } from './decode.ts';
import type { DeliveryEngine } from './deliveries.ts';
import type { DeliveryTable } from './delivery-table.ts';
import type { Claim, EventParts, Lane, LaneEngine } from './lane.ts';
import { firstDueMs, nextDueMs } from './next-due.ts';

/**
 * Schedules. The next time of each is stored, so an interval keeps its phase over a restart, and times that were
 * missed meanwhile fire once. A tick is a delivery like any other: it has the same id when it is tried again.
 */
export class ScheduleEngine implements LaneEngine {
  readonly maxInFlight: number;
  readonly #table: DeliveryTable;
  readonly #ticks: DeliveryEngine;
  readonly #sql;

  constructor(parts: EventParts, table: DeliveryTable, ticks: DeliveryEngine) {
    this.#table = table;
    this.#ticks = ticks;
    this.maxInFlight = ticks.maxInFlight;
    const { db } = parts.store;
    this.#sql = {
      get: db.prepare('SELECT timing, due_ms FROM ev_schedules WHERE lane = ?'),
      put: db.prepare(
        'INSERT OR REPLACE INTO ev_schedules (lane, timing, due_ms) VALUES (?, ?, ?)',
      ),
    };
  }

  /** Keeps the due time of a schedule that stays as it was; else it begins anew. Runs in a transaction. */
  bind(lane: Lane, nowMs: number, wasEnabled: boolean): void {
    const { event } = lane;
    if (event?.type !== 'schedule') return;
    const present = this.#sql.get.get(lane.id);
    const timing = timingOf(event);
    if (present === undefined || textOf(present, 'timing') !== timing) {
      this.#sql.put.run(lane.id, timing, firstDueMs(event, nowMs) ?? null);
      return;
    }
    const dueMs = optionalNumberOf(present, 'due_ms');
    if (wasEnabled || dueMs === undefined || dueMs > nowMs) return;
    // Times that passed while it was disabled are not made up for.
    this.#sql.put.run(lane.id, timing, nextDueMs(event, dueMs, nowMs) ?? null);
  }

  /**
   * A time that is later than the next one from now was reckoned while the clock was ahead.
   * @param toleranceMs a schedule that fired so lately does not fire once more because the clock went back a little.
   * @returns whether it was one. Runs in a transaction.
   */
  putRight(lane: Lane, nowMs: number, toleranceMs: number): boolean {
    const { event } = lane;
    if (event?.type !== 'schedule') return false;
    const row = this.#sql.get.get(lane.id);
    const dueMs = row === undefined ? undefined : optionalNumberOf(row, 'due_ms');
    const latestMs = firstDueMs(event, nowMs + toleranceMs);
    if (dueMs === undefined || latestMs === undefined || dueMs <= latestMs) return false;
    this.#sql.put.run(lane.id, timingOf(event), firstDueMs(event, nowMs) ?? null);
    return true;
  }

  claim(lane: Lane, nowMs: number): Claim {
    const { event } = lane;
    if (event?.type !== 'schedule') return {};
    const nextMs = this.#fireDue(lane, event, nowMs);
    const tick = this.#ticks.claim(lane, nowMs);
    if (tick.job !== undefined) return tick;
    const soonest = Math.min(nextMs ?? Infinity, tick.nextDueMs ?? Infinity);
    return { nextDueMs: soonest === Infinity ? undefined : soonest };
  }

  /** Runs in a transaction. */
  fire(lane: Lane, event: NormalScheduleEvent, dueMs: number, nowMs: number): void {
    const tick: ScheduleTick = {
      id: randomUUID(),
      source: lane.bindingId ?? '',
      scheduledTime: timeText(dueMs),
      time: timeText(nowMs),
      data: event.input,
    };
    const requestId = randomUUID();
    this.#table.insert({ lane, requestId, event: JSON.stringify(tick), createdMs: nowMs });
  }

  /** @returns when it is due next. */
  #fireDue(lane: Lane, event: NormalScheduleEvent, nowMs: number): number | undefined {
    const row = this.#sql.get.get(lane.id);
    const dueMs = row === undefined ? undefined : optionalNumberOf(row, 'due_ms');
    if (dueMs === undefined || dueMs > nowMs) return dueMs;
    this.fire(lane, event, dueMs, nowMs);
    const next = nextDueMs(event, dueMs, nowMs);
    this.#sql.put.run(lane.id, timingOf(event), next ?? null);
    return next;
  }
}

function timingOf({ when, timezone }: NormalScheduleEvent): string {
  // An interval does not depend on the time zone.
  return canonicalJson(
    'everySeconds' in when ? { everySeconds: when.everySeconds } : { cron: when.cron, timezone },
  );
}
