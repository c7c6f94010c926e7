/** Schedules that fire: each time that is due, once, in order, with the schedule's own role. */
import { randomUUID } from 'node:crypto';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { toSeconds } from '../events/dispatch.ts';
import { deliver, type GivenUp } from '../events/redelivery.ts';
import type { Schedule, ScheduleTarget, ScheduleWatcher } from './schedules.ts';

const ACTIONS: Readonly<Record<string, string>> = {
  lambda: 'lambda:InvokeFunction',
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
};

interface Ticking {
  nextDue: number | undefined;
  cancel: (() => void) | undefined;
  /** The delivery before: a tick is not sent before the one ahead of it was. */
  previous: Promise<void>;
}

export class Firing implements ScheduleWatcher {
  readonly #world: World;
  readonly #completed: (schedule: Schedule) => void;
  readonly #ticking = new Map<Schedule, Ticking>();

  constructor(world: World, completed: (schedule: Schedule) => void) {
    this.#world = world;
    this.#completed = completed;
  }

  changed(schedule: Schedule): void {
    const known = this.#ticking.get(schedule);
    const ticking = known ?? {
      nextDue: undefined,
      cancel: undefined,
      previous: Promise.resolve(),
    };
    this.#ticking.set(schedule, ticking);
    const { startsAt } = schedule.wish;
    const now = this.#world.clock.now();
    // What begins at a moment is due at that moment; a rate without a start date begins at once.
    // A change at the very moment of a tick does not repeat it.
    const before = (startsAt ?? schedule.createdAt) - 1;
    ticking.nextDue = nextDue(schedule, Math.max(known ? now : now - 1, before));
    this.#arm(schedule, ticking);
  }

  removed(schedule: Schedule): void {
    this.#ticking.get(schedule)?.cancel?.();
    this.#ticking.delete(schedule);
  }

  stop(): void {
    for (const schedule of this.#ticking.keys()) this.removed(schedule);
  }

  #arm(schedule: Schedule, ticking: Ticking): void {
    ticking.cancel?.();
    ticking.cancel = undefined;
    if (ticking.nextDue === undefined || !schedule.wish.isEnabled) return;
    const waitMs = Math.max(0, ticking.nextDue - this.#world.clock.now());
    ticking.cancel = this.#world.clock.after(waitMs, () => this.#tick(schedule, ticking));
  }

  /** The clock may have jumped over several times. */
  #tick(schedule: Schedule, ticking: Ticking): void {
    while (ticking.nextDue !== undefined && ticking.nextDue <= this.#world.clock.now()) {
      this.#fire(schedule, ticking, ticking.nextDue);
      ticking.nextDue = nextDue(schedule, ticking.nextDue);
    }
    if (ticking.nextDue === undefined) this.#completed(schedule);
    else this.#arm(schedule, ticking);
  }

  #fire(schedule: Schedule, ticking: Ticking, due: number): void {
    const { target } = schedule.wish;
    const executionId = randomUUID();
    const text = (attempt: number): string =>
      inputOf(this.#world, schedule, due, executionId, attempt);
    const delivery = {
      send: (attempt: number) => send(this.#world, target, text(attempt)),
      maxRetries: target.maxRetries,
      maxAgeSeconds: target.maxAgeSeconds,
      giveUp: (why: GivenUp) => bury(this.#world, schedule, text(why.retries + 1), why),
    };
    const turn = ticking.previous.then(() => deliver(this.#world, delivery));
    ticking.previous = turn.catch(() => undefined);
    this.#world.work.run(() => turn);
  }
}

function nextDue(schedule: Schedule, after: number): number | undefined {
  const { timetable, endsAt } = schedule.wish;
  const due = timetable.next(after, schedule.origin);
  return due !== undefined && endsAt !== undefined && due > endsAt ? undefined : due;
}

/** The input with its context attributes filled in; without one, an event that tells what fired. */
function inputOf(
  world: World,
  schedule: Schedule,
  due: number,
  executionId: string,
  attempt: number,
): string {
  const { input } = schedule.wish.target;
  if (input === undefined) {
    return JSON.stringify({
      version: '0',
      id: executionId,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: world.account,
      time: toSeconds(due),
      region: world.region,
      resources: [schedule.arn],
      detail: '{}',
    });
  }
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
    .replaceAll('<aws.scheduler.scheduled-time>', toSeconds(due))
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}

async function send(world: World, target: ScheduleTarget, text: string): Promise<void> {
  const service = target.arn.split(':')[2] ?? '';
  const action = ACTIONS[service] ?? service;
  checkRole(world, target.roleArn, action, target.arn);
  if (service === 'lambda') {
    await world.lambda.invoke({ arn: target.arn, type: 'Event', payload: text });
  } else if (service === 'sqs') {
    if (!world.sqs.exists(target.arn)) throw gone('The specified queue does not exist.');
    const groupId = target.messageGroupId;
    world.sqs.send(target.arn, text, groupId === undefined ? {} : { groupId });
  } else {
    if (!world.sns.exists(target.arn)) throw gone('Topic does not exist');
    world.sns.publish(target.arn, text);
  }
}

function checkRole(world: World, roleArn: string, action: string, resource: string): void {
  if (!world.iam.canAssume(roleArn, 'scheduler.amazonaws.com')) {
    throw new AwsFault(403, 'AccessDeniedException', `The role ${roleArn} cannot be assumed.`);
  }
  if (world.iam.roleAllows(roleArn, action, resource)) return;
  throw new AwsFault(
    403,
    'AccessDeniedException',
    `User: ${roleArn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  );
}

function gone(message: string): AwsFault {
  return new AwsFault(404, 'ResourceNotFoundException', message);
}

/** The dead-letter queue is written to with the schedule's role, too. */
function bury(world: World, schedule: Schedule, text: string, why: GivenUp): void {
  const { deadLetterArn, roleArn, arn } = schedule.wish.target;
  if (deadLetterArn === undefined || !world.sqs.exists(deadLetterArn)) return;
  if (!world.iam.roleAllows(roleArn, 'sqs:SendMessage', deadLetterArn)) return;
  world.sqs.send(deadLetterArn, text, {
    attributes: {
      SCHEDULE_ARN: schedule.arn,
      TARGET_ARN: arn,
      ERROR_CODE: why.fault.code,
      ERROR_MESSAGE: why.fault.message,
      RETRY_ATTEMPTS: String(why.retries),
      ...(why.condition !== undefined && { EXHAUSTED_RETRY_CONDITION: why.condition }),
    },
  });
}
