/** Runs one version of a function on as many instances as it needs. */
import type { Clock } from 'polyfaas/spi';
import type {
  InstancePool,
  LocalCall,
  LocalReply,
  PoolListener,
  PoolSettings,
  PoolStats,
  WarmReport,
} from '../ports.ts';
import { Deadlines } from './deadlines.ts';
import { neverRan } from './failed-start.ts';
import { Failures } from './failures.ts';
import { hostWatch } from './host-watch.ts';
import { Instance } from './instance.ts';
import type { InstanceOwner, InstanceParts } from './instance-parts.ts';
import { MemoryWatch } from './memory-watch.ts';
import { OwnPlaces } from './own-places.ts';
import { Places } from './places.ts';
import { asItIsNow } from './plain-copy.ts';
import { partsOf } from './pool-parts.ts';
import { sourcePositions } from './source-positions.ts';
import { StandingInstances } from './standing-instances.ts';
import { Starts } from './starts.ts';
import { WaitingCall, type WaitingOwner } from './waiting-calls.ts';

/** Times that users do not set. */
export interface PoolTuning {
  /** How long an instance may take to start, unless `timeoutSeconds` is more. */
  readonly startMs: number;
  /** How long a cancelled handler, or an instance that was told to end, may take. */
  readonly graceMs: number;
  /** How often the memory of busy instances is read. */
  readonly memoryPollMs: number;
}

const DEFAULT_TUNING: PoolTuning = { startMs: 10_000, graceMs: 250, memoryPollMs: 50 };

export class LocalInstancePool implements InstancePool, InstanceOwner, WaitingOwner {
  readonly #settings: PoolSettings;
  readonly #parts: InstanceParts;
  readonly #clock: Clock;
  readonly #listener: PoolListener;
  readonly #failures: Failures;
  readonly #deadlines: Deadlines;
  readonly #memory: MemoryWatch;
  readonly #standing: StandingInstances;
  readonly #places: OwnPlaces;
  /** Those that serve calls, or will: not those that are ending. */
  readonly #instances = new Set<Instance>();
  /** Told to end, and not gone yet. */
  readonly #ending = new Set<Instance>();
  readonly #quarantined = new Set<Instance>();
  /** Those with room; the most recently used last. */
  readonly #available: Instance[] = [];
  readonly #waiting = new Set<WaitingCall>();
  /** How long calls wait that find no place. */
  readonly #patience: Deadlines;
  readonly #starts = new Starts();
  readonly #onEmpty: (() => void)[] = [];
  #cancelReap: (() => void) | undefined;
  #state: 'open' | 'draining' | 'closed' = 'open';

  constructor(
    settings: PoolSettings,
    listener: PoolListener,
    clock: Clock,
    tuning: PoolTuning = DEFAULT_TUNING,
    places: Places = new Places(Infinity),
  ) {
    this.#settings = settings;
    this.#listener = listener;
    this.#clock = clock;
    const positions = sourcePositions(settings.codeFolder, settings.entryFile);
    this.#failures = new Failures(settings, positions, places);
    this.#patience = new Deadlines(settings.timeoutSeconds * 1000);
    this.#deadlines = new Deadlines(settings.timeoutSeconds * 1000);
    this.#memory = new MemoryWatch(this.#instances, tuning.memoryPollMs);
    this.#parts = {
      ...partsOf(settings),
      deadlines: this.#deadlines,
      failures: this.#failures,
      positions,
      listener,
      owner: this,
      startMs: Math.max(tuning.startMs, settings.timeoutSeconds * 1000),
      graceMs: tuning.graceMs,
    };
    this.#standing = new StandingInstances(clock, () => this.#fill());
    this.#places = new OwnPlaces(places, {
      settings,
      instances: this.#instances,
      available: this.#available,
      waiting: this.#waiting,
      room: () => this.#room(),
      stop: (instance) => instance.stop(this.#failures.stopped()),
      serveWaiting: () => this.#serveWaiting(),
    });
    this.#fill();
  }

  call(call: LocalCall, signal?: AbortSignal): Promise<LocalReply> {
    return new Promise((resolve, reject) => {
      if (this.#state !== 'open') {
        reject(neverRan(this.#failures.stopped()));
        return;
      }
      if (signal?.aborted === true) {
        reject(neverRan(this.#failures.cancelled(signal.reason)));
        return;
      }
      const instance = this.#pick();
      if (instance) this.#begin(instance, call, signal, resolve, reject);
      else if (this.#waiting.size >= this.#settings.maxWaiting || this.#hopeless)
        reject(this.#throttled());
      else {
        const waiting = new WaitingCall(asItIsNow(call), signal, resolve, reject, this);
        this.#waiting.add(waiting);
        this.#patience.add(waiting);
        this.#places.wait();
      }
    });
  }

  async warm(instances: number): Promise<WarmReport> {
    if (this.#state !== 'open') throw this.#failures.stopped();
    const idle = [...this.#instances].filter(
      (instance) => instance.state === 'ready' && instance.active === 0,
    ).length;
    const underWay = this.#starts.unused();
    const missing = Math.min(
      this.#room(),
      Math.max(0, Math.min(instances, this.#settings.maxInstances) - idle - underWay.length),
    );
    const started: Instance[] = [];
    while (started.length < missing && this.#places.mayStart(true)) started.push(this.#spawn(true));
    const awaited = [...underWay.slice(0, Math.max(0, instances - idle)), ...started];
    await Promise.all(awaited.map((instance) => this.#starts.whenReady(instance)));
    return {
      distinctInstances: Math.min(idle, instances) + awaited.length,
      started: started.length,
    };
  }

  stats(): PoolStats {
    let busy = 0;
    let idle = 0;
    for (const instance of this.#instances) {
      if (instance.active > 0) busy += 1;
      else if (instance.state === 'ready') idle += 1;
    }
    return {
      instances: this.#instances.size,
      busy,
      idle,
      waiting: this.#waiting.size,
      quarantined: this.#quarantined.size,
    };
  }

  async drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    this.#standing.stop();
    if (this.#busy()) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    await this.close();
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#standing.stop();
    this.#cancelReap?.();
    const error = this.#failures.stopped();
    this.#places.leave();
    for (const waiting of this.#waiting) {
      this.#dequeue(waiting);
      waiting.reject(neverRan(error));
    }
    for (const instance of this.#instances) instance.stop(error);
    this.#notifyEmpty();
    if (this.#ending.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    this.#memory.stop();
    this.#deadlines.close();
    this.#patience.close();
    if (this.#settings.isolation === 'process') await hostWatch.idle();
  }

  ready(instance: Instance): void {
    this.#starts.ready(instance);
    this.#unlist(instance);
    this.freed(instance);
    this.#places.started();
  }

  freed(instance: Instance): void {
    if (this.#places.givesWay(instance)) return;
    while (instance.hasRoom && this.#waiting.size > 0) {
      const [waiting] = this.#waiting;
      if (!waiting) break;
      this.#dequeue(waiting);
      instance.begin(waiting.call, waiting.signal, waiting.resolve, waiting.reject);
    }
    if (instance.active === 0) {
      instance.idleSinceMs = this.#clock.now();
      this.#armReap();
      if (this.#state === 'draining') this.#notifyEmpty();
    }
    if (instance.served > 0) this.#standing.succeeded();
    if (instance.hasRoom && !instance.listed) {
      instance.listed = true;
      this.#available.push(instance);
    }
    if (instance.active === 0) this.#places.rests();
  }

  condemned(instance: Instance): void {
    this.#unlist(instance);
    if (instance.state === 'condemned') return;
    this.#instances.delete(instance);
    this.#ending.add(instance);
    this.#places.changed();
    this.#serveWaiting();
  }

  gone(instance: Instance, startError: Error | undefined): void {
    this.#unlist(instance);
    const expected = this.#ending.has(instance) || this.#quarantined.has(instance);
    this.#instances.delete(instance);
    this.#ending.delete(instance);
    this.#quarantined.delete(instance);
    this.#starts.failed(instance, startError ?? this.#failures.stopped());
    this.#places.changed();
    if (this.#state !== 'closed') {
      if (startError)
        this.#listener.warn(startError.message, { phase: 'init', instanceId: instance.id });
      this.#serveWaiting();
      // One that fell over before it did anything may do so again, and at once.
      const fell = !expected || instance.overMemory;
      if (startError || (fell && instance.served === 0)) this.#standing.failed();
      this.#fill();
    }
    this.#notifyEmpty();
  }

  stuck(instance: Instance): void {
    if (!this.#ending.delete(instance)) return;
    this.#quarantined.add(instance);
    instance.abandon();
    const { identity, isolation, maxInstances } = this.#settings;
    const advice =
      isolation === 'thread'
        ? " Run the function with isolation 'process', where the end can be enforced."
        : '';
    const until =
      this.#state === 'closed'
        ? 'It is left behind.'
        : `It counts as one of its ${maxInstances} instances until it does.`;
    this.#listener.warn(
      `An instance of ${identity.functionName} did not end when told to. ${until}${advice}`,
      { instanceId: instance.id, quarantined: this.#quarantined.size },
    );
    this.#serveWaiting();
    this.#notifyEmpty();
  }

  /** The most recently used instance with room; else a new one; else nothing. */
  #pick(): Instance | undefined {
    const instance = this.#available.at(-1);
    if (instance) return instance;
    return this.#room() > 0 && this.#places.mayStart() ? this.#spawn(false) : undefined;
  }

  #begin(
    instance: Instance,
    call: LocalCall,
    signal: AbortSignal | undefined,
    resolve: (reply: LocalReply) => void,
    reject: (error: Error) => void,
  ): void {
    instance.begin(call, signal, resolve, reject);
    this.#memory.start();
    if (!instance.hasRoom) this.#unlist(instance);
  }

  #room(): number {
    return this.#settings.maxInstances - this.#instances.size - this.#quarantined.size;
  }

  #spawn(ahead: boolean): Instance {
    const instance = new Instance(this.#parts, ahead);
    this.#instances.add(instance);
    this.#places.changed();
    this.#memory.start();
    instance.listed = true;
    // First in the list, so last to be chosen: those that are ready come before it.
    this.#available.unshift(instance);
    return instance;
  }

  #unlist(instance: Instance): void {
    if (!instance.listed) return;
    instance.listed = false;
    // Nearly always the last one.
    this.#available.splice(this.#available.lastIndexOf(instance), 1);
  }

  /** All that may run are threads which do not end: to wait for one of them could take for ever. */
  get #hopeless(): boolean {
    return this.#instances.size === 0 && this.#room() <= 0;
  }

  #serveWaiting(): void {
    while (this.#waiting.size > 0) {
      const instance = this.#pick();
      const [waiting] = this.#waiting;
      if (!waiting) return;
      if (!instance && !this.#hopeless) {
        this.#places.wait();
        return;
      }
      this.#dequeue(waiting);
      const { call, signal, resolve, reject } = waiting;
      if (instance) this.#begin(instance, call, signal, resolve, reject);
      else reject(this.#throttled());
    }
  }

  /** Of a waiting call. */
  cancelled(waiting: WaitingCall): void {
    this.#dequeue(waiting);
    waiting.reject(neverRan(this.#failures.cancelled(waiting.signal?.reason)));
    if (this.#state === 'draining') this.#notifyEmpty();
  }

  /** It has waited for as long as it might have run. */
  expired(waiting: WaitingCall): void {
    // For its own instances a call waits as long as it takes: each comes free, or ends. So it does for its turn to start one.
    if (this.#room() <= 0 || !this.#places.areTaken) return this.#patience.add(waiting);
    this.#dequeue(waiting);
    waiting.reject(this.#failures.noPlace());
    if (this.#state === 'draining') this.#notifyEmpty();
  }

  #dequeue(waiting: WaitingCall): void {
    this.#waiting.delete(waiting);
    this.#patience.remove(waiting);
    waiting.leave();
  }

  #throttled(): Error {
    return this.#room() > 0
      ? this.#failures.crowded()
      : this.#failures.throttled(this.#quarantined.size);
  }

  /** Brings the pool to its standing capacity. */
  #fill(): void {
    if (this.#state !== 'open' || this.#standing.waiting) return;
    const wanted = Math.min(this.#settings.minInstances, this.#settings.maxInstances);
    while (this.#instances.size < wanted && this.#room() > 0) this.#spawn(true);
  }

  #armReap(): void {
    if (this.#cancelReap || this.#state !== 'open') return;
    if (this.#instances.size <= this.#settings.minInstances) return;
    const nowMs = this.#clock.now();
    let oldestMs = Infinity;
    for (const instance of this.#instances) {
      if (instance.state !== 'ready' || instance.active > 0) continue;
      // A time that is yet to come is one before the clock was put back: it would be idle for so much longer.
      instance.idleSinceMs = Math.min(instance.idleSinceMs, nowMs);
      oldestMs = Math.min(oldestMs, instance.idleSinceMs);
    }
    if (oldestMs === Infinity) return;
    const dueMs = oldestMs + this.#settings.idleSeconds * 1000;
    this.#cancelReap = this.#clock.after(Math.max(0, dueMs - nowMs), this.#reap);
  }

  readonly #reap = (): void => {
    this.#cancelReap = undefined;
    const limitMs = this.#clock.now() - this.#settings.idleSeconds * 1000;
    // The list begins with those that were used longest ago.
    for (const instance of this.#available.slice()) {
      if (this.#instances.size <= this.#settings.minInstances) break;
      if (instance.state !== 'ready' || instance.active > 0) continue;
      if (instance.idleSinceMs <= limitMs) instance.stop(this.#failures.stopped());
    }
    this.#armReap();
  };

  #busy(): boolean {
    return this.#waiting.size > 0 || [...this.#instances].some((instance) => instance.active > 0);
  }

  #notifyEmpty(): void {
    if (this.#state === 'draining' ? this.#busy() : this.#ending.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}
