/** Runs one version of a function on as many instances as it needs. */
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
import { createProcess } from './process-transport.ts';
import { asItIsNow } from './plain-copy.ts';
import { refusable } from './refused-start.ts';
import { sourcePositions } from './source-positions.ts';
import { StandingInstances } from './standing-instances.ts';
import { createThread } from './thread-transport.ts';
import { isUnbuilt } from './transport.ts';
import { WaitingCall } from './waiting-calls.ts';

/** Times that users do not set. */
export interface PoolTuning {
  /** How long an instance may take to start, unless `timeoutSeconds` is more. */
  readonly startMs: number;
  /** How long a cancelled handler, or an instance that was told to end, may take. */
  readonly graceMs: number;
  /** How often the memory of busy instances is read. */
  readonly memoryPollMs: number;
}

/** Long after the first calls: writing the cache must not delay them. */
const CACHE_FLUSH_MS = 1_000;

const DEFAULT_TUNING: PoolTuning = { startMs: 10_000, graceMs: 250, memoryPollMs: 50 };

interface Starting {
  readonly ready: () => void;
  readonly failed: (error: Error) => void;
}

export class LocalInstancePool implements InstancePool, InstanceOwner {
  readonly #settings: PoolSettings;
  readonly #parts: InstanceParts;
  readonly #clock: Clock;
  readonly #listener: PoolListener;
  readonly #failures: Failures;
  readonly #deadlines: Deadlines;
  readonly #memory: MemoryWatch;
  readonly #standing: StandingInstances;
  /** Those that serve calls, or will: not those that are ending. */
  readonly #instances = new Set<Instance>();
  /** Told to end, and not gone yet. */
  readonly #ending = new Set<Instance>();
  readonly #quarantined = new Set<Instance>();
  /** Those with room; the most recently used last. */
  readonly #available: Instance[] = [];
  readonly #waiting = new Set<WaitingCall>();
  readonly #starting = new Map<Instance, Starting>();
  readonly #onEmpty: (() => void)[] = [];
  #cancelReap: (() => void) | undefined;
  #state: 'open' | 'draining' | 'closed' = 'open';

  constructor(
    settings: PoolSettings,
    listener: PoolListener,
    clock: Clock,
    tuning: PoolTuning = DEFAULT_TUNING,
  ) {
    this.#settings = settings;
    this.#listener = listener;
    this.#clock = clock;
    const positions = sourcePositions(settings.codeFolder, settings.entryFile);
    this.#failures = new Failures(settings, positions);
    this.#deadlines = new Deadlines(settings.timeoutSeconds * 1000);
    this.#memory = new MemoryWatch(this.#instances, tuning.memoryPollMs);
    this.#parts = {
      transport: {
        identity: settings.identity,
        start: {
          entryUrl: pathToFileURL(join(settings.codeFolder, settings.entryFile)).href,
          cacheFlushMs: isUnbuilt ? 0 : CACHE_FLUSH_MS,
          isolation: settings.isolation,
        },
        compileCacheFolder: compileCacheFolder(settings.codeFolder),
        env: settings.env,
        codeFolder: settings.codeFolder,
        memoryMb: settings.memoryMb,
      },
      createTransport: refusable(settings.isolation === 'thread' ? createThread : createProcess),
      deadlines: this.#deadlines,
      failures: this.#failures,
      positions,
      listener,
      owner: this,
      concurrency: settings.concurrency,
      startMs: Math.max(tuning.startMs, settings.timeoutSeconds * 1000),
      graceMs: tuning.graceMs,
    };
    this.#standing = new StandingInstances(clock, () => this.#fill());
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
        reject(this.#failures.throttled(this.#quarantined.size));
      else
        this.#waiting.add(
          new WaitingCall(asItIsNow(call), signal, resolve, reject, this.#onCancelled),
        );
    });
  }

  async warm(instances: number): Promise<WarmReport> {
    if (this.#state !== 'open') throw this.#failures.stopped();
    const idle = [...this.#instances].filter(
      (instance) => instance.state === 'ready' && instance.active === 0,
    ).length;
    const underWay = [...this.#starting.keys()].filter((instance) => instance.active === 0);
    const missing = Math.min(
      this.#room(),
      Math.max(0, Math.min(instances, this.#settings.maxInstances) - idle - underWay.length),
    );
    const started = Array.from({ length: missing }, () => this.#spawn(true));
    const awaited = [...underWay.slice(0, Math.max(0, instances - idle)), ...started];
    await Promise.all(awaited.map((instance) => this.#whenReady(instance)));
    return { distinctInstances: Math.min(idle, instances) + awaited.length, started: missing };
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
    for (const waiting of this.#waiting) {
      waiting.leave();
      waiting.reject(neverRan(error));
    }
    this.#waiting.clear();
    for (const instance of this.#instances) instance.stop(error);
    this.#notifyEmpty();
    if (this.#ending.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    this.#memory.stop();
    this.#deadlines.close();
    if (this.#settings.isolation === 'process') await hostWatch.idle();
  }

  ready(instance: Instance): void {
    this.#starting.get(instance)?.ready();
    this.#starting.delete(instance);
    this.#unlist(instance);
    this.freed(instance);
  }

  freed(instance: Instance): void {
    while (instance.hasRoom && this.#waiting.size > 0) {
      const [waiting] = this.#waiting;
      if (!waiting) break;
      this.#waiting.delete(waiting);
      waiting.leave();
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
  }

  condemned(instance: Instance): void {
    this.#unlist(instance);
    if (instance.state === 'condemned') return;
    this.#instances.delete(instance);
    this.#ending.add(instance);
    this.#serveWaiting();
  }

  gone(instance: Instance, startError: Error | undefined): void {
    this.#unlist(instance);
    const expected = this.#ending.has(instance) || this.#quarantined.has(instance);
    this.#instances.delete(instance);
    this.#ending.delete(instance);
    this.#quarantined.delete(instance);
    this.#starting.get(instance)?.failed(startError ?? this.#failures.stopped());
    this.#starting.delete(instance);
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
    this.#listener.warn(
      `An instance of ${identity.functionName} did not end when told to. It counts as one of its ${maxInstances} instances until it does.${advice}`,
      { instanceId: instance.id, quarantined: this.#quarantined.size },
    );
    this.#serveWaiting();
    this.#notifyEmpty();
  }

  /** The most recently used instance with room; else a new one; else nothing. */
  #pick(): Instance | undefined {
    const instance = this.#available.at(-1);
    if (instance) return instance;
    return this.#room() > 0 ? this.#spawn(false) : undefined;
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
    this.#memory.start();
    instance.listed = true;
    // First in the list, so last to be chosen: those that are ready come before it.
    this.#available.unshift(instance);
    return instance;
  }

  #whenReady(instance: Instance): Promise<void> {
    return new Promise((resolve, reject) => {
      const before = this.#starting.get(instance);
      this.#starting.set(instance, {
        ready() {
          before?.ready();
          resolve();
        },
        failed(error) {
          before?.failed(error);
          reject(error);
        },
      });
    });
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
      if (!waiting || (!instance && !this.#hopeless)) return;
      this.#waiting.delete(waiting);
      waiting.leave();
      const { call, signal, resolve, reject } = waiting;
      if (instance) this.#begin(instance, call, signal, resolve, reject);
      else reject(this.#failures.throttled(this.#quarantined.size));
    }
  }

  readonly #onCancelled = (waiting: WaitingCall): void => {
    this.#waiting.delete(waiting);
    waiting.leave();
    waiting.reject(neverRan(this.#failures.cancelled(waiting.signal?.reason)));
    if (this.#state === 'draining') this.#notifyEmpty();
  };

  /** Brings the pool to its standing capacity. */
  #fill(): void {
    if (this.#state !== 'open' || this.#standing.waiting) return;
    const wanted = Math.min(this.#settings.minInstances, this.#settings.maxInstances);
    while (this.#instances.size < wanted && this.#room() > 0) this.#spawn(true);
  }

  #armReap(): void {
    if (this.#cancelReap || this.#state !== 'open') return;
    if (this.#instances.size <= this.#settings.minInstances) return;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const instance of this.#instances)
      if (instance.state === 'ready' && instance.active === 0)
        oldestMs = Math.min(oldestMs, instance.idleSinceMs);
    if (oldestMs === Number.POSITIVE_INFINITY) return;
    const dueMs = oldestMs + this.#settings.idleSeconds * 1000;
    this.#cancelReap = this.#clock.after(Math.max(0, dueMs - this.#clock.now()), this.#reap);
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
    if (this.#waiting.size > 0) return true;
    for (const instance of this.#instances) if (instance.active > 0) return true;
    return false;
  }

  #notifyEmpty(): void {
    if (this.#state === 'draining' ? this.#busy() : this.#ending.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}

/** Beside the code, so that it goes when the version goes. */
function compileCacheFolder(codeFolder: string): string {
  // The sources of this library are the same for all versions, and dear to load.
  if (isUnbuilt) return join(tmpdir(), 'polyfaas-sources-compile-cache');
  return join(dirname(codeFolder), `.${basename(codeFolder)}-compile-cache`);
}
