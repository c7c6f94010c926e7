/** Observe, plan, execute: the one way in which anything is changed. */
import type { JsonObject, JsonValue } from '../function/json.types.ts';
import type { ApplyOptions } from '../manager/types.ts';
import type { ArtifactReader } from '../spi/artifact.ts';
import type { Clock, Random } from '../spi/clock.ts';
import { notDeployed } from '../spi/not-found.ts';
import type { FunctionRef, Plan } from '../spi/plan.ts';
import type {
  CallContext,
  CoreLog,
  FunctionDescription,
  ObservedFunction,
  ObserveOptions,
  ProviderIdentity,
  ServerlessProvider,
} from '../spi/provider.ts';
import { NEVER_ABORTS } from '../spi/signals.ts';
import { abortable, KeyedMutex } from './keyed-mutex.ts';
import { runPlan, type PlanRun } from './run-plan.ts';
import { refuseStale } from './stale.ts';

/** So many different warnings are remembered; a program that makes more is not flooded with them. */
const MAX_WARNINGS = 10_000;

export interface EngineParts {
  /** With its layers on. */
  readonly provider: ServerlessProvider;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: CoreLog;
  readonly artifacts: ArtifactReader;
}

/** A function that is there, and its description. */
export interface Present {
  readonly observed: ObservedFunction;
  readonly description: FunctionDescription;
}

export class Engine {
  readonly provider: ServerlessProvider;
  readonly clock: Clock;
  readonly #parts: EngineParts;
  readonly #mutex = new KeyedMutex();
  readonly #warned = new Set<string>();
  readonly #warn: CallContext['warn'];
  #identity: Promise<ProviderIdentity> | undefined;

  constructor(parts: EngineParts) {
    this.provider = parts.provider;
    this.clock = parts.clock;
    this.#parts = parts;
    this.#warn = (message, fields) => parts.log.log('warn', message, fields);
  }

  context(signal: AbortSignal | undefined, resume?: JsonValue): CallContext {
    const { clock, random, log, artifacts } = this.#parts;
    const warn = this.#warn;
    const base = { signal: signal ?? NEVER_ABORTS, clock, random, log, warn, artifacts };
    return resume === undefined ? base : { ...base, resume };
  }

  /** Logs a warning the first time that its key comes up: a hot path would repeat it without end. */
  warnOnce(key: string, message: string, fields: JsonObject): void {
    if (this.#warned.has(key) || this.#warned.size >= MAX_WARNINGS) return;
    this.#warned.add(key);
    this.#parts.log.log('warn', message, fields);
  }

  /** Asked once, for all callers: one that gives up stops only its own waiting. A failure is not remembered. */
  identify(signal: AbortSignal | undefined): Promise<ProviderIdentity> {
    this.#identity ??= this.provider.identify(this.context(undefined)).catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return abortable(this.#identity, signal);
  }

  observe(
    ref: FunctionRef,
    signal: AbortSignal | undefined,
    options?: ObserveOptions,
  ): Promise<ObservedFunction> {
    return this.provider.observe(ref, this.context(signal), options);
  }

  /** As {@link observe}, and NOT_FOUND when nothing is deployed. */
  async present(
    ref: FunctionRef,
    signal: AbortSignal | undefined,
    options?: ObserveOptions,
  ): Promise<Present> {
    const observed = await this.observe(ref, signal, options);
    const { description } = observed;
    if (description?.liveVersion == null) throw notDeployed(this.provider.id, ref);
    return { observed, description };
  }

  /** Runs a plan that was just made. */
  run(plan: Plan, options: ApplyOptions): Promise<PlanRun> {
    return runPlan(
      {
        execute: (step, call) => this.provider.execute(step, call),
        clock: this.clock,
        mutex: this.#mutex,
        context: (signal, resume) => ({
          ...this.context(signal, resume),
          function: plan.function.name,
        }),
      },
      plan,
      options,
    );
  }

  /** Runs a plan that may be old, or come from elsewhere. One without steps claims something of the world too. */
  async runChecked(plan: Plan, options: ApplyOptions): Promise<PlanRun> {
    refuseStale(plan, await this.observe(plan.function, options.signal));
    return this.run(plan, options);
  }
}
