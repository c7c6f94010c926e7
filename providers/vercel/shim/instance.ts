/** One running instance: the handler's runtime, what it is called with, and the line that each call leaves. */
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
  type DirectKey,
  LineSink,
  parseDirectKeys,
  Watchdog,
  watched,
} from 'polyfaas/http';
import type { CallLine, FuncManifest } from '../manifest.ts';

/** What the environment held that is no business of the user's code. */
export interface Given {
  /** `VARIABLE.invokeKeys`; undefined without. */
  readonly keys: string | undefined;
  /** `VARIABLE.cronSecret`; undefined without schedules. */
  readonly cronSecret: string | undefined;
}

/** Nobody waits for an instance that stood ready for so long before its first request. */
const STANDING_AFTER_MS = 1_000;

/** What is the process's own, unless a test has many instances in one. */
export interface Outside {
  /** Default: the standard output. */
  readonly print?: (line: string) => void;
  readonly watchdog?: Pick<Watchdog, 'watch'>;
}

export class Instance {
  readonly manifest: FuncManifest;
  readonly identity: RuntimeIdentity;
  readonly sink: LineSink;
  readonly keys: readonly DirectKey[];
  readonly cronSecret: string | undefined;
  /** From the first line of the entry to the moment when it could be called. */
  readonly initDurationMs: number;
  readonly #handler: BoundHandler;
  readonly #watchdog: Pick<Watchdog, 'watch'>;
  readonly #readyAt = performance.now();
  #runtime: HandlerRuntime | undefined;
  #stood: boolean | undefined;

  constructor(
    handler: BoundHandler,
    manifest: FuncManifest,
    beganAt: number,
    given: Given,
    outside: Outside = {},
  ) {
    this.#handler = handler;
    this.manifest = manifest;
    this.sink = new LineSink(manifest.version, (level) => ({ level }), outside.print);
    const { app, stage, functionName, version, memoryMb, timeoutSeconds, region } = manifest;
    this.identity = {
      app,
      stage,
      functionName,
      version,
      memoryMb,
      timeoutSeconds,
      region: process.env['VERCEL_REGION'] || region,
      provider: 'vercel',
      instanceId: crypto.randomUUID(),
    };
    this.#watchdog =
      outside.watchdog ?? new Watchdog((message, requestId) => this.#lastLine(message, requestId));
    this.keys = parseDirectKeys(given.keys ?? '');
    this.cronSecret = given.cronSecret;
    this.initDurationMs = performance.now() - beganAt;
  }

  get isFresh(): boolean {
    return this.#runtime === undefined;
  }

  /** The one runtime. `isAhead`: nobody waits for its first call, so that call is not cold. */
  runtime(isAhead: boolean): HandlerRuntime {
    this.#runtime ??= watched(
      this.#handler.start(
        { ...this.identity, startedAhead: isAhead || this.#stood === true },
        this.sink,
      ),
      {
        watchdog: this.#watchdog,
        sink: this.sink,
        timeoutSeconds: this.identity.timeoutSeconds,
      },
    );
    return this.#runtime;
  }

  /** A request came, of whatever kind. One that an instance is started for is there at once. */
  touch(): void {
    this.#stood ??= performance.now() - this.#readyAt > STANDING_AFTER_MS;
  }

  /** Calls the handler within its timeout, and leaves a line about it. Rejects with what it threw. */
  async call(call: ShimCall, about: CallOccasion): Promise<ShimReply> {
    return callInTime(this.runtime(false), this.identity, call, about, (end) => this.line(end));
  }

  line(end: CallEnd): void {
    const line: CallLine = callLineOf(this.identity, end, this.initDurationMs);
    this.sink.line(line);
  }

  #lastLine(message: string, requestId: string): string {
    const { version } = this.identity;
    return JSON.stringify({ polyfaas: 'log', level: 'error', message, version, requestId });
  }
}
