import type { InvokeOutcome, World } from '../../core/ports.ts';
import type { ConcurrencyLimits, VersionConfig } from '../execution.ts';
import { type Failure, failureOf } from './failures.ts';
import type { Instance, Outcome } from './instance.ts';
import { CallMetrics } from './metrics.ts';
import { afterSimulated } from './patience.ts';
import { endLines, startLines } from './platform-lines.ts';
import type { Lease, Pool } from './pool.ts';
import { reportStart, startOf } from './starting.ts';
import type { TraceSource } from './trace.ts';
import type { Invocation } from './transport.ts';

export interface Call {
  readonly requestId: string;
  readonly payload: string;
  readonly invokedArn: string;
  readonly clientContext?: string;
  readonly traceHeader?: string;
  readonly wantTail: boolean;
  readonly limits: ConcurrencyLimits;
}

/**
 * Real time that a call gets before it can time out: see `afterSimulated`. Enough for code that acts shortly before a
 * deadline of a second, which it reads off the machine's clock.
 */
const CALL_GRANTED_MS = 3000;
const MB = 1024 * 1024;

/** One call after the other, each from the choice of its instance to its report. */
export class Calls {
  readonly #world: World;
  readonly #pool: Pool;
  readonly #traces: TraceSource;

  constructor(world: World, pool: Pool, traces: TraceSource) {
    this.#world = world;
    this.#pool = pool;
    this.#traces = traces;
  }

  /** Rejects with an `AwsFault` when the call was not accepted. */
  async run(config: VersionConfig, call: Call): Promise<InvokeOutcome> {
    const metrics = new CallMetrics(this.#world, config.functionName, call.invokedArn);
    const lease = this.#acquire(config, call, metrics);
    metrics.started(this.#pool.running(config.functionName));
    try {
      const instance = await lease.instance;
      const unwatch = this.#pool.watch(instance);
      try {
        return await this.#serve(instance, lease.isNew, call, metrics);
      } finally {
        unwatch();
      }
    } finally {
      lease.release();
    }
  }

  #acquire(config: VersionConfig, call: Call, metrics: CallMetrics): Lease {
    try {
      return this.#pool.acquire(config, call.limits, call.wantTail);
    } catch (cause) {
      metrics.throttled();
      throw cause;
    }
  }

  async #serve(
    instance: Instance,
    isNew: boolean,
    call: Call,
    metrics: CallMetrics,
  ): Promise<InvokeOutcome> {
    const { config, log } = instance;
    if (!isNew) log.begin(call.wantTail);
    const start = await startOf(this.#world, instance);
    const startFailure = isNew
      ? reportStart(this.#world, instance, start, call.requestId)
      : this.#failureOf(start, config, call);
    const isReady = start.kind === 'done';
    for (const line of startLines(config, this.#time(), call.requestId, call.invokedArn))
      log.line(line);

    const startedAt = performance.now();
    const outcome = isReady ? await this.#handOver(instance, call) : start;
    const failure = isReady ? this.#failureOf(outcome, config, call) : startFailure;
    const durationMs =
      outcome.kind === 'timeout' ? config.timeoutSeconds * 1000 : performance.now() - startedAt;
    // A cold start that nobody waited for is not reported.
    const initDurationMs = isNew ? instance.initMs : undefined;
    log.flush();
    const lines = endLines(config, this.#time(), {
      requestId: call.requestId,
      durationMs,
      billedDurationMs: Math.ceil(durationMs + (initDurationMs ?? 0)),
      maxMemoryUsedMb: maxMemoryMb(instance, outcome),
      ...(initDurationMs !== undefined && { initDurationMs }),
      ...(failure && { failure }),
    });
    for (const line of lines) log.line(line);
    metrics.ended(durationMs, failure !== undefined);
    return answer(config, outcome, failure, log.tail());
  }

  async #handOver(instance: Instance, call: Call): Promise<Outcome> {
    const { timeoutSeconds } = instance.config;
    const limitMs = timeoutSeconds * 1000;
    const grantedMs = Math.min(limitMs, CALL_GRANTED_MS);
    const cancel = afterSimulated(this.#world.clock, limitMs, grantedMs, () =>
      instance.kill({ kind: 'timeout' }),
    );
    const outcome = await instance.run(this.#invocation(call, timeoutSeconds));
    cancel();
    return outcome;
  }

  #invocation(call: Call, timeoutSeconds: number): Invocation {
    const client = clientContext(call.clientContext);
    return {
      headers: {
        'lambda-runtime-aws-request-id': call.requestId,
        // Inside, the machine's clock counts.
        'lambda-runtime-deadline-ms': String(Date.now() + timeoutSeconds * 1000),
        'lambda-runtime-invoked-function-arn': call.invokedArn,
        'lambda-runtime-trace-id': call.traceHeader ?? this.#traces.next(),
        ...(client !== undefined && { 'lambda-runtime-client-context': client }),
      },
      bodyJson: call.payload === '' ? '{}' : call.payload,
    };
  }

  #failureOf(outcome: Outcome, config: VersionConfig, call: Call): Failure | undefined {
    return failureOf(outcome, {
      requestId: call.requestId,
      timeoutSeconds: config.timeoutSeconds,
      time: this.#time(),
    });
  }

  #time(): string {
    return new Date(this.#world.clock.now()).toISOString();
  }
}

function answer(
  config: VersionConfig,
  outcome: Outcome,
  failure: Failure | undefined,
  logTail: string | undefined,
): InvokeOutcome {
  return {
    statusCode: 200,
    payload: failure?.payload ?? (outcome.kind === 'done' ? outcome.body : 'null'),
    ...(failure && { functionError: 'Unhandled' }),
    executedVersion: config.version,
    ...(logTail !== undefined && { logTail }),
  };
}

/** Who was ended for using too much has used all that there was. */
function maxMemoryMb(instance: Instance, outcome: Outcome): number {
  const { memoryMb } = instance.config;
  if (outcome.kind === 'memory' || (outcome.kind === 'exit' && outcome.exit.signal === 'SIGABRT'))
    return memoryMb;
  return Math.max(1, Math.min(memoryMb, Math.ceil(instance.peakBytes / MB)));
}

/** The header of the API is base64; the runtime gets JSON. */
function clientContext(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return text.startsWith('{') ? text : Buffer.from(text, 'base64').toString();
}
