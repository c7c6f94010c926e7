import { randomBytes, randomUUID } from 'node:crypto';
import type {
  AppHost,
  HostSetup,
  RegisteredFunction,
  RuntimePort,
  TriggerCall,
  TriggerOutcome,
  World,
} from '../core/ports.ts';
import { HostSettings } from '../listeners/settings.ts';
import { entriesOf } from './entries.ts';
import { environmentOf } from './environment.ts';
import { Fleet, type Lease } from './fleet.ts';
import { failedGeneration, type Generation, generationOf } from './generation.ts';
import { type HostConfig, readHostConfig } from './host-config.ts';
import { HostLog } from './host-log.ts';
import { type HttpReply, replyForm, requestForm } from './http-form.ts';
import { Instance, type Outcome, type StartOutcome } from './instance.ts';
import { type Call, Invocations } from './invocations.ts';
import type { PackageStore } from './package-store.ts';
import { afterBoth } from '../../shared/runtime/patience.ts';
import { findRoute, type Route } from './routes.ts';
import { traceContextOf } from './trace-context.ts';
import type { WorkerPool } from '../../shared/runtime/worker-pool.ts';
import type { WorkerProcess } from './worker-process.ts';
import { workerFor } from './worker-arguments.ts';

type StartedHost = ReturnType<RuntimePort['start']>;
type HostRequest = Parameters<StartedHost['http']>[0];

export interface HostParts {
  readonly world: World;
  readonly setup: HostSetup;
  readonly workers: WorkerPool<WorkerProcess>;
  readonly packages: PackageStore;
  readonly onStop: () => void;
}

/** A host that could not start tries again after so long. */
const RETRY_MS = 30_000;
/**
 * "The app must start within 30 seconds" (Flex Consumption), and what code gets of real time: a process takes seconds to
 * start where others have the processor.
 */
const START_MS = 30_000;
const START_GRANTED_MS = 4000;
const START_LIMIT_MS = 20_000;
/** How long the load balancer waits for an answer, and how long a request may really wait for an instance. */
const WAIT_MS = 230_000;
const WAIT_GRANTED_MS = 1000;
/** What the host reads of a queue at once, by default. */
const EVENT_CONCURRENCY = 16;
const GRACE_MS = 2000;
const LEVELS = { anonymous: 0, function: 1, admin: 2 } as const;
const UNAVAILABLE: HttpReply = { status: 503, headers: {}, body: 'Function host is not running.' };

/** One running generation of a site: see `AppHost`. */
export class Host implements AppHost {
  readonly #parts: HostParts;
  readonly #config: HostConfig;
  readonly #log: HostLog;
  readonly #fleet: Fleet;
  readonly #invocations: Invocations;
  #generation: Promise<Generation> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: HostParts) {
    const { world, setup } = parts;
    this.#parts = parts;
    this.#config = readHostConfig(setup.files, setup.settings);
    this.#log = new HostLog(world, setup, this.#config.json);
    const ready = Object.values(setup.alwaysReady).reduce((sum, count) => sum + count, 0);
    this.#fleet = new Fleet({
      clock: world.clock,
      maxInstances: setup.maxInstances,
      concurrency: { http: setup.httpConcurrency, event: EVENT_CONCURRENCY },
      alwaysReady: setup.files && this.#config.problems.length === 0 ? ready : 0,
      open: (isAlwaysReady, onEnd) => this.#open(isAlwaysReady, onEnd),
    });
    this.#invocations = new Invocations(world, setup, this.#config, this.#log);
    if (ready > 0) {
      world.work.run(async () => {
        await this.#fleet.prepare();
        await this.#ready();
      });
    }
  }

  async status(): ReturnType<AppHost['status']> {
    const { state, errors } = await this.#ready();
    return { state, errors };
  }

  async functions(): Promise<readonly RegisteredFunction[]> {
    return (await this.#ready()).functions;
  }

  async invoke(call: TriggerCall): Promise<TriggerOutcome> {
    const { state, functions } = await this.#ready();
    if (state === 'Error' || this.#stopped)
      return { ok: false, crashed: true, message: 'Function host is not running.' };
    const found = functions.find(
      ({ name }) => name.toLowerCase() === call.functionName.toLowerCase(),
    );
    if (!found)
      return { ok: false, crashed: false, message: `Function '${call.functionName}' not found.` };
    const trigger = Object.entries(found.bindings).find(([, { type }]) =>
      /trigger$/i.test(String(type)),
    );
    const lease = await this.#fleet.acquire('event');
    const outcome = await this.#run(lease, {
      functionName: found.name,
      inputData: [{ name: trigger?.[0] ?? '', data: call.data }],
      triggerMetadata: call.triggerMetadata ?? {},
      trace: traceContextOf(),
      reason: '(null)',
      ...(call.retryContext && { retryContext: call.retryContext }),
    });
    if (outcome.kind === 'done') return { ok: true };
    return outcome.kind === 'error'
      ? { ok: false, crashed: false, message: outcome.error.message }
      : { ok: false, crashed: true, message: outcome.end.message };
  }

  async http(request: HostRequest): Promise<HttpReply> {
    const { state, routes } = await this.#ready();
    if (state === 'Error' || this.#stopped) return UNAVAILABLE;
    const enabled = routes.filter((route) => !this.#isDisabled(route));
    const found = findRoute(enabled, request.method, request.url);
    if (!found) return { status: 404, headers: {} };
    const { route, values } = found;
    if (LEVELS[request.keyLevel] < LEVELS[route.level]) return { status: 401, headers: {} };
    const lease = await this.#leaseInTime();
    if (lease === 'late') return { status: 503, headers: {}, body: 'The service is unavailable.' };
    const outcome = await this.#run(lease, {
      functionName: route.functionName,
      inputData: [{ name: route.trigger, data: { http: requestForm(request, values) } }],
      triggerMetadata: {},
      trace: traceContextOf(request.headers),
      reason: 'This function was programmatically called via the host APIs.',
      httpStatusOf: (ended) => replyTo(ended).status,
    });
    return replyTo(outcome);
  }

  /** @param graceMs what calls under way get, in real time */
  stop(graceMs = GRACE_MS): Promise<void> {
    this.#stopped ??= this.#fleet.stop(graceMs).then(this.#parts.onStop);
    return this.#stopped;
  }

  async #ready(): Promise<Generation> {
    if (this.#stopped && !this.#generation) return failedGeneration([UNAVAILABLE_TEXT], 0);
    const present = (this.#generation ??= this.#start());
    const known = await present;
    const isOld = known.state === 'Error' && known.at + RETRY_MS <= this.#parts.world.clock.now();
    if (!isOld || this.#stopped) return known;
    // Whoever came first has begun already.
    if (this.#generation === present) this.#generation = this.#start();
    return this.#generation;
  }

  async #start(): Promise<Generation> {
    const { world, setup } = this.#parts;
    const now = (): number => world.clock.now();
    const { problems } = this.#config;
    if (problems.length > 0) return this.#failed(problems);
    if (!setup.files) return generationOf([], setup, this.#config, now());
    const entries = entriesOf(setup.files);
    if ('problem' in entries) return this.#failed([entries.problem]);
    if (entries.entries.length === 0)
      return this.#running(generationOf([], setup, this.#config, now()));
    const lease = await this.#fleet.acquire('event');
    const started = await startOf(lease);
    lease?.release();
    if (!started.ok) return this.#failed([started.message]);
    return this.#running(generationOf(started.functions, setup, this.#config, now()));
  }

  #failed(errors: readonly string[]): Generation {
    for (const error of errors)
      this.#line('error', `A host error has occurred during startup operation: ${error}`);
    return failedGeneration(errors, this.#parts.world.clock.now());
  }

  #running(generation: Generation): Generation {
    for (const error of generation.errors) this.#line('error', error);
    if (generation.functions.length === 0) {
      this.#line(
        'warning',
        'No job functions found. Try making your job classes and methods public.',
      );
    }
    return generation;
  }

  #line(level: 'error' | 'warning', message: string): void {
    this.#log.line('Host.Startup', level, message, { instanceId: '' });
  }

  async #open(isAlwaysReady: boolean, onEnd: () => void): Promise<Instance> {
    const { world, setup, workers, packages } = this.#parts;
    if (!setup.files) throw new Error('There is no package to serve');
    const entries = entriesOf(setup.files);
    const folder = await packages.folder(setup.files);
    const id = randomBytes(32).toString('hex');
    const env = environmentOf(world, setup, id);
    const startedAt = performance.now();
    const instance = new Instance({
      id,
      worker: workerFor(workers, env),
      wish: { kind: 'start', env, folder, entries: 'entries' in entries ? entries.entries : [] },
      now: () => world.clock.now(),
      log: this.#log,
      memoryMb: setup.memoryMb,
      isAlwaysReady,
      onEnd,
    });
    void this.#watchStart(instance, startedAt);
    return instance;
  }

  async #watchStart(instance: Instance, startedAt: number): Promise<void> {
    const tooLate = (): void =>
      instance.kill({
        cause: 'timeout',
        message: 'The worker did not start in time: the limit for it is 30 seconds.',
      });
    const cancel = afterBoth(this.#parts.world.clock, START_MS, START_GRANTED_MS, tooLate);
    const timer = setTimeout(tooLate, START_LIMIT_MS);
    const { ok } = await instance.started;
    cancel();
    clearTimeout(timer);
    if (!ok) return;
    const took = Math.round(performance.now() - startedAt);
    this.#log.line('Host.Startup', 'information', `Host started (${took}ms)`, {
      instanceId: instance.id,
    });
  }

  async #leaseInTime(): Promise<Lease | undefined | 'late'> {
    const waiting = this.#fleet.acquire('http');
    let cancel = (): void => {};
    const late = new Promise<'late'>((resolve) => {
      cancel = afterBoth(this.#parts.world.clock, WAIT_MS, WAIT_GRANTED_MS, () => resolve('late'));
    });
    const first = await Promise.race([waiting, late]);
    cancel();
    if (first === 'late') this.#fleet.abandon(waiting);
    return first;
  }

  async #run(lease: Lease | undefined, call: Call): Promise<Outcome> {
    try {
      const started = await startOf(lease);
      const instance = await lease?.instance.catch(() => undefined);
      if (!instance || !started.ok) {
        const message = started.ok ? UNAVAILABLE_TEXT : started.message;
        return { kind: 'ended', end: { cause: 'exit', message } };
      }
      return await this.#invocations.run(instance, { ...call, id: randomUUID() });
    } finally {
      lease?.release();
    }
  }

  #isDisabled({ functionName }: Route): boolean {
    const settings = new HostSettings(this.#parts.setup.settings);
    return [`AzureWebJobs.${functionName}.Disabled`, `AzureWebJobs_${functionName}_Disabled`].some(
      (name) => settings.isOn(name),
    );
  }
}

const UNAVAILABLE_TEXT = 'Function host is not running.';

async function startOf(lease: Lease | undefined): Promise<StartOutcome> {
  if (!lease) return { ok: false, message: UNAVAILABLE_TEXT };
  try {
    return await (
      await lease.instance
    ).started;
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** A worker that ends takes its answer along; an instance that ends, the connection. */
function replyTo(outcome: Outcome): HttpReply {
  if (outcome.kind === 'done') return replyForm(outcome.http);
  if (outcome.kind === 'error') return { status: 500, headers: {} };
  const isGone = outcome.end.cause === 'memory' || outcome.end.cause === 'stop';
  return { status: isGone ? 502 : 500, headers: {} };
}
