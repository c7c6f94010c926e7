/** One running instance: the handler's runtime, what it is called with, and the line that each call leaves. */
import type { InvocationContext } from '@azure/functions';
import {
  type BoundHandler,
  type CallMeta,
  type HandlerRuntime,
  type RuntimeIdentity,
  type ShimCall,
  type ShimReply,
  type TraceContext,
} from 'polyfaas/function';
import { inTime, OverdueError, parseDirectKeys, type DirectKey } from 'polyfaas/http';
import {
  SETTING,
  type AsyncRules,
  type BindingPolicy,
  type CallLine,
  type PackageManifest,
} from '../manifest.ts';
import { LineSink } from './log.ts';
import { settingOf } from './settings.ts';

export interface CallAbout {
  readonly requestId: string;
  readonly attempt?: number;
  readonly trace?: TraceContext | undefined;
  readonly signal?: AbortSignal;
}

/** A request that waits for its instance is there sooner. */
const STANDING_AFTER_MS = 1_000;

export class Instance {
  readonly manifest: PackageManifest;
  readonly identity: RuntimeIdentity;
  readonly sink: LineSink;
  readonly keys: readonly DirectKey[];
  readonly policies: readonly BindingPolicy[];
  readonly asyncRules: AsyncRules | undefined;
  /** From the first line of the package to the moment when it could be called. */
  readonly initDurationMs: number;
  readonly #handler: BoundHandler;
  readonly #hasStanding = Number(process.env[SETTING.alwaysReady] ?? 0) > 0;
  readonly #readyAt = performance.now();
  #isTouched = false;
  #runtime: HandlerRuntime | undefined;

  constructor(
    handler: BoundHandler,
    manifest: PackageManifest,
    beganAt: number,
    keys: string | undefined,
  ) {
    this.#handler = handler;
    this.manifest = manifest;
    this.sink = new LineSink(manifest.version);
    const { app, stage, functionName, version, memoryMb, timeoutSeconds, region } = manifest;
    this.identity = {
      app,
      stage,
      functionName,
      version,
      memoryMb,
      timeoutSeconds,
      region,
      provider: 'azure',
      instanceId: instanceIdOf(),
    };
    this.keys = parseDirectKeys(keys ?? '');
    this.policies = settingOf<readonly BindingPolicy[]>(SETTING.bindings) ?? [];
    this.asyncRules = settingOf<AsyncRules>(SETTING.async);
    this.initDurationMs = performance.now() - beganAt;
  }

  get isFresh(): boolean {
    return this.#runtime === undefined;
  }

  /** The one runtime. `isAhead`: nobody waits for its first call, so that call is not cold. */
  runtime(isAhead: boolean): HandlerRuntime {
    this.#runtime ??= this.#handler.start(
      { ...this.identity, startedAhead: isAhead || this.#isStanding() },
      this.sink,
    );
    return this.#runtime;
  }

  /** A request came that did not run the handler. */
  touch(): void {
    this.#isTouched = true;
  }

  /**
   * Whether this is an instance that is always ready. Azure does not tell; but one that is started because of a request
   * gets it at once.
   */
  #isStanding(): boolean {
    return (
      this.#hasStanding &&
      (this.#isTouched || performance.now() - this.#readyAt > STANDING_AFTER_MS)
    );
  }

  /** Calls the handler within its timeout, and leaves a line about it. Rejects with what it threw. */
  async call(call: ShimCall, about: CallAbout, context: InvocationContext): Promise<ShimReply> {
    const { requestId } = about;
    const { timeoutSeconds, functionName } = this.identity;
    const runtime = this.runtime(false);
    const coldStart = runtime.cold;
    const began = performance.now();
    const controller = new AbortController();
    const signal = about.signal
      ? AbortSignal.any([about.signal, controller.signal])
      : controller.signal;
    const meta: CallMeta = {
      requestId,
      attempt: about.attempt ?? 1,
      deadline: Date.now() + timeoutSeconds * 1_000,
      trace: about.trace,
    };
    this.sink.begin(requestId, context);
    let outcome: CallLine['outcome'] = 'ok';
    try {
      return await inTime(
        runtime.call(call, meta, signal),
        timeoutSeconds * 1_000,
        `The function "${functionName}" ran longer than its ${timeoutSeconds} s.`,
      );
    } catch (error) {
      outcome = error instanceof OverdueError ? 'timeout' : 'error';
      if (outcome === 'timeout') controller.abort(error);
      throw error;
    } finally {
      this.line(call.kind, requestId, coldStart, outcome, performance.now() - began);
      this.sink.end(requestId);
    }
  }

  line(
    kind: CallLine['kind'],
    requestId: string,
    coldStart: boolean,
    outcome: CallLine['outcome'],
    durationMs: number,
  ): void {
    const line: CallLine = {
      polyfaas: 'call',
      kind,
      requestId,
      version: this.identity.version,
      instanceId: this.identity.instanceId ?? '',
      coldStart,
      outcome,
      durationMs: rounded(durationMs),
      initDurationMs: coldStart ? rounded(this.initDurationMs) : null,
      memoryMb: rounded(process.memoryUsage.rss() / 1_048_576),
    };
    this.sink.line(line, requestId);
  }
}

/** App Service's id of the machine is shared by the processes on it. */
function instanceIdOf(): string {
  const machine = process.env['WEBSITE_INSTANCE_ID'] ?? process.env['CONTAINER_NAME'] ?? 'local';
  return `${machine.slice(0, 16)}-${process.pid}`;
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
