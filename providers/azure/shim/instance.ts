/** One running instance: the handler's runtime, what it is called with, and the line that each call leaves. */
import type { InvocationContext } from '@azure/functions';
import type {
  BoundHandler,
  HandlerRuntime,
  RuntimeIdentity,
  ShimCall,
  ShimReply,
} from 'polyfaas/function';
import {
  callInTime,
  callLineOf,
  type CallEnd,
  type CallOccasion,
  parseDirectKeys,
  tellingOfEnds,
  withConsole,
  type DirectKey,
} from 'polyfaas/http';
import { SETTING, type AsyncRules, type BindingPolicy, type PackageManifest } from '../manifest.ts';
import { LineSink } from './log.ts';
import { settingOf } from './settings.ts';

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
    this.#runtime ??= tellingOfEnds(
      withConsole(
        this.#handler.start(
          { ...this.identity, startedAhead: isAhead || this.#isStanding() },
          this.sink,
        ),
        this.sink,
      ),
      // What goes to an invocation goes to the host later than now.
      (requestId, message) => this.sink.tell(undefined, 'error', message, undefined, requestId),
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
  async call(call: ShimCall, about: CallOccasion, context: InvocationContext): Promise<ShimReply> {
    const runtime = this.runtime(false);
    this.sink.begin(about.requestId, context);
    return callInTime(runtime, this.identity, call, about, (end) => {
      this.line(end);
      this.sink.end(end.requestId);
    });
  }

  line(end: CallEnd): void {
    this.sink.line(callLineOf(this.identity, end, this.initDurationMs), end.requestId);
  }
}

/** App Service's id of the machine is shared by the processes on it. */
function instanceIdOf(): string {
  const machine = process.env['WEBSITE_INSTANCE_ID'] ?? process.env['CONTAINER_NAME'] ?? 'local';
  return `${machine.slice(0, 16)}-${process.pid}`;
}
