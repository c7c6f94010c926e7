import type { Fleet, InstanceSetup, ServiceReply, ServiceRequest, World } from '../core/ports.ts';
import type { ClockWatch } from '../../shared/runtime/clock-watch.ts';
import { headerOf } from '../../shared/runtime/header-list.ts';
import type { IdleLimit } from '../../shared/runtime/idle-limit.ts';
import type { Outcome } from '../../shared/runtime/exchange-in-time.ts';
import type { End, Instance } from './instance.ts';
import { traceOf, withPlatformHeaders } from './platform-headers.ts';
import {
  BROKEN,
  MAX_RESPONSE_BYTES,
  NO_INSTANCE,
  NOT_STARTED,
  OUT_OF_SERVICE,
  saidOf,
  TIMED_OUT,
  TOO_LARGE,
} from './replies.ts';
import { Starter, type StarterParts } from './starter.ts';
import { WaitingLine } from '../../shared/runtime/waiting-line.ts';

export interface FleetParts extends StarterParts {
  readonly idle: IdleLimit;
  readonly clockWatch: ClockWatch;
  onStop(): void;
}

/** A place for one instance, from the moment at which it is decided to start it. */
interface Member {
  instance: Instance | undefined;
  isReady: boolean;
  active: number;
  served: number;
  usedAt: number;
  cancelReaping: (() => void) | undefined;
  /** Settles when it listens; rejects with what Cloud Run says when it does not. */
  opened: Promise<Instance>;
}

/** How long an instance that serves nothing stays, in simulated time: docs/about-instance-autoscaling. */
const IDLE_MS = 15 * 60_000;
const WATCH_MS = 25;
/** A process that goes has gone within so long, after its connections are. */
const EXIT_PATIENCE_MS = 250;
/**
 * What runs on after its time is left alone for so long. Without a request it has hardly any CPU in the cloud; here it
 * would take it from the tests, so that it ends.
 */
const STUCK_MS = 3000;
const STOP_GRACE_MS = 2000;
const STOPPED: End = { cause: 'stop', message: 'The instance was shut down.' };

/** The instances of one revision. */
export class RevisionFleet implements Fleet {
  readonly #world: World;
  readonly #setup: InstanceSetup;
  readonly #parts: FleetParts;
  readonly #starter: Starter;
  readonly #members = new Set<Member>();
  readonly #line: WaitingLine<Member>;
  /** Instances that were ended, until their processes are gone. */
  readonly #ending = new Set<Promise<void>>();
  #minInstances = 0;
  #watch: NodeJS.Timeout | undefined;
  #uses = 0;
  #isStopped = false;

  constructor(parts: FleetParts) {
    this.#world = parts.world;
    this.#setup = parts.setup;
    this.#parts = parts;
    this.#starter = new Starter(parts);
    this.#line = new WaitingLine(parts.world.clock, () => this.#starting > 0);
    if (parts.setup.minInstances > 0) this.setMinInstances(parts.setup.minInstances);
  }

  async probe(): Promise<void> {
    await this.#open().opened;
  }

  async send(request: ServiceRequest): Promise<ServiceReply> {
    const failures = this.#failures;
    const member = this.#isStopped ? undefined : await this.#place(request.signal);
    const { instance } = member ?? {};
    if (!member || !instance) {
      const isBroken = this.#failures > failures;
      const refusal = this.#isStopped ? OUT_OF_SERVICE : isBroken ? NOT_STARTED : NO_INSTANCE;
      this.#tell(request, refusal, { timeMs: this.#world.clock.now(), latencyMs: 0 });
      return refusal;
    }
    const timeMs = this.#world.clock.now();
    const startedAt = performance.now();
    const sent = { ...request, headers: withPlatformHeaders(request.headers) };
    const timeoutMs = this.#setup.timeoutSeconds * 1000;
    const outcome = await instance.send(sent, { timeoutMs, signal: request.signal });
    const reply = replyOf(outcome);
    this.#record(instance, sent, reply, { timeMs, latencyMs: performance.now() - startedAt });
    if (outcome.kind === 'timeout' || request.signal?.aborted === true) {
      void this.#releaseOnceFree(member, instance);
      return reply;
    }
    // What is about to go serves nobody else: it says nothing any more.
    if (isEnding(outcome)) await Promise.race([instance.isResponsive(), pause(EXIT_PATIENCE_MS)]);
    this.#release(member);
    return reply;
  }

  setMinInstances(count: number): void {
    this.#minInstances = Math.min(count, this.#setup.maxInstances);
    for (const member of this.#members)
      if (isIdle(member) && !member.cancelReaping) this.#rest(member);
    this.#fill();
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
      this.#parts.onStop();
    }
    await Promise.all(this.#ending);
    await this.#starter.stop();
  }

  get #starting(): number {
    return [...this.#members].filter(({ isReady }) => !isReady).length;
  }

  /** How many starts went wrong. */
  #failures = 0;

  async #place(signal: AbortSignal | undefined): Promise<Member | undefined> {
    const free = this.#free();
    if (free) return this.#take(free);
    const joined = this.#line.join(signal);
    this.#grow();
    return joined;
  }

  /** Of those with room, the one that was used last. */
  #free(): Member | undefined {
    let best: Member | undefined;
    for (const member of this.#members) {
      const hasRoom = member.isReady && member.active < this.#setup.concurrency;
      if (hasRoom && (!best || member.usedAt > best.usedAt)) best = member;
    }
    return best;
  }

  #take(member: Member): Member {
    member.active += 1;
    member.served += 1;
    this.#wake(member);
    this.#uses += 1;
    member.usedAt = this.#uses;
    this.#watch ??= setInterval(() => this.#look(), WATCH_MS).unref();
    return member;
  }

  /** As many starts are under way as those in the line need. */
  #grow(): void {
    const needed = Math.ceil(this.#line.length / this.#setup.concurrency);
    for (let more = needed - this.#starting; more > 0; more -= 1) {
      if (this.#isStopped || this.#members.size >= this.#setup.maxInstances) return;
      this.#open().opened.catch(() => {});
    }
  }

  #fill(): void {
    while (!this.#isStopped && this.#members.size < this.#minInstances) {
      const { opened } = this.#open();
      this.#world.work.run(async () => void (await opened.catch(() => {})));
    }
  }

  #open(): Member {
    const member: Member = {
      instance: undefined,
      isReady: false,
      active: 0,
      served: 0,
      usedAt: 0,
      cancelReaping: undefined,
      opened: Promise.resolve().then(() => this.#begin(member)),
    };
    this.#members.add(member);
    this.#watch ??= setInterval(() => this.#look(), WATCH_MS).unref();
    return member;
  }

  async #begin(member: Member): Promise<Instance> {
    try {
      const instance = await this.#starter.start(
        (began) => {
          member.instance = began;
          this.#parts.clockWatch.add(began);
          if (!this.#members.has(member)) began.kill(STOPPED);
        },
        () => this.#ended(member),
      );
      member.isReady = true;
      this.#rest(member);
      this.#serve();
      return instance;
    } catch (error) {
      this.#failures += 1;
      this.#forget(member);
      // Those who would have had their place on it are not served; a new start would end as this one.
      for (let at = 0; at < this.#setup.concurrency; at += 1)
        if (!this.#line.serve(undefined)) break;
      throw error;
    }
  }

  #serve(): void {
    for (let free = this.#free(); free && this.#line.length > 0; free = this.#free())
      this.#line.serve(this.#take(free));
    this.#grow();
  }

  #release(member: Member): void {
    member.active -= 1;
    if (isIdle(member) && this.#members.has(member)) {
      if (this.#isStopped) this.#close(member);
      else this.#rest(member);
    }
    this.#serve();
  }

  /** The caller is gone while the code runs on: as long as it lets nothing else happen, its place is taken. */
  async #releaseOnceFree(member: Member, instance: Instance): Promise<void> {
    const isFree = await Promise.race([instance.isResponsive(), pause(STUCK_MS).then(() => false)]);
    if (!isFree) instance.kill(STOPPED);
    this.#release(member);
  }

  #rest(member: Member): void {
    this.#wake(member);
    this.#parts.idle.add(member, () => this.#reap(member));
    member.cancelReaping = this.#world.clock.after(IDLE_MS, () => this.#reap(member));
  }

  #wake(member: Member): void {
    member.cancelReaping?.();
    member.cancelReaping = undefined;
    this.#parts.idle.delete(member);
  }

  #reap(member: Member): void {
    this.#wake(member);
    if (this.#members.has(member) && isIdle(member) && this.#members.size > this.#minInstances)
      this.#close(member);
  }

  #close(member: Member): void {
    this.#forget(member);
    member.instance?.kill(STOPPED);
    const ending = member.opened
      .catch(() => undefined)
      .then(() => member.instance?.ended)
      .then(() => void this.#ending.delete(ending));
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
    if (this.#isStopped) return;
    // What ends by itself, without having served, would end again.
    if (member.served > 0) this.#fill();
    this.#serve();
  }

  #look(): void {
    const watched = [...this.#members].filter((member) => !member.isReady || !isIdle(member));
    for (const { instance } of watched) instance?.checkMemory();
    if (watched.length > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #record(instance: Instance, request: ServiceRequest, reply: ServiceReply, taken: Taken): void {
    this.#tell(request, reply, taken, instance);
    const { service, revision } = this.#setup;
    const utilization = instance.memoryUtilization() ?? (instance.end ? 1 : undefined);
    if (utilization === undefined) return;
    this.#world.telemetry.memory({ service, revision, timeMs: taken.timeMs, utilization });
  }

  #tell(
    { method, url, headers }: ServiceRequest,
    reply: ServiceReply,
    { timeMs, latencyMs }: Taken,
    instance?: Instance,
  ): void {
    const { service, revision } = this.#setup;
    this.#world.telemetry.request({
      service,
      revision,
      instanceId: instance?.id,
      timeMs,
      status: reply.status,
      latencyMs,
      traceId: traceOf(headers).traceId,
      method,
      url,
      said: saidOf(reply),
    });
  }
}

interface Taken {
  readonly timeMs: number;
  readonly latencyMs: number;
}

function replyOf(outcome: Outcome): ServiceReply {
  if (outcome.kind === 'timeout') return TIMED_OUT;
  if (outcome.kind === 'broken') return BROKEN;
  const { status, headers, body } = outcome;
  if (body.length > MAX_RESPONSE_BYTES) return TOO_LARGE;
  return { status, headers, body, fate: 'answered' };
}

/** Whether the instance may be about to go: the framework says so of a process that it ends. */
function isEnding(outcome: Outcome): boolean {
  if (outcome.kind !== 'answer') return outcome.kind === 'broken';
  return headerOf(outcome.headers, 'x-google-status') === 'crash';
}

function isIdle({ isReady, active }: Member): boolean {
  return isReady && active === 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
