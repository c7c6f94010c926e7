import type { Binding, FunctionRef } from 'polyfaas/spi';
import type { LocalStore } from '../ports.ts';
import { decodeEvent } from './decode.ts';
import { numberOf, textOf } from '../store/rows.ts';
import { sourceOf } from './lane.ts';
import type { Lane, LaneEvent } from './lane.ts';
import type { Removed } from './removal.ts';

/** Asynchronous invocations have no binding; no binding has an empty id. */
const ASYNC_BINDING = '';

/** What changed with a new list of bindings. */
export interface LaneChanges {
  readonly added: readonly Lane[];
  /** Kept, with what they were before. */
  readonly kept: readonly { readonly lane: Lane; readonly before: LaneEvent }[];
  readonly removed: readonly Lane[];
}

/** All lanes, in memory and in the store. */
export class LaneRegistry {
  /** Called when a lane may have something to do. */
  onWake: () => void = () => {};
  /** Called with a lane that is about to be removed with all that waits on it. Runs in a transaction. */
  onRemove: (lane: Lane, what: Removed) => void = () => {};
  readonly #store: LocalStore;
  readonly #sql;
  readonly #byFunction = new Map<string, Map<string, Lane>>();
  readonly #bySource = new Map<string, Set<Lane>>();
  /** Functions that are live: their bindings were given, and they were not forgotten since. */
  readonly #live = new Set<string>();

  constructor(store: LocalStore) {
    this.#store = store;
    const { db } = store;
    this.#sql = {
      insert: db.prepare(
        'INSERT INTO ev_lanes (app, stage, function, binding, event) VALUES (?, ?, ?, ?, ?) RETURNING id',
      ),
      update: db.prepare('UPDATE ev_lanes SET event = ? WHERE id = ?'),
      remove: db.prepare('DELETE FROM ev_lanes WHERE id = ?'),
    };
    for (const row of db.prepare('SELECT * FROM ev_lanes ORDER BY id').all()) {
      const ref = {
        app: textOf(row, 'app'),
        stage: textOf(row, 'stage'),
        name: textOf(row, 'function'),
      };
      const event = decodeEvent(textOf(row, 'event'));
      this.#register(newLane(numberOf(row, 'id'), ref, textOf(row, 'binding'), event));
    }
  }

  *all(): Iterable<Lane> {
    for (const lanes of this.#byFunction.values()) yield* lanes.values();
  }

  /** The lanes of one source, such as `queue:orders`. */
  of(source: string): Iterable<Lane> {
    return this.#bySource.get(source) ?? [];
  }

  find(ref: FunctionRef, bindingId: string | undefined): Lane | undefined {
    return this.#byFunction.get(keyOf(ref))?.get(bindingId ?? ASYNC_BINDING);
  }

  isLive(ref: FunctionRef): boolean {
    return this.#live.has(keyOf(ref));
  }

  wake(lane: Lane): void {
    lane.dirty = true;
    this.onWake();
  }

  wakeSource(source: string): void {
    for (const lane of this.of(source)) this.wake(lane);
  }

  wakeAll(): void {
    for (const lane of this.all()) lane.dirty = true;
    this.onWake();
  }

  /** The lane of a function's asynchronous invocations; made on first use, outside of transactions. */
  asyncLane(ref: FunctionRef): Lane {
    const present = this.find(ref, undefined);
    if (present !== undefined) return present;
    const lane = this.#store.transaction(() => this.#insertRow(ref, ASYNC_BINDING, undefined));
    this.#register(lane);
    return lane;
  }

  /**
   * Makes the bindings of a function these, in one transaction with what `follow` does; all or nothing.
   * A binding that names another source now is another binding.
   */
  replace(
    ref: FunctionRef,
    bindings: readonly Binding[],
    follow: (changes: LaneChanges) => void,
  ): void {
    const wished = new Map<string, LaneEvent>();
    for (const { id, event } of bindings) if (event.type !== 'http') wished.set(id, event);
    const present = [...(this.#byFunction.get(keyOf(ref))?.values() ?? [])];
    const removed: Lane[] = [];
    const kept: { lane: Lane; before: LaneEvent; after: LaneEvent }[] = [];
    for (const lane of present) {
      const { bindingId, event } = lane;
      if (bindingId === undefined || event === undefined) continue;
      const after = wished.get(bindingId);
      if (after !== undefined && sourceOf(after) === sourceOf(event)) {
        kept.push({ lane, before: event, after });
        wished.delete(bindingId);
      } else removed.push(lane);
    }
    const added: Lane[] = [];
    try {
      this.#store.transaction(() => {
        this.#removeRows(removed, 'binding');
        for (const { lane, after } of kept) {
          this.#sql.update.run(JSON.stringify(after), lane.id);
          lane.event = after;
        }
        for (const [id, event] of wished) added.push(this.#insertRow(ref, id, event));
        follow({ added, kept, removed });
      });
    } catch (error) {
      for (const { lane, before } of kept) lane.event = before;
      throw error;
    }
    this.#live.add(keyOf(ref));
    for (const lane of removed) this.#drop(lane);
    for (const lane of added) this.#register(lane);
    for (const lane of [...added, ...kept.map((one) => one.lane)]) this.wake(lane);
  }

  /** Removes every lane of a function, asynchronous invocations too. */
  forget(ref: FunctionRef): void {
    const lanes = [...(this.#byFunction.get(keyOf(ref))?.values() ?? [])];
    this.#store.transaction(() => {
      this.#removeRows(lanes, 'function');
    });
    this.#live.delete(keyOf(ref));
    for (const lane of lanes) {
      lane.isForgotten = true;
      this.#drop(lane);
    }
  }

  /** All rows are there until each lane was told: what one gives up may reach another. */
  #removeRows(lanes: readonly Lane[], what: Removed): void {
    for (const lane of lanes) this.onRemove(lane, what);
    for (const lane of lanes) this.#sql.remove.run(lane.id);
  }

  #insertRow(ref: FunctionRef, binding: string, event: LaneEvent | undefined): Lane {
    const { app, stage, name } = ref;
    const row = this.#sql.insert.get(app, stage, name, binding, JSON.stringify(event ?? null));
    if (row === undefined) throw new TypeError('SQLite returned no row id.');
    return newLane(numberOf(row, 'id'), { app, stage, name }, binding, event);
  }

  #register(lane: Lane): void {
    const key = keyOf(lane.ref);
    const lanes = this.#byFunction.get(key) ?? new Map<string, Lane>();
    lanes.set(lane.bindingId ?? ASYNC_BINDING, lane);
    this.#byFunction.set(key, lanes);
    if (lane.event === undefined) return;
    const source = sourceOf(lane.event);
    const sharing = this.#bySource.get(source) ?? new Set();
    sharing.add(lane);
    this.#bySource.set(source, sharing);
  }

  #drop(lane: Lane): void {
    const key = keyOf(lane.ref);
    const lanes = this.#byFunction.get(key);
    const binding = lane.bindingId ?? ASYNC_BINDING;
    if (lanes?.get(binding) === lane) lanes.delete(binding);
    if (lanes?.size === 0) this.#byFunction.delete(key);
    if (lane.event === undefined) return;
    const source = sourceOf(lane.event);
    const sharing = this.#bySource.get(source);
    sharing?.delete(lane);
    if (sharing?.size === 0) this.#bySource.delete(source);
  }
}

function newLane(
  id: number,
  ref: FunctionRef,
  binding: string,
  event: LaneEvent | undefined,
): Lane {
  return {
    id,
    ref,
    bindingId: binding === ASYNC_BINDING ? undefined : binding,
    event,
    inFlight: 0,
    isForgotten: false,
    dirty: true,
    nextDueMs: undefined,
    refusedInRow: 0,
    asideUntilMs: 0,
    asideInRow: 0,
  };
}

function keyOf({ app, stage, name }: FunctionRef): string {
  return JSON.stringify([app, stage, name]);
}
