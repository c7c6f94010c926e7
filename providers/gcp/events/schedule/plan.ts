/** Schedules: jobs of Cloud Scheduler, each for one binding. */
import { ServerlessError } from 'polyfaas/spi';
import { ownerText } from '../../names.ts';
import type { MadeSource } from '../../record.ts';
import { NO_PARTS, type BindingParts, type EventOf, type PlanContext } from '../context.ts';
import { jobName } from '../names.ts';
import { EVENT_STEP, eventStep } from '../steps.ts';
import { eventsPath, pushTo, type PushWish } from '../subscription/plan.ts';
import { unixCron } from './unix-cron.ts';

/** How long Cloud Scheduler waits for an answer, in seconds (Cloud Scheduler API, `Job.attemptDeadline`). */
const SHORTEST_DEADLINE = 15;
const LONGEST_DEADLINE = 1800;

/** A job, wished for. JSON. */
export interface JobWish {
  /** `projects/p/locations/l/jobs/j` */
  readonly name: string;
  /** Says whose it is, since jobs have no labels. */
  readonly description: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly attemptDeadlineSeconds: number;
  readonly push: PushWish;
  /** The text of the request's body: JSON. */
  readonly body: string;
}

export function attemptDeadlineSeconds(timeoutSeconds: number): number {
  return Math.min(LONGEST_DEADLINE, Math.max(SHORTEST_DEADLINE, timeoutSeconds));
}

/** @throws ServerlessError INVALID_ARGUMENT for a schedule that was not checked. */
export function planSchedule(
  { target, timeoutSeconds }: PlanContext,
  bindingId: string,
  event: EventOf<'schedule'>,
  policy: string,
): BindingParts {
  const { expression, problem } = unixCron(event.when);
  if (expression === undefined) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'gcp',
      function: target.ref.name,
      message: `events.${bindingId}: ${problem}`,
    });
  }
  const job: JobWish = {
    name: jobName(target, bindingId),
    description: ownerText(target.ref),
    schedule: expression,
    timeZone: event.timezone,
    enabled: event.enabled,
    attemptDeadlineSeconds: attemptDeadlineSeconds(timeoutSeconds),
    push: pushTo(target, eventsPath(bindingId, policy)),
    body: JSON.stringify({ bindingId, input: event.input }),
  };
  const bound: readonly MadeSource[] = [{ kind: 'job', id: job.name }];
  return {
    ...NO_PARTS,
    bound,
    after: [
      eventStep(target, {
        id: `event-${bindingId}-bind`,
        kind: EVENT_STEP.job,
        title: `Schedule "${bindingId}"`,
        phase: 'bind',
        input: { job },
        makes: bound,
      }),
    ],
    source: bindingId,
  };
}
