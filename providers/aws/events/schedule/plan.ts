import type { NormalScheduleEvent, Step } from 'polyfaas/spi';
import { ServerlessError } from 'polyfaas/spi';
import { MARK, type ScheduleEnvelope } from '../../envelope.ts';
import type { Target } from '../../model.ts';
import type { PlanContext } from '../context.ts';
import { ruleName, schedulerRoleName } from '../names.ts';
import { eventStep } from '../steps.ts';
import { scheduleExpression } from './cron.ts';
import { scheduleInput } from './input.ts';
import type { ScheduleWish } from './schedule.ts';

const ROLE_STEP = 'scheduler-role';

/** The role that all schedules of a function share. */
export function planSchedulerRole({
  target,
  boundaryArn,
}: Pick<PlanContext, 'target' | 'boundaryArn'>): Step {
  return eventStep(target, {
    id: ROLE_STEP,
    kind: 'ensure-scheduler-role',
    title: 'Have the role of the scheduler ready',
    input: { roleName: schedulerRoleName(target), boundaryArn },
  });
}

export function planSchedulerRoleRemoval(target: Target, phase: 'bind' | 'retire'): Step {
  return eventStep(target, {
    id: `${ROLE_STEP}-delete`,
    kind: 'delete-scheduler-role',
    title: 'Delete the role of the scheduler',
    phase,
    input: { roleName: schedulerRoleName(target) },
  });
}

export function planSchedule(
  { target, hasShim }: PlanContext,
  bindingId: string,
  event: NormalScheduleEvent,
): readonly Step[] {
  const { expression, problem } = scheduleExpression(event.when);
  if (expression === undefined) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      provider: 'aws',
      function: target.ref.name,
      message: `events.${bindingId}: ${problem}`,
    });
  }
  const schedule: ScheduleWish = {
    name: ruleName(target, bindingId),
    expression,
    timezone: event.timezone,
    everySeconds: 'cron' in event.when ? null : event.when.everySeconds,
    enabled: event.enabled,
    input: hasShim ? envelopeText(bindingId, event) : JSON.stringify(event.input),
  };
  return [
    eventStep(target, {
      id: `event-${bindingId}-bind`,
      kind: 'put-schedule',
      title: `Set the timer "${bindingId}"`,
      input: { schedule, roleArn: { $from: `${ROLE_STEP}.arn` } },
    }),
  ];
}

function envelopeText(bindingId: string, event: NormalScheduleEvent): string {
  const head: ScheduleEnvelope = {
    kind: 'schedule',
    binding: bindingId,
    id: '<aws.scheduler.execution-id>',
    scheduledTime: '<aws.scheduler.scheduled-time>',
  };
  return `{"${MARK}":${JSON.stringify(head)},"data":${scheduleInput(event.input)}}`;
}
