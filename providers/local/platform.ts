/** The platform itself: everything that runs behind the provider, for every app in one state folder. */
import {
  type Binding,
  type Clock,
  type CallContext,
  type CoreLog,
  type FunctionRef,
  type Random,
} from 'polyfaas/spi';
import { startsAtOnce, thisMachine } from './default-instances.ts';
import type { Effects } from './effects.ts';
import { createEventPlatform } from './events/index.ts';
import { createGateway } from './gateway/index.ts';
import { LiveFunctions } from './live-functions.ts';
import { httpOutput, jsonOutput } from './reply-output.ts';
import type { PlatformSettings } from './options.ts';
import type {
  CallRecords,
  Dispatch,
  DispatchHttp,
  EventPlatform,
  Gateway,
  InstanceLog,
  LocalStore,
} from './ports.ts';
import { createCallRecords, DAY_MS, DEFAULT_RECORD_LIMITS } from './records/index.ts';
import { createInstancePool, Places } from './runtime/index.ts';
import { CodeStore } from './state/code-store.ts';
import { FunctionStore, type FunctionRecord } from './state/functions.ts';
import { SecretFile } from './state/secrets.ts';
import { openStore } from './store/index.ts';

export interface PlatformParts {
  readonly settings: PlatformSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: CoreLog;
  readonly effects: Effects;
  /** The platform's name for a function. */
  readonly nameOf: (ref: FunctionRef) => string;
}

export class Platform {
  readonly functions: FunctionStore;
  readonly code: CodeStore;
  readonly secrets: SecretFile;
  readonly records: CallRecords;
  readonly live: LiveFunctions;
  readonly events: EventPlatform;
  readonly gateway: Gateway;
  readonly effects: Effects;
  readonly #store: LocalStore;
  readonly #nameOf: (ref: FunctionRef) => string;
  /** To whom it is said when something is not as one would think. */
  #warn: CallContext['warn'];
  readonly #closeGraceMs: number;
  #closed: Promise<void> | undefined;

  private constructor(store: LocalStore, parts: PlatformParts) {
    const { settings, clock, random, log } = parts;
    this.#warn = (message, fields) => log.log('warn', message, fields);
    const warn: CallContext['warn'] = (message, fields) => this.#warn(message, fields);
    this.#store = store;
    this.#closeGraceMs = settings.closeGraceSeconds * 1000;
    this.#nameOf = parts.nameOf;
    this.effects = parts.effects;
    this.functions = new FunctionStore(store);
    this.code = new CodeStore(store.folder, clock, settings.durability);
    const onSecret = (name: string): void =>
      this.live.refresh(({ env }) =>
        Object.values(env).some((value) => typeof value !== 'string' && value.$secret === name),
      );
    this.secrets = new SecretFile(store.folder, onSecret, settings.durability, (work) =>
      store.transaction(work),
    );
    const limits = { ...DEFAULT_RECORD_LIMITS, keepMs: settings.keepRecordsDays * DAY_MS };
    this.records = createCallRecords(store, clock, limits, warn);
    this.live = new LiveFunctions({
      functions: this.functions,
      code: this.code,
      secrets: this.secrets,
      records: this.records,
      createPool: createInstancePool,
      places: new Places(settings.maxTotalInstances, {
        startsAtOnce: startsAtOnce(thisMachine()),
      }),
      clock,
      warn,
    });
    this.events = createEventPlatform({
      store,
      dispatch: this.#dispatch,
      clock,
      random,
      warn,
      tell: (ref, message, fields) => this.#tell(ref, { timeMs: clock.now(), message, fields }),
    });
    this.gateway = createGateway({
      options: settings,
      dispatch: this.#dispatchHttp,
      clock,
      warn,
    });
  }

  /** Opens the state folder and takes up what an earlier process left: bindings, routes, deliveries. */
  static async open(parts: PlatformParts): Promise<Platform> {
    const { stateFolder: folder, durability } = parts.settings;
    const store = openStore({ folder, durability });
    let platform: Platform | undefined;
    try {
      platform = new Platform(store, parts);
      const { functions, code } = platform;
      await code.sweep(functions);
      for (const record of platform.functions.all()) {
        if (record.ref && record.liveVersion !== null) {
          await platform.#route(record.ref, record.bindings);
          platform.events.setBindings(record.ref, record.bindings);
        }
      }
      platform.events.start();
      for (const record of platform.functions.all()) {
        if ((record.settings?.minInstances ?? 0) > 0) platform.live.restore(record);
      }
      return platform;
    } catch (error) {
      // Routes may listen and instances run by now.
      if (platform) await platform.close();
      else store.close();
      throw error;
    }
  }

  /** Makes routes before the commit, so that a port in use is known while nothing has changed. */
  async goLive(
    ref: FunctionRef,
    change: () => FunctionRecord,
    routes: readonly Binding[] | undefined,
    warn: CallContext['warn'],
  ): Promise<FunctionRecord> {
    const before = this.functions.get(this.#nameOf(ref))?.bindings ?? [];
    if (routes) await this.#route(ref, routes);
    let record: FunctionRecord;
    try {
      record = await this.effects.run('record.write', true, change);
    } catch (error) {
      if (routes) await this.#route(ref, before);
      throw error;
    }
    this.live.adopt(record);
    this.#telling(warn, () => this.events.setBindings(ref, record.bindings));
    await this.#route(ref, record.bindings);
    return record;
  }

  /** Takes the function away, triggers first, so that nothing reaches a half-removed function. */
  async remove(ref: FunctionRef, physicalName: string, warn: CallContext['warn']): Promise<void> {
    await this.gateway.setRoutes(ref, []);
    this.#telling(warn, () => this.events.forget(ref));
    await this.live.forget(physicalName);
    // Nearly all of them: there may be a million, and a removal that is cut off meanwhile is repeated.
    await this.records.forget(ref);
    // What was accepted meanwhile. The record goes last: a removal that was cut off can be repeated while it is there.
    this.#telling(warn, () => this.events.forget(ref));
    await this.effects.run('record.delete', true, () => this.functions.remove(physicalName));
    // A call that came in between found the record, and has started what nobody would end.
    await this.live.forget(physicalName);
    await this.records.forget(ref);
    await this.sweep();
  }

  /** What the work has to say is for whoever asked for it. It is done when this returns. */
  #telling(warn: CallContext['warn'], work: () => void): void {
    const before = this.#warn;
    this.#warn = warn;
    try {
      work();
    } finally {
      this.#warn = before;
    }
  }

  /** Whether the live version's code is on the disk, and whole; true where there is no live version. */
  async hasLiveCode(record: FunctionRecord | undefined, read: 'cheap' | 'full'): Promise<boolean> {
    const live = record?.versions.find(({ version }) => version === record.liveVersion);
    return live === undefined || this.code.has(live.artifactDigest, read);
  }

  /** Deletes code that no version needs. */
  sweep(): Promise<void> {
    return this.effects.run('artifacts.sweep', true, () => this.code.sweep(this.functions));
  }

  close(): Promise<void> {
    // Asked again, it ends what a close that failed had left.
    this.#closed ??= this.#close().catch((error: unknown) => {
      this.#closed = undefined;
      throw error;
    });
    return this.#closed;
  }

  async #close(): Promise<void> {
    const parts: readonly (() => void | Promise<void>)[] = [
      () => this.gateway.close(1000),
      () => this.events.stop(this.#closeGraceMs),
      () => this.live.close(),
      () => this.records.close(),
      // Whatever did not end: the state folder is free for the next one.
      () => this.#store.close(),
    ];
    const failures: unknown[] = [];
    for (const close of parts) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** As a killed process leaves it: nothing finished, nothing told. */
  async abandon(): Promise<void> {
    this.#closed ??= Promise.resolve();
    this.#store.close();
    // There is nothing to write to any more; but who follows a log must not hold the process for it.
    this.records.close();
    await Promise.allSettled([this.gateway.close(0), this.events.stop(0), this.live.close()]);
  }

  /** A function that is gone has no log any more. */
  #tell(ref: FunctionRef, line: Pick<InstanceLog, 'timeMs' | 'message' | 'fields'>): void {
    const version = this.functions.get(this.#nameOf(ref))?.liveVersion ?? null;
    if (version === null) return;
    this.records.addLog(ref, String(version), { ...line, level: 'error', instanceId: '' });
  }

  #route(ref: FunctionRef, bindings: readonly Binding[]): Promise<void> {
    const routes = bindings.flatMap(({ id, event }) =>
      event.type === 'http' && event.enabled ? [{ ref, bindingId: id, event }] : [],
    );
    return this.gateway.setRoutes(ref, routes);
  }

  readonly #dispatch: Dispatch = async (ref, call, signal) => {
    const served = this.live.find(this.#nameOf(ref), ref, undefined);
    const reply = await this.live.call(
      served,
      {
        kind: call.kind,
        event: call.event,
        meta: {
          requestId: call.requestId,
          attempt: call.attempt,
          deadline: Date.now() + served.timeoutSeconds * 1000,
          trace: call.trace,
        },
      },
      signal,
    );
    return jsonOutput(reply);
  };

  readonly #dispatchHttp: DispatchHttp = async (ref, request, requestId, trace, signal) => {
    const served = this.live.find(this.#nameOf(ref), ref, undefined);
    const reply = await this.live.call(
      served,
      {
        kind: 'http',
        event: request,
        meta: {
          requestId,
          attempt: 1,
          deadline: Date.now() + served.timeoutSeconds * 1000,
          trace,
        },
      },
      signal,
    );
    return httpOutput(reply);
  };
}
