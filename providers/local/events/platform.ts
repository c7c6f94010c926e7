import { ServerlessError } from 'polyfaas/spi';
import type { AsyncPolicy, Binding, FunctionRef, JsonValue, TraceContext } from 'polyfaas/spi';
import type { CreateEventPlatform, EventPlatform } from '../ports.ts';
import type { EventSources } from '../sources.types.ts';
import { Buckets } from './bucket.ts';
import { checkBindings } from './check-bindings.ts';
import { ClockRepair } from './clock-repair.ts';
import { CursorTable } from './cursor-table.ts';
import { DeadLetters } from './dead-letters.ts';
import { encodeJson } from './decode.ts';
import { DeliveryEngine } from './deliveries.ts';
import { DeliveryTable } from './delivery-table.ts';
import { FanOut } from './fan-out.ts';
import { GiveUp } from './give-up.ts';
import { isEnabled } from './lane.ts';
import type { EventParts, Lane } from './lane.ts';
import { LaneRegistry } from './lane-registry.ts';
import { Leaving } from './leaving.ts';
import { LeftRecords } from './left-records.ts';
import { MessageTable } from './message-table.ts';
import { OrderedEngine } from './ordered.ts';
import { Pump } from './pump.ts';
import { QueueEngine } from './queue.ts';
import { RecordTable } from './record-table.ts';
import { warnOfLeft } from './removal.ts';
import { ScheduleEngine } from './schedule.ts';
import { EVENT_TABLES } from './schema.ts';
import { createSources } from './sources.ts';
import { Tables } from './table.ts';
import { realTime, Throttles } from './throttles.ts';
import { unheldRealTime } from './wake.ts';

const DEFAULT_GRACE_MS = 5_000;

/** Makes the platform on an open store. Nothing is delivered before `start`. */
export const createEventPlatform: CreateEventPlatform = (parts) => {
  parts.store.migrate('events', EVENT_TABLES);
  return new LocalEventPlatform(parts);
};

class LocalEventPlatform implements EventPlatform {
  readonly sources: EventSources;
  readonly #parts: EventParts;
  readonly #lanes: LaneRegistry;
  readonly #deliveries: DeliveryTable;
  readonly #records: RecordTable;
  readonly #queues: QueueEngine;
  readonly #single: DeliveryEngine;
  readonly #leaving: Leaving;
  readonly #buckets: Buckets;
  readonly #ordered: OrderedEngine;
  readonly #schedules: ScheduleEngine;
  readonly #clockRepair: ClockRepair;
  readonly #pump: Pump;

  constructor(parts: Parameters<CreateEventPlatform>[0]) {
    const { store } = parts;
    this.#parts = parts;
    this.#lanes = new LaneRegistry(store);
    const messages = new MessageTable(store, this.#lanes);
    const deliveries = new DeliveryTable(store, this.#lanes);
    const records = new RecordTable(store, this.#lanes);
    const cursors = new CursorTable(store);
    const fanOut = new FanOut(this.#lanes, deliveries);
    const giveUp = new GiveUp(parts, messages);
    const leaving = new Leaving(parts, giveUp);
    const queues = new QueueEngine(parts, this.#lanes, messages, giveUp);
    const single = new DeliveryEngine(parts, { deliveries, messages }, fanOut, giveUp, leaving);
    this.#ordered = new OrderedEngine(parts, { records, cursors }, single, giveUp);
    this.#schedules = new ScheduleEngine(parts, deliveries, single);
    this.#deliveries = deliveries;
    this.#queues = queues;
    this.#single = single;
    this.#leaving = leaving;
    this.#records = records;
    this.#buckets = new Buckets(parts, fanOut);
    const left = new LeftRecords(parts, { records, cursors }, giveUp, leaving);
    this.#lanes.onRemove = (lane, what) => {
      const nowMs = parts.clock.now();
      warnOfLeft(parts, lane, [single.abandon(lane, what, nowMs), left.abandon(lane, what, nowMs)]);
    };
    records.onTrim = (cutoffMs, nowMs) => left.expire(this.#lanes.all(), cutoffMs, nowMs);
    this.#clockRepair = new ClockRepair(parts, this.#lanes, this.#schedules);
    this.#pump = new Pump(
      { ...parts, realTime: parts.realTime ?? unheldRealTime },
      this.#lanes,
      {
        queue: queues,
        topic: single,
        object: single,
        bus: single,
        invoke: single,
        schedule: this.#schedules,
        stream: this.#ordered,
        table: this.#ordered,
      },
      new Throttles({ realTime: parts.realTime ?? realTime, random: parts.random }),
      parts.dispatch,
    );
    this.#pump.onEndedLate = (job) => leaving.end(job);
    this.#pump.onClockBack = (nowMs, byMs) => this.#clockRepair.afterStep(nowMs, byMs);
    this.#buckets.sweep();
    this.sources = createSources(parts, {
      messages,
      fanOut,
      buckets: this.#buckets,
      records,
      tables: new Tables(parts, records),
      deadLetters: new DeadLetters(parts, this.#lanes, { messages, deliveries }),
    });
  }

  setBindings(ref: FunctionRef, bindings: readonly Binding[]): void {
    checkBindings(bindings);
    const nowMs = this.#parts.clock.now();
    this.#lanes.replace(ref, bindings, ({ added, kept }) => {
      for (const lane of added) {
        this.#ordered.open(lane);
        this.#schedules.bind(lane, nowMs, true);
      }
      for (const { lane, before } of kept) this.#schedules.bind(lane, nowMs, before.enabled);
    });
  }

  async invokeAsync(
    ref: FunctionRef,
    input: JsonValue,
    requestId: string,
    policy: AsyncPolicy,
    trace?: TraceContext,
  ): Promise<void> {
    const event = encodeJson(input, 'The input');
    const lane = this.#lanes.asyncLane(ref);
    const createdMs = this.#parts.clock.now();
    this.#parts.store.transaction(() =>
      this.#deliveries.insert({ lane, requestId, event, createdMs, policy, trace }),
    );
  }

  async fireSchedule(ref: FunctionRef, bindingId: string): Promise<void> {
    const lane = this.#lanes.find(ref, bindingId);
    const event = lane?.event;
    if (lane === undefined || event?.type !== 'schedule') {
      throw new ServerlessError({
        code: 'NOT_FOUND',
        provider: 'local',
        function: ref.name,
        message: `The function "${ref.name}" has no schedule with the id "${bindingId}". Deploy it with one, or add it with configureEvent.`,
      });
    }
    if (!isEnabled(lane)) {
      throw new ServerlessError({
        code: 'CONFLICT',
        provider: 'local',
        function: ref.name,
        message: `The schedule "${bindingId}" of the function "${ref.name}" is disabled. Enable it first.`,
      });
    }
    const nowMs = this.#parts.clock.now();
    this.#parts.store.transaction(() => this.#schedules.fire(lane, event, nowMs, nowMs));
  }

  forget(ref: FunctionRef): void {
    this.#lanes.forget(ref);
  }

  start(): void {
    if (this.#pump.running) return;
    const nowMs = this.#parts.clock.now();
    const lanes = new Map<number, Lane>();
    for (const lane of this.#lanes.all()) lanes.set(lane.id, lane);
    this.#parts.store.transaction(() => {
      this.#queues.recover(nowMs);
      this.#single.recover(lanes, nowMs);
      this.#ordered.recover(lanes, nowMs);
      this.#leaving.recover(nowMs);
      this.#clockRepair.atStart(nowMs);
      this.#records.trim(nowMs);
    });
    this.#pump.start();
  }

  settle(): Promise<void> {
    return this.#pump.settle();
  }

  stop(graceMs = DEFAULT_GRACE_MS): Promise<void> {
    return this.#pump.stop(graceMs);
  }
}
