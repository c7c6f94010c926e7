import { setMaxListeners } from 'node:events';
import { ServerlessError } from 'polyfaas/spi';
import type { Dispatch } from '../ports.ts';
import { isStoreFailure, setAside } from './aside.ts';
import { CLOCK_TOLERANCE_MS } from './clock-repair.ts';
import { describeLane, isEnabled, kindOf } from './lane.ts';
import type { EventParts, Job, Lane, LaneEngines } from './lane.ts';
import type { LaneRegistry } from './lane-registry.ts';
import { failureOf } from './outcomes.ts';
import type { Outcome } from './outcomes.ts';
import type { Throttles } from './throttles.ts';
import { type WakeClocks, wakeAfter } from './wake.ts';

const STORE_RETRY_MS = 1_000;

interface Completion {
  readonly job: Job;
  readonly outcome: Outcome;
}

/**
 * Moves everything. It runs when something was sent, when a call came back, and when the next time has come; never
 * in vain. One run is one transaction: it writes down what calls came to and takes what is due; the calls begin
 * after the commit. What fails for one lane is undone for that lane alone, and tried again after a pause.
 */
export class Pump {
  /** Called, in a transaction, when the clock went back while it ran. */
  onClockBack: (nowMs: number, byMs: number) => void = () => {};
  /** Called, in a transaction, when a call has ended whose binding was removed meanwhile. */
  onEndedLate: (job: Job) => void = () => {};
  readonly #parts: EventParts & WakeClocks;
  readonly #lanes: LaneRegistry;
  readonly #engines: LaneEngines;
  readonly #throttles: Throttles;
  readonly #dispatch: Dispatch;
  readonly #underWay = new Set<Job>();
  readonly #settled: (() => void)[] = [];
  #completed: Completion[] = [];
  /** What calls came to that could not be written down; their lanes are set aside. */
  #unwritten: Completion[] = [];
  #running = false;
  #accepting = false;
  #planned = false;
  /** Lanes that wake during a run are looked at when it ends. */
  #inRun = false;
  /** The store cannot be written, and it was said. */
  #storeFails = false;
  /** Until a timer says that it is tried again. Not by the time: timers come early, and clocks go back. */
  #isHeldBack = false;
  /** The latest time that was seen. */
  #lastMs = 0;
  #cancelTimer: () => void = () => {};
  #abort = new AbortController();

  constructor(
    parts: EventParts & WakeClocks,
    lanes: LaneRegistry,
    engines: LaneEngines,
    throttles: Throttles,
    dispatch: Dispatch,
  ) {
    this.#parts = parts;
    this.#throttles = throttles;
    throttles.onEnd = () => this.#plan();
    this.#lanes = lanes;
    this.#engines = engines;
    this.#dispatch = dispatch;
    lanes.onWake = () => this.#plan();
  }

  get running(): boolean {
    return this.#running;
  }

  start(): void {
    this.#running = true;
    this.#accepting = true;
    this.#isHeldBack = false;
    this.#lastMs = this.#parts.clock.now();
    this.#abort = new AbortController();
    setMaxListeners(0, this.#abort.signal);
    this.#lanes.wakeAll();
  }

  settle(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => {
      this.#settled.push(resolve);
      this.#plan();
    });
  }

  async stop(graceMs: number): Promise<void> {
    if (!this.#running) return;
    this.#accepting = false;
    if (this.#underWay.size > 0 && graceMs > 0) {
      await new Promise<void>((resolve) => {
        // Not by the injected clock: handlers live in real time, and who closes moves no clock meanwhile.
        const grace = setTimeout(resolve, graceMs);
        void this.settle().then(() => {
          clearTimeout(grace);
          resolve();
        });
      });
    }
    this.#running = false;
    this.#accepting = false;
    try {
      this.#throttles.stop();
      this.#cancelTimer();
    } finally {
      // A clock of the user's own may throw. A second stop would do nothing of this.
      this.#release();
      this.#abort.abort(
        new ServerlessError({
          code: 'CANCELLED',
          provider: 'local',
          message:
            'The local provider is stopping. The event is delivered again after the next start.',
        }),
      );
      this.#resolveSettled();
    }
  }

  /**
   * What is still under way is left as a killed process would: the next start counts it as interrupted, for who closes
   * may do so because of it. Its outcome is not waited for.
   */
  #release(): void {
    const { store, clock } = this.#parts;
    const nowMs = clock.now();
    const completed = [...this.#completed.splice(0), ...this.#unwritten.splice(0)];
    const unfinished = [...this.#underWay];
    this.#underWay.clear();
    for (const job of unfinished) job.lane.inFlight = 0;
    for (const { job } of completed) job.lane.inFlight = 0;
    // A store that was closed before is how a killed process leaves it: the next start takes it up.
    if (!store.db.isOpen || completed.length + unfinished.length === 0) return;
    try {
      store.transaction(() => {
        const refused = { type: 'refused', dueMs: nowMs } as const;
        for (const { job, outcome } of completed) this.#finish(job, outcome, nowMs);
        // Nobody would deliver these after the next start: they are told of now, not then.
        for (const job of unfinished) if (this.#isGone(job.lane)) this.#finish(job, refused, nowMs);
      });
    } catch (error) {
      // The next start finds them as a killed process would have left them.
      const { name, message } = failureOf(error);
      this.#parts.warn(`Deliveries under way could not be given back: ${message}`, { error: name });
    }
  }

  #plan(): void {
    if (!this.#running || this.#planned || this.#inRun) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      this.#run();
    });
  }

  #run(): void {
    const { store, clock } = this.#parts;
    if (!this.#running || this.#isHeldBack || !store.db.isOpen) return;
    const nowMs = clock.now();
    const backMs = this.#lastMs - nowMs > CLOCK_TOLERANCE_MS ? this.#lastMs - nowMs : 0;
    const completed = this.#takeCompleted(nowMs);
    const unwritten: Completion[] = [];
    for (const { job } of completed) job.lane.inFlight -= 1;
    const jobs: Job[] = [];
    this.#inRun = true;
    try {
      if (backMs > 0) this.#goBack(nowMs, backMs);
      this.#lastMs = backMs > 0 ? nowMs : Math.max(this.#lastMs, nowMs);
      if (completed.length > 0 || this.#hasWork(nowMs)) {
        store.transaction(() => {
          for (const completion of completed) {
            const { job, outcome } = completion;
            if (!this.#finish(job, outcome, nowMs)) unwritten.push(completion);
            job.lane.dirty = true;
          }
          if (this.#accepting) this.#claim(jobs, nowMs);
        });
      }
      this.#storeFails = false;
    } catch (error) {
      this.#suspend(completed, jobs, error);
      return;
    } finally {
      this.#inRun = false;
    }
    for (const { job } of unwritten) job.lane.inFlight += 1;
    this.#unwritten.push(...unwritten);
    for (const job of jobs) this.#begin(job);
    this.#setTimer(nowMs);
    if (this.#hasWork(nowMs)) this.#plan();
    this.#checkSettled();
  }

  #goBack(nowMs: number, byMs: number): void {
    this.#parts.store.transaction(() => this.onClockBack(nowMs, byMs));
    for (const lane of this.#lanes.all()) lane.dirty = true;
  }

  /** What is to be written down now: also what could not be before, when the pause of its lane is over. */
  #takeCompleted(nowMs: number): readonly Completion[] {
    const completed = this.#completed;
    this.#completed = [];
    if (this.#unwritten.length === 0) return completed;
    const isDue = ({ job }: Completion): boolean => job.lane.asideUntilMs <= nowMs;
    const due = this.#unwritten.filter(isDue);
    this.#unwritten = this.#unwritten.filter((completion) => !isDue(completion));
    return [...due, ...completed];
  }

  /** @returns false when it could not be written down, and is to be tried again. Runs in a transaction. */
  #finish(job: Job, outcome: Outcome, nowMs: number): boolean {
    const { lane } = job;
    const written = this.#attempt(lane, nowMs, () => {
      job.finish(outcome, nowMs);
      if (this.#isGone(lane)) this.onEndedLate(job);
      return true;
    });
    // Nobody tries again what belongs to a binding that is gone; the next start finds it.
    return written ?? this.#isGone(lane);
  }

  /** Whether its binding, or function, was removed meanwhile. */
  #isGone(lane: Lane): boolean {
    return this.#lanes.find(lane.ref, lane.bindingId) !== lane;
  }

  /** Undoes what `work` did when it throws, and sets the lane aside; an error of the store itself is thrown on. */
  #attempt<Result>(lane: Lane, nowMs: number, work: () => Result): Result | undefined {
    const { store } = this.#parts;
    try {
      return store.transaction(work);
    } catch (error) {
      if (!store.db.isTransaction || isStoreFailure(error)) throw error;
      setAside(this.#parts, lane, error, nowMs);
      return undefined;
    }
  }

  #hasWork(nowMs: number): boolean {
    if (!this.#accepting) return false;
    for (const lane of this.#lanes.all()) if (mayHaveWork(lane, nowMs)) return true;
    return false;
  }

  /** One job of each lane in turn, so that functions bound to one queue get equal shares. */
  #claim(jobs: Job[], nowMs: number): void {
    let turn: Lane[] = [];
    for (const lane of this.#lanes.all()) {
      if (mayHaveWork(lane, nowMs)) turn.push(lane);
    }
    while (turn.length > 0) {
      turn = turn.filter((lane) => {
        const job = this.#claimOne(lane, nowMs);
        if (job === undefined) return false;
        jobs.push(job);
        lane.inFlight += 1;
        return true;
      });
    }
  }

  #claimOne(lane: Lane, nowMs: number): Job | undefined {
    const engine = this.#engines[kindOf(lane)];
    lane.nextDueMs = undefined;
    // What it makes known below, such as a message for its own queue, makes it dirty again.
    lane.dirty = false;
    if (!isEnabled(lane) || lane.inFlight >= engine.maxInFlight) return undefined;
    if (this.#throttles.pauses(lane)) return undefined;
    if (lane.asideUntilMs > nowMs) {
      lane.nextDueMs = lane.asideUntilMs;
      return undefined;
    }
    const claim = this.#attempt(lane, nowMs, () => engine.claim(lane, nowMs));
    if (claim === undefined) {
      lane.nextDueMs = lane.asideUntilMs;
      lane.dirty = false;
      return undefined;
    }
    lane.asideInRow = 0;
    lane.nextDueMs = claim.nextDueMs;
    return claim.job;
  }

  #begin(job: Job): void {
    this.#underWay.add(job);
    const { ref } = job.lane;
    let call: Promise<Outcome>;
    try {
      call = this.#dispatch(ref, job.call, this.#abort.signal).then(
        (output): Outcome => {
          job.lane.refusedInRow = 0;
          return { type: 'ok', output: output ?? null };
        },
        (error: unknown) => this.#outcomeOf(job, error),
      );
    } catch (error) {
      call = Promise.resolve(this.#outcomeOf(job, error));
    }
    void call.then((outcome) => {
      // Absent: it was released by a stop, and is delivered again.
      if (!this.#underWay.delete(job)) return;
      this.#completed.push({ job, outcome });
      this.#plan();
    });
  }

  #outcomeOf({ lane }: Job, error: unknown): Outcome {
    const code = ServerlessError.isInstance(error) ? error.code : undefined;
    // Its instance went with its function: that is no failure of the handler.
    if (code === 'CANCELLED' && this.#isGone(lane))
      return { type: 'refused', dueMs: this.#parts.clock.now() };
    if (!ServerlessError.isInstance(error) || code !== 'RATE_LIMITED') {
      lane.refusedInRow = 0;
      return { type: 'failed', failure: failureOf(error) };
    }
    this.#throttles.begin(lane, error.retryAfterMs);
    return { type: 'refused', dueMs: this.#parts.clock.now() };
  }

  /** The transaction failed: nothing was taken, and what calls came to is written down later. */
  #suspend(completed: readonly Completion[], claimed: readonly Job[], error: unknown): void {
    for (const { lane } of claimed) lane.inFlight -= 1;
    for (const { job } of completed) job.lane.inFlight += 1;
    this.#completed = [...completed, ...this.#completed];
    for (const lane of this.#lanes.all()) lane.dirty = true;
    if (!this.#storeFails) {
      const [first] = claimed;
      const { name, message } = failureOf(error);
      this.#parts.warn(
        `Events wait because the store cannot be written: ${message} It is tried again every second.`,
        { error: name, ...(first === undefined ? {} : describeLane(first.lane)) },
      );
    }
    this.#storeFails = true;
    this.#isHeldBack = true;
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.clock.after(STORE_RETRY_MS, () => {
      this.#isHeldBack = false;
      this.#run();
    });
  }

  #setTimer(nowMs: number): void {
    this.#cancelTimer();
    const nextMs = this.#nextDueMs();
    if (nextMs === Infinity) this.#cancelTimer = () => {};
    else this.#cancelTimer = wakeAfter(this.#parts, Math.max(0, nextMs - nowMs), () => this.#run());
  }

  #nextDueMs(): number {
    let nextMs = Infinity;
    for (const lane of this.#lanes.all()) nextMs = Math.min(nextMs, lane.nextDueMs ?? Infinity);
    for (const { job } of this.#unwritten) nextMs = Math.min(nextMs, job.lane.asideUntilMs);
    return nextMs;
  }

  #checkSettled(): void {
    if (this.#settled.length === 0) return;
    if (this.#planned || this.#underWay.size > 0 || this.#completed.length > 0) return;
    if (this.#accepting && this.#throttles.isAny) return;
    if (this.#accepting && this.#nextDueMs() <= this.#parts.clock.now()) this.#plan();
    else this.#resolveSettled();
  }

  #resolveSettled(): void {
    for (const resolve of this.#settled.splice(0)) resolve();
  }
}

function mayHaveWork(lane: Lane, nowMs: number): boolean {
  return lane.dirty || (lane.nextDueMs ?? Infinity) <= nowMs;
}
