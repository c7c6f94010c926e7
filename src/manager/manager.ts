import type { Engine } from '../engine/engine.ts';
import { readDeployment } from '../engine/outcome.ts';
import { checkPlan } from '../engine/plan-shape.ts';
import { requireCapability } from '../engine/preflight.ts';
import { ServerlessError } from '../errors/index.ts';
import type { JsonReceived } from '../function/json-problem.types.ts';
import type { JsonValue } from '../function/json.types.ts';
import { isOperation, type Layer } from '../layers/layer.ts';
import type { PackageReportOptions } from '../package/report.ts';
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
import { checkInteger, checkName, checkToken } from './arguments.ts';
import { deployAll } from './deploy-all.ts';
import { invoke } from './operations/invoke.ts';
import { eitherOf, endedBy, unlessCancelled } from './cancelled.ts';
import { configureEvent, preWarm, removeEvent } from './operations/events.ts';
import { planDeploy } from './operations/deploy.ts';
import { reportPackage } from './operations/report.ts';
import { prune, remove, rollback } from './operations/versions.ts';
import type { OperationParts } from './operations/parts.ts';
import type { ManagerSettings, Packager } from './settings.ts';
import { checkOptions, type Method } from './options.ts';
import { told } from './told.ts';
import type * as Face from './types.ts';
import { asOurs } from './as-ours.ts';
import { notConfigured, withNearest } from './unknown-name.ts';
import { metricsQuery, readWindow } from './window.ts';

const MAX_KNOWN_NAMES = 10_000;
/** The window of logs when none is given. */
const LOGS_LAST = '1h';

/** Validates, delegates, and knows nothing of any provider. */
export class Manager implements Face.ServerlessManager {
  readonly app: string;
  readonly stage: string;
  readonly provider: string;
  readonly targets: readonly string[];
  readonly capabilities: Capabilities;
  readonly functions: readonly string[];
  readonly #engine: Engine;
  readonly #settings: ManagerSettings;
  readonly #parts: OperationParts;
  readonly #telemetry: Pick<Layer, 'around'> | undefined;
  readonly #refs = new Map<string, FunctionRef>();
  readonly #closing = new AbortController();
  #ending: Promise<void> | undefined;

  constructor(
    engine: Engine,
    packager: Packager,
    settings: ManagerSettings,
    telemetry?: Pick<Layer, 'around'>,
  ) {
    this.app = settings.app;
    this.stage = settings.stage;
    this.provider = engine.provider.id;
    this.targets = [engine.provider.id];
    this.capabilities = engine.provider.capabilities;
    this.functions = [...settings.functions.keys()];
    this.#engine = engine;
    this.#settings = settings;
    this.#parts = { engine, packager, settings };
    this.#telemetry = telemetry;
  }

  target(id: string): this {
    if (id === this.provider) return this;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message: `target: ${told(id)} is not the one provider of this manager, "${this.provider}". Name several under \`targets\` in the configuration.`,
    });
  }

  async plan(name: string, options: Face.PlanOptions = {}): Promise<Plan> {
    return this.#do('plan', name, options, (parts, ref, all) =>
      planDeploy(parts, ref, all.spec ?? this.#declared(name), all),
    );
  }

  packageReport(
    name: string,
    options: PackageReportOptions & Face.CallOptions = {},
  ): Promise<Face.FunctionPackageReport> {
    return this.#do('packageReport', name, options, (parts, ref, all) =>
      reportPackage(parts, ref, this.#declared(name), all),
    );
  }

  async apply(plan: Plan, options: Face.ApplyOptions = {}): Promise<Face.Deployment> {
    this.#open();
    checkPlan(plan, this);
    return this.#do('apply', plan.function.name, options, async ({ engine }, _ref, all) => {
      return readDeployment(plan, await engine.runChecked(plan, all));
    });
  }

  async deploy(name: string, options: Face.DeployOptions = {}): Promise<Face.Deployment> {
    return this.#do('deploy', name, options, async (parts, ref, all) => {
      const plan = await planDeploy(parts, ref, all.spec ?? this.#declared(name), all);
      return readDeployment(plan, await parts.engine.run(plan, all));
    });
  }

  async deployAll(
    options: Face.DeployAllOptions = {},
  ): Promise<{ readonly outcomes: readonly Face.DeployOutcome[] }> {
    const { only = this.functions, ...each } = checkOptions('deployAll', options);
    return deployAll(only, this.#settings.limits.parallelDeploys, {
      provider: this.provider,
      closing: this.#closing.signal,
      deploy: (name) => this.deploy(name, each),
    });
  }

  // The type of the output is the caller's promise about the handler; JSON is what is checked.
  invoke<Output extends JsonReceived<Output> = JsonValue>(
    name: string,
    input?: unknown,
    options?: Face.InvokeOptions,
  ): Promise<InvokeResult<Output>>;
  invoke(name: string, input: unknown = null, options?: Face.InvokeOptions): Promise<InvokeResult> {
    // An `async` here would put three turns of the queue between the platform's answer and the caller.
    try {
      const ref = this.#ref(name);
      const checked = options === undefined ? {} : checkOptions('invoke', options);
      const answer = invoke(this.#engine, ref, input, checked);
      if (this.#settings.functions.has(name)) return answer;
      return answer.catch((error: unknown) => {
        throw withNearest(error, ref, this.functions);
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  configureEvent(
    name: string,
    event: EventSpec,
    options: Face.ApplyOptions = {},
  ): Promise<Face.EventResult> {
    return this.#do('configureEvent', name, options, (parts, ref, all) =>
      configureEvent(parts, ref, event, all),
    );
  }

  removeEvent(
    name: string,
    bindingId: string,
    options: Face.ApplyOptions = {},
  ): Promise<Face.Removal> {
    return this.#do('removeEvent', name, options, (parts, ref, all) =>
      removeEvent(parts, ref, bindingId, all),
    );
  }

  async preWarm(name: string, options: Face.PreWarmOptions): Promise<Face.PreWarmResult> {
    return this.#do('preWarm', name, options, preWarm);
  }

  async metrics(
    name: string,
    window: Face.TimeWindow & Face.CallOptions,
  ): Promise<FunctionMetrics> {
    return this.#do('metrics', name, window, ({ engine }, ref, { signal }) => {
      requireCapability(engine.provider, { key: 'metrics.counts', path: 'metrics' }, name);
      const query = metricsQuery(window, engine.clock.now());
      return engine.provider.metrics(ref, query, engine.context(signal));
    });
  }

  async *logs(name: string, options: Face.LogsOptions = {}): AsyncGenerator<LogEntry> {
    const ref = this.#ref(name);
    checkOptions('logs', options);
    requireCapability(this.#engine.provider, { key: 'logs.query', path: 'logs' }, name);
    const { from, to } = readWindow(options, this.#engine.clock.now(), LOGS_LAST);
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
    const closing = this.#closing.signal;
    const signal = eitherOf(name, options.signal, closing);
    try {
      yield* this.#engine.provider.logs(ref, query, this.#engine.context(signal));
    } catch (error) {
      throw withNearest(endedBy(error, name, signal, closing), ref, this.functions);
    }
  }

  rollback(
    name: string,
    options: Face.ApplyOptions & { readonly version?: string | undefined } = {},
  ): Promise<Face.Deployment> {
    return this.#do('rollback', name, options, rollback);
  }

  remove(name: string, options: Face.ApplyOptions = {}): Promise<Face.Removal> {
    return this.#do('remove', name, options, remove);
  }

  prune(
    name: string,
    options: Face.ApplyOptions & { readonly keepVersions?: number | undefined } = {},
  ): Promise<Face.Pruning> {
    return this.#do('prune', name, options, prune);
  }

  async describe(
    name: string,
    options: Face.CallOptions = {},
  ): Promise<FunctionDescription | undefined> {
    return this.#do('describe', name, options, async ({ engine }, ref, { signal }) => {
      return (await engine.observe(ref, signal)).description;
    });
  }

  async *list(options: Face.CallOptions = {}): AsyncGenerator<FunctionSummary> {
    this.#open();
    const closing = this.#closing.signal;
    const signal = eitherOf(undefined, checkOptions('list', options).signal, closing);
    const scope = { app: this.app, stage: this.stage };
    try {
      yield* this.#engine.provider.list(scope, this.#engine.context(signal));
    } catch (error) {
      throw endedBy(error, undefined, signal, closing);
    }
  }

  native<T>(token: NativeToken<T>): T | undefined {
    return this.#engine.provider.native(checkToken(token));
  }

  close(): Promise<void> {
    // What is under way learns that it was cancelled, not that its platform is gone.
    this.#closing.abort();
    // Asked again later, the adapter ends what a close that failed had left.
    this.#ending ??= this.#engine.provider.close().finally(() => {
      this.#ending = undefined;
    });
    return this.#ending;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Every failure is a rejection, also that of a wrong name. */
  async #do<Options extends Face.CallOptions, Value>(
    method: Method,
    name: string,
    options: Options,
    operation: (parts: OperationParts, ref: FunctionRef, options: Options) => Promise<Value>,
  ): Promise<Value> {
    const ref = this.#ref(name);
    const given = checkOptions(method, options).signal;
    return this.#watched(method, name, async () => {
      try {
        return await unlessCancelled(name, given, this.#closing.signal, (signal) =>
          operation(this.#parts, ref, { ...options, signal }),
        );
      } catch (error) {
        const ours = asOurs(error, { method, name, provider: this.provider });
        throw withNearest(ours, ref, this.functions);
      }
    });
  }

  /** Gives operations of several calls a span of their own, which is the parent of those of the calls. */
  #watched<Value>(method: Method, name: string, work: () => Promise<Value>): Promise<Value> {
    if (!this.#telemetry || !isOperation(method)) return work();
    const { provider } = this;
    return this.#telemetry.around(
      { call: method, provider, function: name, step: undefined, idempotent: true },
      this.#engine.context(undefined),
      work,
    );
  }

  #open(): void {
    if (!this.#closing.signal.aborted) return;
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
    // Names may come from outside, where there is no end of them.
    if (this.#refs.size < MAX_KNOWN_NAMES) this.#refs.set(name, ref);
    return ref;
  }

  #declared(name: string): FunctionSpec {
    const declared = this.#settings.functions.get(name);
    if (declared) return declared;
    throw notConfigured(name, this.functions);
  }
}
