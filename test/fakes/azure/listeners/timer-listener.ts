/** A timer of a function, as the Functions host keeps it. */
import { textOf } from '../core/json.ts';
import type { World } from '../core/ports.ts';
import { hostTrace } from './host-trace.ts';
import { isFast, parseNcrontab, type Ncrontab } from './ncrontab.ts';
import { invokeWithRetry } from './retry.ts';
import type { Trigger } from './triggers.ts';
import type { ServedSite } from './watch.ts';

/** What the host remembers of a timer in its storage account, over restarts. */
interface TimerStatus {
  /** Undefined: it never ran. */
  last: number | undefined;
  next: number;
  lastUpdated: number;
}

/** By site and function. */
export class TimerStatuses {
  readonly #statuses = new Map<string, Map<string, TimerStatus>>();

  get(siteId: string, functionName: string): TimerStatus | undefined {
    return this.#statuses.get(siteId)?.get(functionName);
  }

  set(siteId: string, functionName: string, status: TimerStatus): void {
    const ofSite = this.#statuses.get(siteId) ?? new Map<string, TimerStatus>();
    ofSite.set(functionName, status);
    this.#statuses.set(siteId, ofSite);
  }

  forget(siteId: string): void {
    this.#statuses.delete(siteId);
  }
}

export class TimerListener {
  readonly #world: World;
  readonly #site: ServedSite;
  readonly #trigger: Trigger;
  readonly #statuses: TimerStatuses;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(world: World, site: ServedSite, trigger: Trigger, statuses: TimerStatuses) {
    this.#world = world;
    this.#site = site;
    this.#trigger = trigger;
    this.#statuses = statuses;
  }

  start(): void {
    const { options, functionName } = this.#trigger;
    const expression = textOf(options['schedule']);
    const schedule = parseNcrontab(expression);
    if (!schedule) {
      hostTrace(this.#world, this.#site.siteId, {
        message: `The '${functionName}' function is in error: Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.${functionName}'. Microsoft.Azure.WebJobs.Extensions: The schedule expression '${expression}' was not recognized as a valid cron expression or timespan string.`,
        severity: 3,
        functionName,
      });
      return;
    }
    const now = this.#world.clock.now();
    const isMonitored = options['useMonitor'] !== false && !isFast(schedule, now);
    const status = isMonitored ? this.#checked(schedule, now) : undefined;
    const isPastDue = status !== undefined && now > status.next;
    if (isPastDue || options['runOnStartup'] === true) {
      const due = status?.next ?? now;
      return this.#fire(schedule, isMonitored, { due, at: now, isPastDue });
    }
    this.#arm(schedule, isMonitored, now);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The status as it was kept, brought in line with a schedule that changed. */
  #checked(schedule: Ncrontab, now: number): TimerStatus | undefined {
    const { siteId } = this.#site;
    const { functionName } = this.#trigger;
    const kept = this.#statuses.get(siteId, functionName);
    // What never ran is counted from now: an occurrence that was missed before the first run stays missed.
    const from = kept?.last ?? now;
    let next = schedule.next(from);
    if (next === undefined) return undefined;
    if (kept && kept.next === next) return kept;
    let lastUpdated = from;
    if (kept && now > next) {
      // A schedule that changed is not past due for what its new form would have had before.
      next = schedule.next(now) ?? next;
      lastUpdated = now;
    }
    const status = { last: kept?.last, next, lastUpdated };
    this.#statuses.set(siteId, functionName, status);
    return status;
  }

  /** Waits for the occurrence after `after`. */
  #arm(schedule: Ncrontab, isMonitored: boolean, after: number): void {
    if (this.#isStopped) return;
    const due = schedule.next(after);
    if (due === undefined) return;
    const waitMs = Math.max(0, due - this.#world.clock.now());
    this.#cancel = this.#world.clock.after(waitMs, () => {
      this.#fire(schedule, isMonitored, { due, at: due, isPastDue: false });
    });
  }

  /** One run; the next one waits for its end. A clock that jumped meanwhile lets the runs follow one another. */
  #fire(
    schedule: Ncrontab,
    isMonitored: boolean,
    run: { readonly due: number; readonly at: number; readonly isPastDue: boolean },
  ): void {
    const { siteId, host } = this.#site;
    const { functionName, retry } = this.#trigger;
    const kept = isMonitored ? this.#statuses.get(siteId, functionName) : undefined;
    const json = JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: isMonitored
        ? {
            Last: timeOf(kept?.last),
            Next: timeOf(run.due),
            LastUpdated: timeOf(kept?.lastUpdated),
          }
        : null,
      IsPastDue: run.isPastDue,
    });
    invokeWithRetry(
      this.#world,
      host,
      { functionName, data: { json } },
      {
        retry,
        isEnded: () => this.#isStopped,
        done: (outcome) => {
          // With the host its memory of the run is gone: the occurrence is past due when it comes back.
          if (!outcome.ok && outcome.crashed && this.#isStopped) return;
          const next = schedule.next(run.at);
          if (isMonitored && next !== undefined) {
            const status = { last: run.at, next, lastUpdated: run.at };
            this.#statuses.set(siteId, functionName, status);
          }
          this.#arm(schedule, isMonitored, run.at);
        },
      },
    );
  }
}

/** As .NET writes a time; its beginning of time where there is none. */
function timeOf(at: number | undefined): string {
  if (at === undefined) return '0001-01-01T00:00:00+00:00';
  return new Date(at).toISOString().replace(/(\.000)?Z$/, '+00:00');
}
