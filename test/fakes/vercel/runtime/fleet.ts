import type { ClockWatch } from '../../shared/runtime/clock-watch.ts';
import { headerOf } from '../../shared/runtime/header-list.ts';
import type { IdleLimit } from '../../shared/runtime/idle-limit.ts';
import { WaitingLine } from '../../shared/runtime/waiting-line.ts';
import type { DeployedFunction, FunctionRequest, ReadyDeployment, World } from '../core/ports.ts';
import { loggedRequest } from '../edge/request-id.ts';
import { environmentOf } from './environment.ts';
import type { Outcome } from '../../shared/runtime/exchange-in-time.ts';
import { Instance } from './instance.ts';
import { FAILED_HEADER } from './messages.ts';
import { fault, MAX_BODY_BYTES, type RunOutcome } from './outcome.ts';
import type { WorkerPool } from '../../shared/runtime/worker-pool.ts';
import { WorkerProcess } from './worker-process.ts';

export interface FleetParts {
  readonly world: World;
  readonly deployment: ReadyDeployment;
  readonly func: DeployedFunction;
  readonly workers: WorkerPool<WorkerProcess>;
  readonly idle: IdleLimit;
  readonly clockWatch: ClockWatch;
}

/** A place for one instance, from the moment at which it is decided to start it. */
interface Member {
  instance: Instance | undefined;
  isReady: boolean;
  /** It serves what it has, and then ends. */
  isRetired: boolean;
  active: number;
  hasServed: boolean;
  usedAt: number;
  cancelReaping: (() => void) | undefined;
}

interface ReadyMember {
  readonly member: Member;
  readonly instance: Instance;
}

/** A member with room for a request, and whether that is its first. */
interface Place extends ReadyMember {
  readonly isCold: boolean;
}

/** How many instances a function has at most: a machine of tests is no data center. */
const MAX_INSTANCES = 50;
/** How long an instance that serves nothing stays, in simulated time. */
const IDLE_MS = 5 * 60_000;
const WATCH_MS = 25;
/** A process that goes has gone within so long, after its connections are. */
const EXIT_PATIENCE_MS = 250;
const STOP_GRACE_MS = 2000;

/** The instances of one function of one deployment. */
export class FunctionFleet {
  readonly deployment: ReadyDeployment;
  readonly #parts: FleetParts;
  readonly #members = new Set<Member>();
  readonly #line: WaitingLine<Place>;
  /** Those in the line, the oldest first: instances are started for them. */
  readonly #waiting = new Set<FunctionRequest>();
  /** Instances that were ended, until their processes are gone. */
  readonly #ending = new Set<Promise<void>>();
  #watch: NodeJS.Timeout | undefined;
  #uses = 0;
  /** How many starts went wrong. */
  #failures = 0;
  #isStopped = false;

  constructor(parts: FleetParts) {
    this.deployment = parts.deployment;
    this.#parts = parts;
    this.#line = new WaitingLine(parts.world.clock, () => this.#starting > 0);
  }

  async send(request: FunctionRequest): Promise<RunOutcome> {
    const { maxDurationSeconds } = this.#parts.func;
    const timeMs = this.#parts.world.clock.now();
    const failures = this.#failures;
    this.#waiting.add(request);
    const place = this.#isStopped ? undefined : await this.#place(request.signal);
    this.#waiting.delete(request);
    if (!place) {
      const isFailed = this.#isStopped || this.#failures > failures;
      const none = fault(isFailed ? 'FUNCTION_INVOCATION_FAILED' : 'FUNCTION_THROTTLED');
      this.#record(request, none, { timeMs, durationMs: 0, isCold: isFailed, peakMemoryMb: 0 });
      return none;
    }
    const { member, instance, isCold } = place;
    const startedAt = performance.now();
    const outcome = await instance.send(request, maxDurationSeconds * 1000);
    const durationMs = performance.now() - startedAt;
    const { peakMemoryMb } = instance;
    if (outcome.kind === 'timeout') {
      instance.say(
        `Vercel Runtime Timeout Error: Task timed out after ${maxDurationSeconds} seconds`,
        request,
      );
      member.isRetired = true;
    }
    // What is about to go says nothing any more.
    if (outcome.kind === 'broken')
      await Promise.race([instance.isResponsive(), pause(EXIT_PATIENCE_MS)]);
    const told = toldOf(outcome, instance.hasEnded);
    if (told.kind === 'fault' && told.code === 'FUNCTION_INVOCATION_FAILED')
      member.isRetired = true;
    this.#record(request, told, { timeMs, durationMs, isCold, peakMemoryMb });
    this.#release(member);
    return told;
  }

  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    if (!this.#isStopped) {
      this.#isStopped = true;
      while (this.#line.serve(undefined));
      const deadline = performance.now() + graceMs;
      for (const member of this.#members) if (member.active === 0) this.#close(member);
      while (this.#members.size > 0 && performance.now() < deadline) await pause(10);
      for (const member of this.#members) this.#close(member);
      clearInterval(this.#watch);
    }
    await Promise.all(this.#ending);
  }

  get #starting(): number {
    return [...this.#members].filter(({ isReady }) => !isReady).length;
  }

  async #place(signal: AbortSignal | undefined): Promise<Place | undefined> {
    const free = this.#free();
    if (free) return this.#take(free);
    const joined = this.#line.join(signal);
    this.#grow();
    return joined;
  }

  /** Of those with room, the one that was used last. */
  #free(): ReadyMember | undefined {
    const { maxConcurrency } = this.#parts.func;
    let best: ReadyMember | undefined;
    for (const member of this.#members) {
      const { instance, isReady, isRetired, active } = member;
      if (!instance || !isReady || isRetired || active >= maxConcurrency) continue;
      if (!best || member.usedAt > best.member.usedAt) best = { member, instance };
    }
    return best;
  }

  #take({ member, instance }: ReadyMember): Place {
    const isCold = !member.hasServed;
    member.hasServed = true;
    member.active += 1;
    this.#wake(member);
    this.#uses += 1;
    member.usedAt = this.#uses;
    this.#watch ??= setInterval(() => this.#look(), WATCH_MS).unref();
    return { member, instance, isCold };
  }

  /** As many starts are under way as those in the line need. */
  #grow(): void {
    const needed = Math.ceil(this.#line.length / this.#parts.func.maxConcurrency);
    for (let more = needed - this.#starting; more > 0; more -= 1) {
      if (this.#isStopped || this.#members.size >= MAX_INSTANCES) return;
      void this.#open();
    }
  }

  async #open(): Promise<void> {
    const member: Member = {
      instance: undefined,
      isReady: false,
      isRetired: false,
      active: 0,
      hasServed: false,
      usedAt: 0,
      cancelReaping: undefined,
    };
    this.#members.add(member);
    const instance = this.#spawn(member);
    member.instance = instance;
    this.#parts.clockWatch.add(instance);
    if (await instance.started) {
      member.isReady = true;
      this.#rest(member);
      this.#serve();
      return;
    }
    this.#failures += 1;
    this.#forget(member);
    // Those who would have had their place on it are not served; a new start would end as this one.
    for (let at = 0; at < this.#parts.func.maxConcurrency; at += 1)
      if (!this.#line.serve(undefined)) break;
  }

  #spawn(member: Member): Instance {
    const { world, deployment, func, workers } = this.#parts;
    const { projectId, id: deploymentId } = deployment;
    const env = environmentOf(deployment, func, world.projects.bypassSecretsOf(projectId)[0]);
    const { NODE_OPTIONS } = env;
    // Vercel shows what is printed at the start of an instance with the request that it was started for.
    const [startedFor] = this.#waiting;
    return new Instance({
      worker: NODE_OPTIONS === undefined ? workers.take() : new WorkerProcess(NODE_OPTIONS),
      folder: func.folder,
      handler: func.handler,
      env,
      memoryMb: func.memoryMb,
      now: () => world.clock.now(),
      line: (stream, text, of) => {
        const about = of ?? startedFor;
        world.telemetry.line({
          projectId,
          deploymentId,
          timeMs: world.clock.now(),
          stream,
          text,
          requestPath: of?.url.split('?')[0] ?? `/${func.name}`,
          requestMethod: of?.method ?? '',
          request: about && loggedRequest(about),
        });
      },
      onFailing: () => {
        member.isRetired = true;
        // What it has under way ends as it does; what serves nothing ends here and now.
        if (isIdle(member)) this.#close(member);
      },
      onEnd: () => this.#ended(member),
    });
  }

  #serve(): void {
    for (let free = this.#free(); free && this.#line.length > 0; free = this.#free())
      this.#line.serve(this.#take(free));
    this.#grow();
  }

  #release(member: Member): void {
    member.active -= 1;
    if (isIdle(member) && this.#members.has(member)) {
      if (this.#isStopped || member.isRetired) this.#close(member);
      else this.#rest(member);
    }
    this.#serve();
  }

  #rest(member: Member): void {
    this.#wake(member);
    this.#parts.idle.add(member, () => this.#reap(member));
    member.cancelReaping = this.#parts.world.clock.after(IDLE_MS, () => this.#reap(member));
  }

  #wake(member: Member): void {
    member.cancelReaping?.();
    member.cancelReaping = undefined;
    this.#parts.idle.delete(member);
  }

  #reap(member: Member): void {
    this.#wake(member);
    if (this.#members.has(member) && isIdle(member)) this.#close(member);
  }

  #close(member: Member): void {
    this.#forget(member);
    const { instance } = member;
    if (!instance) return;
    instance.kill();
    const ending = instance.ended.then(() => void this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #forget(member: Member): void {
    this.#wake(member);
    this.#members.delete(member);
    if (member.instance) this.#parts.clockWatch.delete(member.instance);
  }

  #ended(member: Member): void {
    if (!this.#members.has(member) || !member.isReady) return;
    this.#forget(member);
    if (!this.#isStopped) this.#serve();
  }

  #look(): void {
    const watched = [...this.#members].filter((member) => !member.isReady || !isIdle(member));
    for (const { instance } of watched) instance?.checkMemory();
    if (watched.length > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #record(
    request: FunctionRequest,
    outcome: RunOutcome,
    of: {
      readonly timeMs: number;
      readonly durationMs: number;
      readonly isCold: boolean;
      readonly peakMemoryMb: number;
    },
  ): void {
    const { world, deployment, func } = this.#parts;
    const isFault = outcome.kind === 'fault';
    world.telemetry.invocation({
      projectId: deployment.projectId,
      deploymentId: deployment.id,
      timeMs: of.timeMs,
      status: isFault ? outcome.status : outcome.reply.status,
      durationMs: of.durationMs,
      startType: of.isCold ? 'cold' : 'hot',
      peakMemoryMb: of.peakMemoryMb,
      provisionedMemoryMb: func.memoryMb,
      route: `/${func.name}`,
      errorCode: isFault ? outcome.code : null,
      request: loggedRequest(request),
    });
  }
}

function toldOf(outcome: Outcome, hasEnded: boolean): RunOutcome {
  if (outcome.kind === 'timeout') return fault('FUNCTION_INVOCATION_TIMEOUT');
  if (outcome.kind === 'broken')
    return fault(hasEnded ? 'FUNCTION_INVOCATION_FAILED' : 'NO_RESPONSE_FROM_FUNCTION');
  const { status, headers, body } = outcome;
  if (headerOf(headers, FAILED_HEADER) !== undefined) return fault('FUNCTION_INVOCATION_FAILED');
  if (body.length > MAX_BODY_BYTES) return fault('FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE');
  return { kind: 'answer', reply: { status, headers, body } };
}

function isIdle({ isReady, active }: Member): boolean {
  return isReady && active === 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
