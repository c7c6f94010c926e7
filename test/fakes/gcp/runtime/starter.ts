import { randomBytes } from 'node:crypto';
import { afterBoth } from '../../shared/runtime/patience.ts';
import { GoogleFault } from '../core/fault.ts';
import type { InstanceSetup, World } from '../core/ports.ts';
import { environmentOf } from './environment.ts';
import { Instance, type StartOutcome } from './instance.ts';
import { MetadataServer } from './metadata.ts';
import { secretsOf } from './secret-env.ts';
import type { WorkerPool } from '../../shared/runtime/worker-pool.ts';
import { WorkerProcess } from './worker-process.ts';

/** What a container has to start: https://cloud.google.com/run/quotas */
const START_MS = 240_000;
/** Never longer in real time. */
const START_LIMIT_MS = 30_000;

export interface StarterParts {
  readonly world: World;
  readonly setup: InstanceSetup;
  readonly workers: WorkerPool<WorkerProcess>;
  /** What a start gets of real time at least, however fast the simulated goes by. */
  readonly startGrantedMs: number;
  /** No two revisions of a world have the same. */
  readonly planeName: string;
}

/** Starts instances of one revision. */
export class Starter {
  readonly #parts: StarterParts;
  #metadata: Promise<string> | undefined;

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  /**
   * @param began is told of the instance as soon as there is a process
   * @throws GoogleFault FAILED_PRECONDITION as Cloud Run says of a revision that does not start
   */
  async start(began: (instance: Instance) => void, ended: () => void): Promise<Instance> {
    const { world, setup } = this.#parts;
    const { service, revision } = setup;
    const startedAt = performance.now();
    const host = (await this.#metadataServer()).replace('http://', '');
    const instance = this.#spawn(environmentOf(setup, this.#secrets(), host), ended);
    began(instance);
    const outcome = await this.#inTime(instance);
    if (!outcome.ok) throw this.#fault(startProblem(outcome));
    const latencyMs = performance.now() - startedAt;
    world.telemetry.startup({ service, revision, timeMs: world.clock.now(), latencyMs });
    return instance;
  }

  async stop(): Promise<void> {
    const metadata = this.#metadata;
    this.#metadata = undefined;
    if (!metadata) return;
    await metadata.catch(() => {});
    await this.#parts.world.planes.close(this.#parts.planeName);
  }

  #spawn(env: Readonly<Record<string, string>>, ended: () => void): Instance {
    const { world, setup, workers } = this.#parts;
    const { service, revision, folder, memoryMb } = setup;
    const id = randomBytes(32).toString('hex');
    const { NODE_OPTIONS } = env;
    return new Instance({
      id,
      worker: NODE_OPTIONS === undefined ? workers.take() : new WorkerProcess(NODE_OPTIONS),
      folder,
      env,
      memoryMb,
      now: () => world.clock.now(),
      line: (stream, text) => {
        const timeMs = world.clock.now();
        world.telemetry.line({ service, revision, instanceId: id, timeMs, stream, text });
      },
      onEnd: ended,
    });
  }

  #secrets(): Readonly<Record<string, string>> {
    try {
      return secretsOf(this.#parts.world, this.#parts.setup);
    } catch (error) {
      throw this.#fault(error instanceof Error ? error.message : String(error));
    }
  }

  #metadataServer(): Promise<string> {
    const { world, setup, planeName } = this.#parts;
    const server = new MetadataServer(world, setup.serviceAccount);
    this.#metadata ??= world.planes.open({
      name: planeName,
      handle: (request) => server.handle(request),
    });
    return this.#metadata;
  }

  async #inTime(instance: Instance): Promise<StartOutcome> {
    const { world, startGrantedMs } = this.#parts;
    const late = (): void =>
      instance.kill({ cause: 'late', message: 'The container did not listen in time.' });
    const cancel = afterBoth(world.clock, START_MS, startGrantedMs, late);
    const timer = setTimeout(late, START_LIMIT_MS);
    const outcome = await instance.started;
    cancel();
    clearTimeout(timer);
    return outcome;
  }

  #fault(problem: string): GoogleFault {
    const { revision } = this.#parts.setup;
    return new GoogleFault(
      'FAILED_PRECONDITION',
      `Revision '${revision}' is not ready and cannot serve traffic. ${problem}`,
    );
  }
}

/** @see https://cloud.google.com/run/docs/troubleshooting#container-failed-to-start */
function startProblem({ end, stderr }: Extract<StartOutcome, { ok: false }>): string {
  if (end.cause === 'memory') return end.message;
  return `The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable within the allocated timeout. This can happen when the container port is misconfigured or if the timeout is too short. The health check timeout can be extended. Logs for this revision might contain more information.\n\nLogs: ${stderr.join('\n')}`;
}
