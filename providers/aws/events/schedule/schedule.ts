import type { CallContext } from 'polyfaas/spi';
import type { GetScheduleCommandOutput, Scheduler } from '@aws-sdk/client-scheduler';
import type { AwsClients } from '../../clients/index.ts';
import { aliasArn, type Executor, type Target } from '../../model.ts';
import { ifThere, isNamed, unlessMissing } from '../failures.ts';
import { ruleNamePrefix, schedulerRoleName } from '../names.ts';
import { done, inputOf } from '../steps.ts';

export interface ScheduleWish {
  readonly name: string;
  readonly expression: string;
  readonly timezone: string;
  /** Null for cron. */
  readonly everySeconds: number | null;
  readonly enabled: boolean;
  readonly input: string;
}

/** Always there, so that nothing but schedules is to be made and taken away. */
const GROUP = 'default';

/** Makes the schedule, or replaces it; an interval that stays the same keeps its beat. */
export const putSchedule: Executor = async (aws, step, call) => {
  const { target, schedule, roleArn } = inputOf<{ schedule: ScheduleWish; roleArn: string }>(step);
  const scheduler = await aws.scheduler();
  const settings = {
    Name: schedule.name,
    GroupName: GROUP,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timezone,
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: schedule.enabled ? 'ENABLED' : 'DISABLED',
    Target: { Arn: aliasArn(target), RoleArn: roleArn, Input: schedule.input },
  } as const;
  try {
    await scheduler.createSchedule(
      { ...settings, ...firstTick(schedule, undefined, call) },
      { abortSignal: call.signal },
    );
  } catch (error) {
    if (!isNamed(error, 'ConflictException')) throw error;
    const present =
      schedule.everySeconds === null ? undefined : await readSchedule(scheduler, schedule, call);
    // What is left out of an update is reset.
    await scheduler.updateSchedule(
      { ...settings, ...firstTick(schedule, present, call) },
      { abortSignal: call.signal },
    );
  }
  return done();
};

export const deleteSchedule: Executor = async (aws, step, call) => {
  const { name } = inputOf<{ name: string }>(step);
  await removeSchedule(aws, name, call);
  return done();
};

export async function removeSchedule(
  aws: AwsClients,
  name: string,
  call: CallContext,
): Promise<void> {
  const scheduler = await aws.scheduler();
  await unlessMissing(
    scheduler.deleteSchedule({ Name: name, GroupName: GROUP }, { abortSignal: call.signal }),
  );
}

/** The names of all schedules that call the function. */
export async function schedulesOf(
  aws: AwsClients,
  target: Target,
  call: CallContext,
): Promise<readonly string[]> {
  const scheduler = await aws.scheduler();
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await scheduler.listSchedules(
      {
        GroupName: GROUP,
        NamePrefix: ruleNamePrefix(target),
        ...(token === undefined ? {} : { NextToken: token }),
      },
      { abortSignal: call.signal },
    );
    for (const { Name, Target } of page.Schedules ?? []) {
      if (Name !== undefined && Target?.Arn === aliasArn(target)) names.push(Name);
    }
    token = page.NextToken;
  } while (token !== undefined);
  return names;
}

/** Schedules have no tags; those of ours take the role that was made for them. */
export async function isOwnSchedule(
  aws: AwsClients,
  target: Target,
  name: string,
  call: CallContext,
): Promise<boolean> {
  const scheduler = await aws.scheduler();
  const found = await ifThere(
    scheduler.getSchedule({ Name: name, GroupName: GROUP }, { abortSignal: call.signal }),
  );
  return found?.Target?.RoleArn?.endsWith(`:role/${schedulerRoleName(target)}`) ?? false;
}

export function readSchedule(
  scheduler: Scheduler,
  { name }: Pick<ScheduleWish, 'name'>,
  call: CallContext,
): Promise<GetScheduleCommandOutput> {
  return scheduler.getSchedule({ Name: name, GroupName: GROUP }, { abortSignal: call.signal });
}

/**
 * An interval without a start begins with a tick at once (EventBridge Scheduler user guide, "Rate-based schedules"); ours
 * begins one interval from now. An old one goes on in its beat.
 */
function firstTick(
  { everySeconds, expression }: ScheduleWish,
  present: GetScheduleCommandOutput | undefined,
  call: CallContext,
): { StartDate?: Date } {
  if (everySeconds === null) return {};
  const interval = everySeconds * 1000;
  const now = call.clock.now();
  const start =
    present?.ScheduleExpression === expression ? present.StartDate?.getTime() : undefined;
  const next =
    start === undefined
      ? now + interval
      : start > now
        ? start
        : start + (Math.floor((now - start) / interval) + 1) * interval;
  // The service keeps whole seconds.
  return { StartDate: new Date(Math.floor(next / 1000) * 1000) };
}
