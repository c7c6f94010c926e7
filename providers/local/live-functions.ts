/** The running side of deployed functions: which pool serves which version. */
import {
  type Clock,
  type FunctionRef,
  type JsonObject,
  noSuchVersion,
  notDeployed,
  ServerlessError,
} from 'polyfaas/spi';
import { failureLine, failureOf } from './call-failure.ts';
import { isolationOf } from './options.ts';
import type {
  CallRecords,
  CreateInstancePool,
  InstancePool,
  LocalCall,
  LocalReply,
} from './ports.ts';
import type { Places } from './runtime/index.ts';
import type { CodeStore } from './state/code-store.ts';
import {
  type FunctionRecord,
  type FunctionSettings,
  type FunctionStore,
  type VersionRecord,
  servedVersions,
} from './state/functions.ts';
import type { SecretFile } from './state/secrets.ts';
import { type CallFigures, isStreamed } from './streamed-reply.ts';

export interface LiveParts {
  readonly functions: FunctionStore;
  readonly code: CodeStore;
  readonly secrets: SecretFile;
  readonly records: CallRecords;
  readonly createPool: CreateInstancePool;
  /** What the instances of all functions have together. */
  readonly places: Places;
  readonly clock: Clock;
  readonly warn: (message: string, fields: JsonObject) => void;
}

/** One version with its pool. */
export interface ServedVersion {
  readonly ref: FunctionRef;
  readonly version: string;
  readonly timeoutSeconds: number;
  readonly pool: InstancePool;
}

interface Entry extends ServedVersion {
  readonly record: VersionRecord;
  /** What the pool was made with: a pool of other settings is not reused. */
  readonly settingsKey: string;
}

interface Function {
  live: Entry | undefined;
  /** Pools of versions that are not live, and were called by name. */
  readonly others: Map<number, Entry>;
}

export class LiveFunctions {
  readonly #parts: LiveParts;
  readonly #functions = new Map<string, Function>();
  /** Pools that a deploy has just begun to try. */
  readonly #trials = new Set<InstancePool>();
  readonly #draining = new Set<Promise<void>>();
  #isClosed = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** The pool of the live version, or of the one named. The hot path: no await, no copy. */
  find(physicalName: string, ref: FunctionRef, version: string | undefined): ServedVersion {
    const known = this.#functions.get(physicalName);
    const live = known?.live;
    const isWanted = live && (version === undefined || version === live.version);
    if (isWanted && isSame(live.ref, ref)) return live;
    return this.#load(physicalName, ref, version);
  }

  /**
   * Starts an instance of a version and ends it again, so that code which cannot start never goes live.
   * It is not kept: a first call is a cold start here as it is elsewhere. CANCELLED when it is closed meanwhile.
   */
  async verify(
    record: FunctionRecord,
    ref: FunctionRef,
    version: number,
    settings: FunctionSettings,
  ): Promise<void> {
    // It needs one instance for a moment, and waits for nobody.
    const trial = this.#make(record, ref, version, settings, 0, true);
    this.#trials.add(trial.pool);
    try {
      await trial.pool.warm(1);
    } finally {
      this.#trials.delete(trial.pool);
      this.#drain(trial);
    }
  }

  /** Moves calls to what the record says. Calls under way end where they began. */
  adopt(record: FunctionRecord): void {
    const { ref, liveVersion, settings } = record;
    const known = this.#functionOf(record.physicalName);
    const before = known.live;
    if (!ref || liveVersion === null || !settings) {
      known.live = undefined;
      this.#drain(before);
      return;
    }
    if (before?.record.version === liveVersion && before.settingsKey === keyOf(settings)) return;
    known.live = this.#make(record, ref, liveVersion, settings, settings.minInstances);
    this.#drain(before);
    this.#drain(known.others.get(liveVersion));
    known.others.delete(liveVersion);
  }

  /**
   * As {@link adopt}, when nobody asked for it. What a version needs may be gone, such as a secret: the next call is
   * told so, and nobody else is stopped by it.
   */
  restore(record: FunctionRecord): void {
    try {
      this.adopt(record);
    } catch (error) {
      this.#parts.warn('A function cannot start any more.', {
        function: record.ref?.name ?? record.physicalName,
        reason: String(error),
      });
    }
  }

  /** Resolves when the standing instances of the live version run. */
  async ready(physicalName: string, instances: number): Promise<void> {
    if (instances > 0) await this.#functions.get(physicalName)?.live?.pool.warm(instances);
  }

  /** New instances read their environment anew. */
  refresh(usesSecret: (version: VersionRecord) => boolean): void {
    for (const [physicalName, known] of this.#functions) {
      for (const [version, entry] of known.others) {
        if (!usesSecret(entry.record)) continue;
        known.others.delete(version);
        this.#drain(entry);
      }
      if (!known.live || !usesSecret(known.live.record)) continue;
      this.#drain(known.live);
      known.live = undefined;
      const record = this.#parts.functions.get(physicalName);
      if (record) this.restore(record);
    }
  }

  async forget(physicalName: string): Promise<void> {
    const known = this.#functions.get(physicalName);
    this.#functions.delete(physicalName);
    const others = [...(known?.others.values() ?? [])];
    const entries = known?.live ? [known.live, ...others] : others;
    await Promise.all(entries.map(({ pool }) => pool.close()));
  }

  dropVersions(physicalName: string, versions: readonly number[]): void {
    const known = this.#functions.get(physicalName);
    for (const version of versions) {
      this.#drain(known?.others.get(version));
      known?.others.delete(version);
    }
  }

  /** From here on nothing starts: a deploy that is still under way would leave its instances behind. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const trials = [...this.#trials].map((pool) => pool.close());
    await Promise.all([...trials, ...[...this.#functions.keys()].map((name) => this.forget(name))]);
    await Promise.all(this.#draining);
  }

  /** Calls a version and remembers the call. */
  async call(served: ServedVersion, call: LocalCall, signal?: AbortSignal): Promise<LocalReply> {
    let reply: LocalReply;
    try {
      reply = await served.pool.call(call, signal);
    } catch (error) {
      this.#rememberFailure(served, call, error);
      throw error;
    }
    if (!isStreamed(reply)) {
      this.#remember(served, call, reply);
    } else {
      // The reply has only begun, and may yet fail or take too long.
      reply.whole.then(
        (figures) => this.#remember(served, call, figures),
        (error: unknown) => this.#rememberFailure(served, call, error),
      );
    }
    return reply;
  }

  /** Throws NOT_FOUND, and starts nothing: logs can be read also of what cannot start. */
  mustExist(
    physicalName: string,
    ref: FunctionRef,
  ): FunctionRecord & { settings: FunctionSettings } {
    const record = this.#parts.functions.get(physicalName);
    const { settings } = record ?? {};
    if (!record?.ref || !isSame(record.ref, ref) || record.liveVersion === null || !settings) {
      throw notDeployed('local', ref);
    }
    return { ...record, settings };
  }

  #remember(served: ServedVersion, call: LocalCall, figures: CallFigures): void {
    this.#parts.records.add({
      ref: served.ref,
      requestId: call.meta.requestId,
      version: served.version,
      kind: call.kind,
      endedMs: this.#parts.clock.now(),
      durationMs: figures.durationMs,
      initDurationMs: figures.initDurationMs,
      coldStart: figures.coldStart,
      outcome: 'ok',
      memoryMb: figures.memoryMb,
    });
  }

  #rememberFailure({ ref, version }: ServedVersion, call: LocalCall, error: unknown): void {
    const { records, clock } = this.#parts;
    const { requestId } = call.meta;
    const endedMs = clock.now();
    records.add({ ref, requestId, version, kind: call.kind, endedMs, ...failureOf(error) });
    const line = failureLine(error, requestId, endedMs);
    if (line) records.addLog(ref, version, line);
  }

  #load(physicalName: string, ref: FunctionRef, version: string | undefined): ServedVersion {
    const record = this.mustExist(physicalName, ref);
    this.adopt(record);
    const known = this.#functionOf(physicalName);
    if (known.live && (version === undefined || version === known.live.version)) return known.live;
    const wanted = servedVersions(record.versions).find((one) => String(one.version) === version);
    if (!wanted) throw noSuchVersion('local', ref, version ?? '', keptOf(record));
    return this.#beside(record, ref, wanted.version, record.settings);
  }

  #functionOf(physicalName: string): Function {
    const known = this.#functions.get(physicalName) ?? { live: undefined, others: new Map() };
    this.#functions.set(physicalName, known);
    return known;
  }

  /** The pool of a version beside the live one. */
  #beside(
    record: FunctionRecord,
    ref: FunctionRef,
    version: number,
    settings: FunctionSettings,
  ): Entry {
    const { others } = this.#functionOf(record.physicalName);
    const present = others.get(version);
    if (present?.settingsKey === keyOf(settings)) return present;
    this.#drain(present);
    const made = this.#make(record, ref, version, settings, 0);
    others.set(version, made);
    return made;
  }

  #make(
    record: FunctionRecord,
    ref: FunctionRef,
    version: number,
    settings: FunctionSettings,
    minInstances: number,
    isTrial = false,
  ): Entry {
    if (this.#isClosed) throw closed(ref);
    const { code, secrets, records, createPool, places, clock, warn } = this.#parts;
    const body = record.versions.find((one) => one.version === version);
    if (!body) throw noSuchVersion('local', ref, String(version), keptOf(record));
    const name = String(version);
    const { isolation, idleSeconds, maxWaiting } = settings.instance;
    const pool = createPool(
      {
        identity: {
          app: ref.app,
          stage: ref.stage,
          functionName: ref.name,
          version: name,
          memoryMb: body.memoryMb,
          timeoutSeconds: body.timeoutSeconds,
          provider: 'local',
          region: 'local',
        },
        codeFolder: code.folderOf(body.artifactDigest),
        entryFile: body.entryFile,
        env: secrets.resolve(body.env),
        memoryMb: body.memoryMb,
        timeoutSeconds: body.timeoutSeconds,
        concurrency: settings.concurrency,
        minInstances,
        maxInstances: settings.maxInstances,
        isolation: isolationOf(isolation, body),
        idleSeconds,
        maxWaiting,
      },
      {
        // Stamped when it arrives: the platform has one time, whatever an instance thinks of it.
        log: (entry) => records.addLog(ref, name, { ...entry, timeMs: clock.now() }),
        warn: (message, fields) => warn(message, { ...fields, function: ref.name, version: name }),
      },
      clock,
      isTrial ? undefined : places,
    );
    return {
      ref,
      version: name,
      timeoutSeconds: body.timeoutSeconds,
      pool,
      record: body,
      settingsKey: keyOf(settings),
    };
  }

  #drain(entry: Entry | undefined): void {
    if (!entry) return;
    const ended: Promise<void> = entry.pool
      .drain()
      .catch((error: unknown) => {
        this.#parts.warn('An old version did not end cleanly.', { reason: String(error) });
      })
      .finally(() => this.#draining.delete(ended));
    this.#draining.add(ended);
  }
}

/** Two functions may have one platform name: `shop` `dev-x` `y`, and `shop` `dev` `x-y`. */
function isSame(a: FunctionRef, b: FunctionRef): boolean {
  return a === b || (a.name === b.name && a.stage === b.stage && a.app === b.app);
}

/** A pool is made anew when one of these changes. */
function keyOf(settings: FunctionSettings): string {
  const { minInstances, maxInstances, concurrency, instance } = settings;
  return JSON.stringify([minInstances, maxInstances, concurrency, instance]);
}

function closed(ref: FunctionRef): ServerlessError {
  return new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'local',
    function: ref.name,
    message: `"${ref.name}" cannot start: the local provider is being closed. Create a new manager.`,
  });
}

function keptOf({ versions }: FunctionRecord): readonly string[] {
  return versions.map(({ version }) => String(version));
}
