import { randomUUID } from 'node:crypto';
import type { World } from '../../core/ports.ts';
import { AwsFault } from '../../core/service.ts';
import type { ConcurrencyLimits, VersionConfig } from '../execution.ts';
import type { CodeStore } from './code-store.ts';
import { type InitializationType, instanceEnvironment, logStreamName } from './environment.ts';
import { throttled } from './failures.ts';
import { transportFor } from './foreign-transport.ts';
import { InstanceLog } from './instance-log.ts';
import { Instance } from './instance.ts';
import { initStartLines } from './platform-lines.ts';
import type { RuntimeApi } from './runtime-api.ts';
import { fingerprintOf, Slot } from './slot.ts';
import { reportStart, startOf } from './starting.ts';
import type { CreateTransport } from './transport.ts';

export interface PoolParts {
  readonly world: World;
  readonly code: CodeStore;
  readonly api: RuntimeApi;
  readonly node: CreateTransport;
  /** Free instances that are kept at most; those that were not used for longest go first. */
  readonly maxIdle: number;
}

/** An instance for one call. */
export interface Lease {
  readonly instance: Promise<Instance>;
  /** Started for this call. */
  readonly isNew: boolean;
  release(): void;
}

/** How long a free instance is kept, in simulated time. Lambda does not say; minutes are what one sees. */
const IDLE_MS = 10 * 60_000;
/** AWS Lambda quotas: concurrent executions of an account and region. */
const ACCOUNT_CONCURRENCY = 1000;
const WATCH_MS = 25;
const END_PATIENCE_MS = 2000;

/** All instances of all functions. */
export class Pool {
  readonly #parts: PoolParts;
  readonly #slots = new Set<Slot>();
  readonly #instances = new Map<string, Instance>();
  readonly #running = new Map<string, number>();
  readonly #targets = new Map<string, { readonly config: VersionConfig; readonly count: number }>();
  /** Threads may end later than what ran in them is given up. */
  readonly #ending = new Set<Promise<void>>();
  readonly #watched = new Set<{ readonly instance: Instance }>();
  #watch: NodeJS.Timeout | undefined;
  #runningOfAccount = 0;
  #uses = 0;
  #isStopped = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  find(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  running(functionName: string): { readonly ofFunction: number; readonly ofAccount: number } {
    return { ofFunction: this.#running.get(functionName) ?? 0, ofAccount: this.#runningOfAccount };
  }

  /** Throws `TooManyRequestsException` when no more calls may run at once. */
  acquire(config: VersionConfig, limits: ConcurrencyLimits, wantTail: boolean): Lease {
    if (this.#isStopped) throw new AwsFault(503, 'ServiceException', 'The fake was stopped.');
    this.#checkLimits(config.functionName, limits);
    const found = this.#free(fingerprintOf(config));
    const slot = found ?? this.#open(config, 'on-demand', wantTail);
    slot.isBusy = true;
    slot.cancelReaping?.();
    this.#count(config.functionName, 1);
    return {
      instance: slot.instance,
      isNew: found === undefined,
      release: () => {
        this.#count(config.functionName, -1);
        this.#release(slot);
      },
    };
  }

  provision(config: VersionConfig, count: number): void {
    this.#targets.set(keyOf(config), { config, count });
    this.#fill(config, count);
  }

  /** Free instances end now, others with their call. */
  drop(matches: (config: VersionConfig) => boolean): void {
    for (const [key, { config }] of this.#targets) if (matches(config)) this.#targets.delete(key);
    for (const slot of this.#slots) if (matches(slot.config)) this.#retire(slot);
  }

  /** Looks after the memory of an instance until what is returned is called. */
  watch(instance: Instance): () => void {
    // The same instance may be watched twice.
    const entry = { instance };
    this.#watched.add(entry);
    this.#watch ??= setInterval(() => {
      for (const watched of this.#watched) watched.instance.checkMemory();
    }, WATCH_MS).unref();
    return () => {
      this.#watched.delete(entry);
      if (this.#watched.size > 0) return;
      clearInterval(this.#watch);
      this.#watch = undefined;
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#targets.clear();
    clearInterval(this.#watch);
    for (const slot of this.#slots) this.#close(slot);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, END_PATIENCE_MS);
    });
    // What is still opening adds itself to those that end.
    while (this.#ending.size > 0) {
      const all = Promise.all(this.#ending).then(() => true);
      if ((await Promise.race([all, patience])) !== true) break;
    }
    clearTimeout(timer);
  }

  #checkLimits(functionName: string, { reserved }: ConcurrencyLimits): void {
    const { ofFunction, ofAccount } = this.running(functionName);
    if (reserved !== undefined && ofFunction >= reserved)
      throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    if (ofAccount >= ACCOUNT_CONCURRENCY) throw throttled('ConcurrentInvocationLimitExceeded');
  }

  /** What was started ahead comes first, even when it is not ready yet; then what was used last. */
  #free(fingerprint: string): Slot | undefined {
    let best: Slot | undefined;
    for (const slot of this.#slots) {
      if (slot.isBusy || slot.isRetired || slot.fingerprint !== fingerprint) continue;
      const isBetter =
        best === undefined ||
        (slot.isProvisioned === best.isProvisioned
          ? slot.usedAt > best.usedAt
          : slot.isProvisioned);
      if (isBetter) best = slot;
    }
    return best;
  }

  #open(config: VersionConfig, initialization: InitializationType, wantTail: boolean): Slot {
    const slot = new Slot(config, initialization, (self) => this.#start(self, wantTail));
    this.#slots.add(slot);
    slot.instance.catch(() => this.#forget(slot));
    return slot;
  }

  async #start(slot: Slot, wantTail: boolean): Promise<Instance> {
    const { config, initialization } = slot;
    const { world, code, api, node } = this.#parts;
    const [folders, runtimeApi] = await Promise.all([
      code.folders(config).catch((cause: unknown) => {
        throw new AwsFault(
          502,
          'InvalidZipFileException',
          `The zip cannot be read: ${String(cause)}`,
        );
      }),
      api.address(),
    ]);
    if (this.#isStopped) throw new AwsFault(503, 'ServiceException', 'The fake was stopped.');
    const id = randomUUID();
    const stream = logStreamName(world.clock.now(), config.version);
    const log = new InstanceLog(world, config, stream);
    log.begin(wantTail);
    const time = new Date(world.clock.now()).toISOString();
    for (const line of initStartLines(config, time, initialization)) log.line(line);
    const instance = new Instance({
      id,
      config,
      initialization,
      log,
      taskRoot: folders.taskRoot,
      env: instanceEnvironment(world, config, {
        folders,
        runtimeApi,
        initialization,
        logStream: stream,
      }),
      create: transportFor(config.runtime, node),
      onEnd: () => this.#ended(slot, id),
    });
    this.#instances.set(id, instance);
    const ending = instance.ended.then(() => void this.#ending.delete(ending));
    this.#ending.add(ending);
    return instance;
  }

  #release(slot: Slot): void {
    slot.isBusy = false;
    if (slot.isEnded) return;
    this.#uses += 1;
    slot.usedAt = this.#uses;
    if (slot.isRetired) {
      this.#close(slot);
      return;
    }
    if (slot.isProvisioned) return;
    slot.cancelReaping = this.#parts.world.clock.after(IDLE_MS, () => this.#close(slot));
    this.#trim();
  }

  #trim(): void {
    const idle = [...this.#slots].filter((slot) => !slot.isBusy && !slot.isProvisioned);
    if (idle.length <= this.#parts.maxIdle) return;
    const oldest = idle.reduce((least, slot) => (slot.usedAt < least.usedAt ? slot : least));
    this.#close(oldest);
  }

  #retire(slot: Slot): void {
    slot.isRetired = true;
    if (!slot.isBusy) this.#close(slot);
  }

  #close(slot: Slot): void {
    this.#forget(slot);
    const end = slot.instance.then(
      (instance) => {
        instance.kill();
        return instance.ended;
      },
      () => {},
    );
    const ending = end.then(() => void this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #forget(slot: Slot): void {
    slot.isEnded = true;
    slot.cancelReaping?.();
    this.#slots.delete(slot);
  }

  #ended(slot: Slot, id: string): void {
    this.#forget(slot);
    this.#instances.delete(id);
    if (!slot.isProvisioned || slot.isRetired || this.#isStopped) return;
    // What never served fails at its start, and would again.
    const target = this.#targets.get(keyOf(slot.config));
    if (target && slot.hasStarted) this.#fill(target.config, target.count);
  }

  #fill(config: VersionConfig, count: number): void {
    const key = keyOf(config);
    const present = [...this.#slots].filter(
      (slot) => slot.isProvisioned && !slot.isRetired && keyOf(slot.config) === key,
    );
    for (const slot of present.slice(count)) this.#retire(slot);
    for (let index = present.length; index < count; index += 1) this.#startAhead(config);
  }

  #startAhead(config: VersionConfig): void {
    const slot = this.#open(config, 'provisioned-concurrency', false);
    this.#parts.world.work.run(async () => {
      const instance = await slot.instance.catch(() => undefined);
      if (!instance) return;
      const unwatch = this.watch(instance);
      const outcome = await startOf(this.#parts.world, instance);
      unwatch();
      reportStart(this.#parts.world, instance, outcome, instance.id);
      slot.hasStarted = outcome.kind === 'done';
    });
  }

  #count(functionName: string, change: 1 | -1): void {
    this.#runningOfAccount += change;
    const running = (this.#running.get(functionName) ?? 0) + change;
    if (running === 0) this.#running.delete(functionName);
    else this.#running.set(functionName, running);
  }
}

function keyOf({ functionName, version }: VersionConfig): string {
  return `${functionName}:${version}`;
}
