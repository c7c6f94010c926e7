import type { FakeClock } from '../core/ports.ts';
import type { End, Instance } from './instance.ts';

/** HTTP requests and events are counted apart: an instance takes so many of each. */
export type CallKind = 'http' | 'event';

export interface FleetParts {
  readonly clock: FakeClock;
  readonly maxInstances: number;
  readonly concurrency: Readonly<Record<CallKind, number>>;
  /** Instances that stay. */
  readonly alwaysReady: number;
  open(isAlwaysReady: boolean, onEnd: () => void): Promise<Instance>;
}

export interface Lease {
  readonly instance: Promise<Instance>;
  release(): void;
}

/** A place for one instance, from the moment at which it is decided to start it. */
interface Slot {
  readonly instance: Promise<Instance>;
  readonly isAlwaysReady: boolean;
  readonly active: Record<CallKind, number>;
  present: Instance | undefined;
  usedAt: number;
  cancelReaping: (() => void) | undefined;
}

/** How long an instance that serves nothing stays, in simulated time. Azure does not say; minutes are what one sees. */
const IDLE_MS = 5 * 60_000;
const WATCH_MS = 25;
/** A machine of tests is no data center: more than so many instances of a site that serve nothing are not kept. */
const MAX_IDLE = 8;
const STOPPED: End = { cause: 'stop', message: 'The host is shutting down.' };

/** The instances of one host. */
export class Fleet {
  readonly #parts: FleetParts;
  readonly #slots = new Set<Slot>();
  readonly #waiting: { readonly kind: CallKind; take(lease: Lease | undefined): void }[] = [];
  /** Instances that were ended, until their processes are gone. */
  readonly #ending = new Set<Promise<void>>();
  #watch: NodeJS.Timeout | undefined;
  #uses = 0;
  #isStopped = false;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  get busy(): number {
    return [...this.#slots].reduce((sum, { active }) => sum + active.http + active.event, 0);
  }

  /** Starts what is always ready, and resolves when it is. */
  async prepare(): Promise<void> {
    const present = [...this.#slots].filter(({ isAlwaysReady }) => isAlwaysReady).length;
    const count = Math.min(this.#parts.alwaysReady, this.#parts.maxInstances);
    const opened = Array.from({ length: Math.max(0, count - present) }, () => this.#open(true));
    for (const { instance } of opened) await (await instance.catch(() => undefined))?.started;
  }

  /** A place on an instance; waits for one when there are as many as there may be. Undefined once it was stopped. */
  acquire(kind: CallKind): Promise<Lease | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined);
    const slot = this.#free(kind) ?? (this.#mayGrow() ? this.#open(false) : undefined);
    if (slot) return Promise.resolve(this.#lease(slot, kind));
    return new Promise((resolve) => {
      this.#waiting.push({ kind, take: resolve });
    });
  }

  /** Gives up waiting for a place. */
  abandon(waiting: Promise<Lease | undefined>): void {
    void waiting.then((lease) => lease?.release());
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    for (const { take } of this.#waiting.splice(0)) take(undefined);
    const deadline = performance.now() + graceMs;
    for (const slot of this.#slots) if (isIdle(slot)) this.#close(slot);
    while (this.#slots.size > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const slot of this.#slots) this.#close(slot);
    clearInterval(this.#watch);
    await Promise.all(this.#ending);
  }

  /** Started ones first, those that are always ready before others; then what was used last. */
  #free(kind: CallKind): Slot | undefined {
    const limit = this.#parts.concurrency[kind];
    let best: Slot | undefined;
    for (const slot of this.#slots)
      if (slot.active[kind] < limit && (!best || isBetter(slot, best))) best = slot;
    return best;
  }

  #mayGrow(): boolean {
    return this.#slots.size < this.#parts.maxInstances;
  }

  #open(isAlwaysReady: boolean): Slot {
    let slot: Slot | undefined;
    const opened = this.#parts.open(isAlwaysReady, () => {
      if (slot) this.#ended(slot);
    });
    slot = {
      instance: opened,
      isAlwaysReady,
      active: { http: 0, event: 0 },
      present: undefined,
      usedAt: 0,
      cancelReaping: undefined,
    };
    const made = slot;
    this.#slots.add(made);
    opened.then(
      (instance) => {
        made.present = instance;
      },
      () => this.#ended(made),
    );
    return made;
  }

  #lease(slot: Slot, kind: CallKind): Lease {
    slot.active[kind] += 1;
    slot.cancelReaping?.();
    slot.cancelReaping = undefined;
    this.#uses += 1;
    slot.usedAt = this.#uses;
    this.#watch ??= setInterval(() => this.#look(), WATCH_MS).unref();
    let isReleased = false;
    return {
      instance: slot.instance,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        slot.active[kind] -= 1;
        this.#released(slot);
      },
    };
  }

  #look(): void {
    const busy = [...this.#slots].filter((slot) => !isIdle(slot));
    for (const { present } of busy) present?.checkMemory();
    if (busy.length > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #released(slot: Slot): void {
    if (this.#slots.has(slot) && isIdle(slot)) {
      if (this.#isStopped) this.#close(slot);
      else if (!slot.isAlwaysReady) this.#reapLater(slot);
    }
    this.#serveWaiting();
  }

  #reapLater(slot: Slot): void {
    slot.cancelReaping?.();
    slot.cancelReaping = this.#parts.clock.after(IDLE_MS, () => this.#close(slot));
    const idle = [...this.#slots].filter((each) => isIdle(each) && !each.isAlwaysReady);
    if (idle.length <= MAX_IDLE) return;
    this.#close(idle.reduce((least, each) => (each.usedAt < least.usedAt ? each : least)));
  }

  #serveWaiting(): void {
    for (let at = 0; at < this.#waiting.length;) {
      const waiting = this.#waiting[at];
      if (!waiting) return;
      const slot = this.#free(waiting.kind) ?? (this.#mayGrow() ? this.#open(false) : undefined);
      if (!slot) {
        at += 1;
        continue;
      }
      this.#waiting.splice(at, 1);
      waiting.take(this.#lease(slot, waiting.kind));
    }
  }

  #close(slot: Slot): void {
    this.#forget(slot);
    slot.present?.kill(STOPPED);
    const ending = this.#endOf(slot).then(() => void this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async #endOf({ instance }: Slot): Promise<void> {
    const opened = await instance.catch(() => undefined);
    opened?.kill(STOPPED);
    await opened?.ended;
  }

  #forget(slot: Slot): void {
    slot.cancelReaping?.();
    this.#slots.delete(slot);
  }

  #ended(slot: Slot): void {
    if (!this.#slots.has(slot)) return;
    this.#forget(slot);
    if (this.#isStopped) return;
    // What never started would not the next time.
    if (slot.isAlwaysReady && slot.present?.isStarted === true) void this.prepare();
    this.#serveWaiting();
  }
}

function isIdle({ active }: Slot): boolean {
  return active.http + active.event === 0;
}

function isBetter(one: Slot, other: Slot): boolean {
  const [first, second] = [one.present?.isStarted === true, other.present?.isStarted === true];
  if (first !== second) return first;
  if (one.isAlwaysReady !== other.isAlwaysReady) return one.isAlwaysReady;
  return one.usedAt > other.usedAt;
}
