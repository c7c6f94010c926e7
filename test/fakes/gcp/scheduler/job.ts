/** One job: fires at its times, and tries again what failed. */
import type { JsonMap } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { attempt } from './attempt.ts';
import type { JobSettings } from './job-wish.ts';
import { isRetried, pauseBefore } from './retries.ts';

/** A firing with all its attempts. */
interface Execution {
  readonly scheduledMs: number;
  readonly beganMs: number;
  retries: number;
  /** When the next attempt is due; undefined while one is under way. */
  dueMs: number | undefined;
  cancel: () => void;
}

export class Job {
  readonly #world: World;
  readonly name: string;
  readonly #executions = new Set<Execution>();
  #resource: JsonMap;
  #settings: JobSettings;
  #updatedMs: number;
  #isPaused = false;
  #nextMs: number | undefined;
  #cancelTick: () => void = nothing;
  #lastAttemptMs: number | undefined;
  #lastCode: number | undefined;

  constructor(world: World, name: string, resource: JsonMap, settings: JobSettings) {
    this.#world = world;
    this.name = name;
    this.#resource = resource;
    this.#settings = settings;
    this.#updatedMs = world.clock.now();
    this.#arm(world.clock.now());
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** In its normal form, as it was set. */
  get resource(): JsonMap {
    return this.#resource;
  }

  /** An attempt is under way, or due now. */
  get isBusy(): boolean {
    const now = this.#world.clock.now();
    return [...this.#executions].some(({ dueMs }) => dueMs === undefined || dueMs <= now);
  }

  view(): JsonMap {
    const code = this.#lastCode;
    return {
      ...this.#resource,
      userUpdateTime: timeOf(this.#updatedMs),
      state: this.#isPaused ? 'PAUSED' : 'ENABLED',
      ...(code !== undefined && { status: code === 0 ? {} : { code } }),
      ...(this.#nextMs !== undefined && { scheduleTime: timeOf(this.#nextMs) }),
      ...(this.#lastAttemptMs !== undefined && { lastAttemptTime: timeOf(this.#lastAttemptMs) }),
    };
  }

  update(resource: JsonMap, settings: JobSettings): void {
    this.#resource = resource;
    this.#settings = settings;
    this.#updatedMs = this.#world.clock.now();
    this.#arm(this.#updatedMs);
  }

  pause(): void {
    this.#isPaused = true;
    this.#cancelTick();
  }

  resume(): void {
    this.#isPaused = false;
    this.#arm(this.#world.clock.now());
  }

  /** Fires now, whatever else it does. */
  run(): void {
    this.#fire(this.#world.clock.now());
  }

  stop(): void {
    this.#cancelTick();
    for (const { cancel } of this.#executions) cancel();
    this.#executions.clear();
  }

  #arm(after: number): void {
    this.#cancelTick();
    this.#nextMs = this.#settings.timetable.next(after);
    if (this.#nextMs === undefined || this.#isPaused) return;
    const due = this.#nextMs;
    const { clock } = this.#world;
    this.#cancelTick = clock.after(due - clock.now(), () => {
      // Never two at a time: what falls due meanwhile is left out.
      if (this.#executions.size === 0) this.#fire(due);
      this.#arm(Math.max(due, clock.now()));
    });
  }

  #fire(scheduledMs: number): void {
    const execution: Execution = {
      scheduledMs,
      beganMs: this.#world.clock.now(),
      retries: 0,
      dueMs: undefined,
      cancel: nothing,
    };
    this.#executions.add(execution);
    this.#try(execution);
  }

  #try(execution: Execution): void {
    const { clock, work } = this.#world;
    execution.dueMs = undefined;
    this.#lastAttemptMs = clock.now();
    work.run(async () => {
      const jobId = this.name.split('/').at(-1) ?? '';
      const { scheduledMs } = execution;
      const settings = this.#settings;
      const code = await attempt(this.#world, settings, { jobId, scheduledMs });
      // Stopped meanwhile.
      if (!this.#executions.has(execution)) return;
      this.#lastCode = code;
      const since = clock.now() - execution.beganMs;
      if (code === 0 || !isRetried(settings.retries, execution.retries, since)) {
        this.#executions.delete(execution);
        return;
      }
      const pause = pauseBefore(settings.retries, execution.retries);
      execution.retries += 1;
      execution.dueMs = clock.now() + pause;
      execution.cancel = clock.after(pause, () => this.#try(execution));
    });
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function nothing(): void {
  // Nothing waits.
}
