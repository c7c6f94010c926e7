import type { Engine } from '../engine/engine.ts';
import { readDeployment } from '../engine/outcome.ts';
import { requireCapability } from '../engine/preflight.ts';
import { ServerlessError } from '../errors/index.ts';
import type { JsonValue } from '../function/json.types.ts';
import type { PackageReport, PackageReportOptions } from '../package/report.ts';
import type { EventSpec, FunctionSpec } from '../spec/types.ts';
import type { Capabilities } from '../spi/capabilities.ts';
import type { FunctionRef, Plan } from '../spi/plan.ts';
import type {
  FunctionDescription,
  FunctionMetrics,
  FunctionSummary,
  InvokeResult,
  LogEntry,
  NativeToken,
} from '../spi/provider.ts';
import { checkInteger, checkName } from './arguments.ts';
import { deployAll } from './deploy-all.ts';
import { invoke } from './operations/invoke.ts';
import { unlessCancelled } from './cancelled.ts';
import { configureEvent, preWarm, removeEvent } from './operations/events.ts';
import { planDeploy } from './operations/deploy.ts';
import { reportPackage } from './operations/report.ts';
import { prune, remove, rollback } from './operations/versions.ts';
import type { OperationParts } from './operations/parts.ts';
import type { ManagerSettings, Packager } from './settings.ts';
import type * as Face from './types.ts';
import { metricsQuery, readWindow } from './window.ts';

/** Validates, delegates, and knows nothing of any provider. */
export class Manager implements Face.ServerlessManager {
  readonly app: string;
  readonly stage: string;
  readonly provider: string;
  readonly capabilities: Capabilities;
  readonly functions: readonly string[];
  readonly #engine: Engine;
  readonly #settings: ManagerSettings;
  readonly #parts: OperationParts;
  readonly #refs = new Map<string, FunctionRef>();
  #closed: Promise<void> | undefined;

  constructor(engine: Engine, packager: Packager, settings: ManagerSettings) {
    this.app = settings.app;
    this.stage = settings.stage;
    this.provider = engine.provider.id;
    this.capabilities = engine.provider.capabilities;
    this.functions = [...settings.functions.keys()];
    this.#engine = engine;
    this.#settings = settings;
    this.#parts = { engine, packager, settings };
  }

  async plan(name: string, options: Face.PlanOptions = {}): Promise<Plan> {
    const ref = this.#ref(name);
    const declared = options.spec ?? this.#declared(name);
    return unlessCancelled(name, options.signal, () =>
      planDeploy(this.#parts, ref, declared, options),
    );
  }

  packageReport(
    name: string,
    options: PackageReportOptions & Face.CallOptions = {},
  ): Promise<PackageReport> {
    return this.#do(name, options.signal, (parts, ref) =>
      reportPackage(parts, ref, this.#declared(name), options),
    );
  }

  async apply(plan: Plan, options: Face.ApplyOptions = {}): Promise<Face.Deployment> {
    this.#open();
    const { result, journal } = await this.#engine.runChecked(plan, options);
    return readDeployment(plan, result, journal);
  }

  async deploy(name: string, options: Face.DeployOptions = {}): Promise<Face.Deployment> {
    const plan = await this.plan(name, options);
    const { result, journal } = await this.#engine.run(plan, options);
    return readDeployment(plan, result, journal);
  }

  deployAll(
    options: Face.DeployAllOptions = {},
  ): Promise<{ readonly outcomes: readonly Face.DeployOutcome[] }> {
    const names = options.only ?? this.functions;
    return deployAll(names, this.#settings.limits.parallelDeploys, options, (name) =>
      this.deploy(name, options),
    );
  }

  // The type of the output is the caller's promise about the handler; JSON is what is checked.
  invoke<Output extends JsonValue = JsonValue>(
    name: string,
    input?: unknown,
    options?: Face.InvokeOptions,
  ): Promise<InvokeResult<Output>>;
  async invoke(
    name: string,
    input: unknown = null,
    options: Face.InvokeOptions = {},
  ): Promise<InvokeResult> {
    return invoke(this.#engine, this.#ref(name), input, options);
  }

  configureEvent(
    name: string,
    event: EventSpec,
    options: Face.ApplyOptions = {},
  ): Promise<Face.EventResult> {
    return this.#do(name, options.signal, (parts, ref) =>
      configureEvent(parts, ref, event, options),
    );
  }

  removeEvent(
    name: string,
    bindingId: string,
    options: Face.ApplyOptions = {},
  ): Promise<{ readonly removed: boolean }> {
    return this.#do(name, options.signal, (parts, ref) =>
      removeEvent(parts, ref, bindingId, options),
    );
  }

  preWarm(name: string, options: Face.PreWarmOptions): Promise<Face.PreWarmResult> {
    return this.#do(name, options.signal, (parts, ref) => preWarm(parts, ref, options));
  }

  async metrics(
    name: string,
    window: Face.TimeWindow & Face.CallOptions,
  ): Promise<FunctionMetrics> {
    const ref = this.#ref(name);
    requireCapability(this.#engine.provider, { key: 'metrics.counts', path: 'metrics' }, name);
    const query = metricsQuery(window, this.#engine.clock.now());
    return this.#engine.provider.metrics(ref, query, this.#engine.context(window.signal));
  }

  async *logs(name: string, options: Face.LogsOptions = {}): AsyncGenerator<LogEntry> {
    const ref = this.#ref(name);
    requireCapability(this.#engine.provider, { key: 'logs.query', path: 'logs' }, name);
    const window: Face.TimeWindow =
      options.from === undefined
        ? { last: options.last ?? '1h' }
        : { from: options.from, to: options.to };
    const { from, to } = readWindow(window, this.#engine.clock.now());
    const limit = checkInteger('limit', options.limit ?? 1000, 1, 10_000);
    const query = {
      from: new Date(from).toISOString(),
      // The end is exclusive, and what was logged in this very millisecond counts.
      to: new Date(options.to === undefined ? to + 1 : to).toISOString(),
      limit,
      follow: options.follow ?? false,
      requestId: options.requestId,
      minLevel: options.minLevel,
      cursor: options.cursor,
    };
    yield* this.#engine.provider.logs(ref, query, this.#engine.context(options.signal));
  }

  rollback(
    name: string,
    options: Face.ApplyOptions & { readonly version?: string | undefined } = {},
  ): Promise<Face.Deployment> {
    return this.#do(name, options.signal, (parts, ref) => rollback(parts, ref, options));
  }

  remove(name: string, options: Face.ApplyOptions = {}): Promise<{ readonly removed: boolean }> {
    return this.#do(name, options.signal, (parts, ref) => remove(parts, ref, options));
  }

  prune(
    name: string,
    options: Face.ApplyOptions & { readonly keepVersions?: number | undefined } = {},
  ): Promise<{ readonly removedVersions: readonly string[] }> {
    return this.#do(name, options.signal, (parts, ref) => prune(parts, ref, options));
  }

  async describe(
    name: string,
    options: Face.CallOptions = {},
  ): Promise<FunctionDescription | undefined> {
    return (await this.#engine.observe(this.#ref(name), options.signal)).description;
  }

  list(options: Face.CallOptions = {}): AsyncIterable<FunctionSummary> {
    this.#open();
    const scope = { app: this.app, stage: this.stage };
    return this.#engine.provider.list(scope, this.#engine.context(options.signal));
  }

  native<T>(token: NativeToken<T>): T | undefined {
    return this.#engine.provider.native(token);
  }

  close(): Promise<void> {
    this.#closed ??= this.#engine.provider.close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Every failure is a rejection, also that of a wrong name. */
  async #do<Value>(
    name: string,
    signal: AbortSignal | undefined,
    operation: (parts: OperationParts, ref: FunctionRef) => Promise<Value>,
  ): Promise<Value> {
    const ref = this.#ref(name);
    return unlessCancelled(name, signal, () => operation(this.#parts, ref));
  }

  #open(): void {
    if (!this.#closed) return;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: 'This manager is closed. Create a new one.',
    });
  }

  #ref(name: string): FunctionRef {
    this.#open();
    const known = this.#refs.get(name);
    if (known) return known;
    const ref: FunctionRef = { app: this.app, stage: this.stage, name: checkName(name) };
    this.#refs.set(name, ref);
    return ref;
  }

  #declared(name: string): FunctionSpec {
    const declared = this.#settings.functions.get(name);
    if (declared) return declared;
    const known = this.functions.length === 0 ? 'none' : this.functions.join(', ');
    throw new ServerlessError({
      code: 'NOT_FOUND',
      function: name,
      message: `"${name}" is not among the configured functions (${known}). Add it under \`functions\`, or pass \`spec\`.`,
    });
  }
}
