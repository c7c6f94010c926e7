import { closedMeanwhile } from '../engine/cancellation.ts';
import { ServerlessError } from '../errors/index.ts';
import type { JsonReceived } from '../function/json-problem.types.ts';
import type { JsonValue } from '../function/json.types.ts';
import { deployAll } from '../manager/deploy-all.ts';
import { checkOptions } from '../manager/options.ts';
import type * as Face from '../manager/types.ts';
import type { PackageReportOptions } from '../package/report.ts';
import type { EventSpec } from '../spec/types.ts';
import type { Capabilities } from '../spi/capabilities.ts';
import type { Clock } from '../spi/clock.ts';
import type { Plan } from '../spi/plan.ts';
import type {
  CoreLog,
  FunctionDescription,
  FunctionMetrics,
  FunctionSummary,
  LogEntry,
  NativeToken,
} from '../spi/provider.ts';
import { Failover } from './failover.ts';
import { fanOut } from './fan-out.ts';
import { mergeCapabilities } from './merge-capabilities.ts';
import { mergeLogs, parseCursors } from './merge-logs.ts';
import { mergeMetrics } from './merge-metrics.ts';
import type { FailoverParts } from './failover.ts';
import { withOthers, type Miss } from './misses.ts';
import { PassedOver } from './passed-over.ts';
import { refuseBefore } from './refused-before.ts';
import type { Targeted } from './types.ts';

/** The same functions on several platforms. Changes go to all; invocations to the first that is well. */
export class TargetsManager implements Face.ServerlessManager {
  readonly app: string;
  readonly stage: string;
  readonly provider: string;
  readonly targets: readonly string[];
  readonly capabilities: Capabilities;
  readonly functions: readonly string[];
  readonly #first: Face.ServerlessManager;
  readonly #all: ReadonlyMap<string, Face.ServerlessManager>;
  readonly #failover: Failover;
  readonly #log: CoreLog;
  readonly #clock: Clock;
  readonly #parallelDeploys: number;
  readonly #closing = new AbortController();

  /** @param all by target, the primary first; at least one */
  constructor(
    all: ReadonlyMap<string, Face.ServerlessManager>,
    parts: Omit<FailoverParts, 'targets'> & { readonly parallelDeploys: number },
  ) {
    const [first] = all.values();
    if (first === undefined) throw new TypeError('There is no target.');
    this.#first = first;
    this.#all = all;
    this.#failover = new Failover({ ...parts, targets: all });
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.#parallelDeploys = parts.parallelDeploys;
    this.app = first.app;
    this.stage = first.stage;
    this.targets = [...all.keys()];
    this.provider = this.targets[0] ?? first.provider;
    this.capabilities = mergeCapabilities(
      [...all].map(([id, { capabilities }]) => [id, capabilities] as const),
    );
    this.functions = first.functions;
  }

  target(id: string): Face.ServerlessManager {
    const target = this.#all.get(id);
    if (target) return target;
    throw this.#noTarget(id);
  }

  async plan(): Promise<Plan> {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `plan: a plan is for one platform. Use manager.target('${this.provider}').plan(...); apply() then runs it there.`,
    });
  }

  packageReport(
    name: string,
    options?: PackageReportOptions & Face.CallOptions,
  ): Promise<Face.FunctionPackageReport> {
    return this.#first.packageReport(name, options);
  }

  async apply(plan: Plan, options?: Face.ApplyOptions): Promise<Face.Deployment> {
    return this.#ofPlan(plan).apply(plan, options);
  }

  async deploy(name: string, options: Face.DeployOptions = {}): Promise<Targeted<Face.Deployment>> {
    const { onProgress: _later, ...wish } = checkOptions('deploy', options);
    await refuseBefore(this.#all, { operation: 'deploy', name }, (one) => one.plan(name, wish));
    if (this.#closing.signal.aborted) throw closedMeanwhile(undefined, { function: name });
    return fanOut(this.#all, { operation: 'deploy', name }, (one) => one.deploy(name, options));
  }

  async deployAll(
    options: Face.DeployAllOptions = {},
  ): Promise<{ readonly outcomes: readonly Face.DeployOutcome[] }> {
    const { only = this.functions, ...each } = checkOptions('deployAll', options);
    return deployAll(only, this.#parallelDeploys, {
      provider: this.provider,
      closing: this.#closing.signal,
      deploy: (name) => this.deploy(name, each),
    });
  }

  // The type of the output is the caller's promise about the handler, here as with one provider.
  invoke<Output extends JsonReceived<Output> = JsonValue>(
    name: string,
    input?: unknown,
    options?: Face.InvokeOptions,
  ): Promise<Face.TargetedInvokeResult<Output>>;
  invoke(
    name: string,
    input?: unknown,
    options?: Face.InvokeOptions,
  ): Promise<Face.TargetedInvokeResult> {
    return this.#failover.invoke(name, input, options);
  }

  configureEvent(
    name: string,
    event: EventSpec,
    options?: Face.ApplyOptions,
  ): Promise<Targeted<Face.EventResult>> {
    return fanOut(this.#all, { operation: 'configureEvent', name }, (one) =>
      one.configureEvent(name, event, options),
    );
  }

  removeEvent(
    name: string,
    bindingId: string,
    options?: Face.ApplyOptions,
  ): Promise<Targeted<Face.Removal>> {
    return fanOut(this.#all, { operation: 'removeEvent', name }, (one) =>
      one.removeEvent(name, bindingId, options),
    );
  }

  preWarm(name: string, options: Face.PreWarmOptions): Promise<Targeted<Face.PreWarmResult>> {
    return fanOut(this.#all, { operation: 'preWarm', name }, (one) => one.preWarm(name, options));
  }

  async metrics(
    name: string,
    window: Face.TimeWindow & Face.CallOptions,
  ): Promise<Targeted<FunctionMetrics>> {
    const about = { operation: 'metrics', name, isRead: true };
    const { targets = {} } = await fanOut(this.#all, about, (one) => one.metrics(name, window));
    return { ...mergeMetrics(targets), targets };
  }

  async *logs(name: string, options: Face.LogsOptions = {}): AsyncGenerator<LogEntry> {
    const { cursor, limit = 1_000, follow = false, signal } = checkOptions('logs', options);
    const cursors = parseCursors(cursor, this.targets);
    // One that is silent would ask for more for ever: it hears that nobody reads only when it has something to tell.
    const left = new AbortController();
    const either = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
    const sources = new Map(
      [...this.#all].map(([id, one]) => [
        id,
        one.logs(name, { ...options, signal: either, cursor: cursors[id] }),
      ]),
    );
    let given = 0;
    try {
      for await (const entry of mergeLogs(sources, cursors, follow, this.#clock)) {
        yield entry;
        given += 1;
        if (given === limit) return;
      }
    } finally {
      left.abort();
    }
  }

  async rollback(
    name: string,
    options: Face.ApplyOptions & { readonly version?: string | undefined } = {},
  ): Promise<Targeted<Face.Deployment>> {
    const { version } = checkOptions('rollback', options);
    if (version !== undefined) throw this.#ofOne('rollback', version);
    return fanOut(this.#all, { operation: 'rollback', name }, (one) => one.rollback(name, options));
  }

  remove(name: string, options?: Face.ApplyOptions): Promise<Targeted<Face.Removal>> {
    return fanOut(this.#all, { operation: 'remove', name }, (one) => one.remove(name, options));
  }

  prune(
    name: string,
    options?: Face.ApplyOptions & { readonly keepVersions?: number | undefined },
  ): Promise<Targeted<Face.Pruning>> {
    return fanOut(this.#all, { operation: 'prune', name }, (one) => one.prune(name, options));
  }

  /**
   * As the first target has it that has it. One that is down is passed over, and the log says so; where none of the
   * others has it, nobody can say whether it is deployed, and the failure is thrown.
   */
  async describe(
    name: string,
    options?: Face.CallOptions,
  ): Promise<FunctionDescription | undefined> {
    const passed = new PassedOver('describe', this.#log);
    for (const [id, one] of this.#all) {
      try {
        const description = await one.describe(name, options);
        if (description) return description;
      } catch (error) {
        passed.add(id, error, options);
      }
    }
    passed.throwFirst();
    return undefined;
  }

  /**
   * What any of the targets has, each name once. One that is down is passed over, and the log says so: what only it has is
   * not listed then. Fails when all are down.
   */
  async *list(options?: Face.CallOptions): AsyncGenerator<FunctionSummary> {
    const told = new Set<string>();
    const passed = new PassedOver('list', this.#log);
    for (const [id, one] of this.#all) {
      try {
        for await (const summary of one.list(options)) {
          if (told.has(summary.name)) continue;
          told.add(summary.name);
          yield summary;
        }
      } catch (error) {
        passed.add(id, error, options);
      }
    }
    if (passed.count === this.#all.size) passed.throwFirst();
  }

  native<T>(token: NativeToken<T>): T | undefined {
    for (const one of this.#all.values()) {
      const found = one.native(token);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const ends = await Promise.all(
      [...this.#all].map(([id, one]) =>
        one.close().then(
          () => [],
          (error: unknown): readonly Miss[] => [{ id, error }],
        ),
      ),
    );
    // All of them have ended: who gives up on this one leaves none half closed.
    const misses = ends.flat();
    const [first] = misses;
    if (first !== undefined) throw withOthers(misses, first.error, 'Not closed either');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Where a plan is from. What is no plan is told by whoever applies plans. */
  #ofPlan(plan: unknown): Face.ServerlessManager {
    const wanted =
      typeof plan === 'object' && plan !== null && 'provider' in plan ? plan.provider : undefined;
    if (typeof wanted !== 'string') return this.#first;
    const own = [...this.#all.values()].find(({ provider }) => provider === wanted);
    return own ?? this.target(wanted);
  }

  /** @param id a symbol too, which callers without types may give, and which no template takes */
  #noTarget(id: unknown): ServerlessError {
    return new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `target: "${String(id)}" is not one of ${this.targets.join(', ')}.`,
    });
  }

  #ofOne(operation: string, version: string): ServerlessError {
    return new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `version: "${version}" is a version of one platform, and here are ${this.targets.join(', ')}. Use manager.target('${this.provider}').${operation}(...).`,
    });
  }
}
