/** One running instance: the handler's runtime, what it is called with, and the line that each call leaves. */
import {
  type BoundHandler,
  type CallMeta,
  type HandlerRuntime,
  type RuntimeIdentity,
  type ShimCall,
  type ShimReply,
  type TraceContext,
} from 'polyfaas/function';
import { inTime, OverdueError } from 'polyfaas/http';
import type { CallLine, SourceManifest } from '../manifest.ts';
import { LineSink } from './log.ts';
import { Settings } from './settings.ts';
import { Watchdog } from './watchdog.ts';
import { watched } from './watched.ts';

export interface CallAbout {
  readonly requestId: string;
  readonly attempt?: number;
  readonly trace?: TraceContext | undefined;
  readonly signal?: AbortSignal;
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
  readonly manifest: SourceManifest;
  readonly identity: RuntimeIdentity;
  readonly sink: LineSink;
  readonly settings: Settings;
  /** From the first line of the source to the moment when it could be called. */
  readonly initDurationMs: number;
  readonly #handler: BoundHandler;
  readonly #watchdog: Pick<Watchdog, 'watch'>;
  readonly #readyAt = performance.now();
  #runtime: HandlerRuntime | undefined;
  #stood: boolean | undefined;
  #requests = 0;
  readonly #warned = new Set<string>();

  constructor(
    handler: BoundHandler,
    manifest: SourceManifest,
    beganAt: number,
    settings: string | undefined,
    outside: Outside = {},
  ) {
    this.#handler = handler;
    this.manifest = manifest;
    this.sink = new LineSink(manifest.version, outside.print);
    this.#watchdog = outside.watchdog ?? new Watchdog();
    const { app, stage, functionName, version, memoryMb, timeoutSeconds, region } = manifest;
    this.identity = {
      app,
      stage,
      functionName,
      version,
      memoryMb,
      timeoutSeconds,
      region,
      provider: 'gcp',
      instanceId: crypto.randomUUID(),
    };
    this.settings = new Settings(manifest, settings, (thrown) =>
      this.sink.report('warn', 'The settings cannot be read again', thrown, ''),
    );
    this.initDurationMs = performance.now() - beganAt;
  }

  get isFresh(): boolean {
    return this.#runtime === undefined;
  }

  /** The one runtime. `isAhead`: nobody waits for its first call, so that call is not cold. */
  runtime(isAhead: boolean): HandlerRuntime {
    this.#runtime ??= watched(
      this.#handler.start(
        { ...this.identity, startedAhead: isAhead || this.#stood === true || this.#isKept() },
        this.sink,
      ),
      this.#watchdog,
      this.identity.timeoutSeconds * 1_000,
    );
    return this.#runtime;
  }

  /**
   * A request came, of whatever kind. Cloud Run sends a request to an instance that it started because of it as soon as
   * that listens: one whose first request comes later stood ready before anybody called.
   */
  touch(): void {
    this.#requests += 1;
    this.#stood ??= performance.now() - this.#readyAt > STANDING_AFTER_MS;
  }

  /** A look at a new version may be the first request of one that is kept ready from then on. */
  #isKept(): boolean {
    return this.settings.minInstances > 0 && this.#requests > 1;
  }

  /** Something that is wrong with every delivery is told by the first one. */
  warnOnce(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.sink.report('warn', text, undefined, '');
  }

  /** Calls the handler within its timeout, and leaves a line about it. Rejects with what it threw. */
  async call(call: ShimCall, about: CallAbout): Promise<ShimReply> {
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
    }
  }

  line(
    kind: CallLine['kind'],
    requestId: string,
    coldStart: boolean,
    outcome: CallLine['outcome'],
    durationMs: number,
  ): void {
    this.sink.line({
      severity: outcome === 'ok' ? 'INFO' : 'ERROR',
      message: `${kind} ${outcome} in ${Math.round(durationMs)} ms`,
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
    });
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
