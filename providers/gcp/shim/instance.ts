/** One running instance: the handler's runtime, what it is called with, and the line that each call leaves. */
import type {
  BoundHandler,
  HandlerRuntime,
  LogLevel,
  RuntimeIdentity,
  ShimCall,
  ShimReply,
} from 'polyfaas/function';
import {
  callInTime,
  callLineOf,
  type CallEnd,
  type CallOccasion,
  LineSink,
  Watchdog,
  watched,
} from 'polyfaas/http';
import type { CallLine, LogLine, SourceManifest } from '../manifest.ts';
import { Settings } from './settings.ts';

const SEVERITIES: Readonly<Record<LogLevel, LogLine['severity']>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
};

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
    this.sink = new LineSink(
      manifest.version,
      (level) => ({ severity: SEVERITIES[level] }),
      outside.print,
    );
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
    this.#watchdog =
      outside.watchdog ?? new Watchdog((message, requestId) => this.#lastLine(message, requestId));
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
      {
        watchdog: this.#watchdog,
        sink: this.sink,
        timeoutSeconds: this.identity.timeoutSeconds,
      },
    );
    return this.#runtime;
  }

  #lastLine(message: string, requestId: string): string {
    const { version } = this.identity;
    const severity = SEVERITIES.error;
    return JSON.stringify({ polyfaas: 'log', severity, message, requestId, version });
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
  async call(call: ShimCall, about: CallOccasion): Promise<ShimReply> {
    return callInTime(this.runtime(false), this.identity, call, about, (end) => this.line(end));
  }

  line(end: CallEnd): void {
    const { kind, outcome, durationMs } = end;
    const line: CallLine = {
      severity: outcome === 'ok' ? 'INFO' : 'ERROR',
      message: `${kind} ${outcome} in ${Math.round(durationMs)} ms`,
      ...callLineOf(this.identity, end, this.initDurationMs),
    };
    this.sink.line(line);
  }
}
