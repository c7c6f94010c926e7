/** Instances that are kept ready: provisioned concurrency, its scaling, and pings. */
import type { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { shortHash, type CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { MARK, type Envelope } from '../envelope.ts';
import { isNamed } from '../errors.ts';
import { LIVE, aliasArn, type Executor, type Target } from '../model.ts';
import { roleName } from '../names.ts';
import type { AwsCapacitySchedule, FunctionSettings } from '../options.ts';
import { scheduleStatements } from '../policy/run.ts';
import { POLICY } from '../policy/names.ts';
import { unlessMissing } from '../replies.ts';
import { inputOf } from '../step-input.ts';
import { again, keptOf } from './input.ts';
import { patiently } from './patience.ts';
import { createRole, deleteRole, putPolicy } from './role.ts';
import { noneReady } from './traffic.ts';

type Provisioned = NonNullable<FunctionSettings['provisioned']>;

export const setCapacity: Executor = async (aws, step, call) => {
  const {
    target,
    provisioned,
    hadScaling,
    hadStanding = false,
    schedulesBefore,
  } = inputOf<{
    provisioned: Provisioned | null;
    hadScaling: boolean;
    /** Instances that the scaling would not take away, or may not know of. */
    hadStanding?: boolean;
    /** Null: not known. */
    schedulesBefore: readonly string[] | null;
  }>(step);
  const live = { FunctionName: target.physicalName, Qualifier: LIVE };
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  if (keptOf(call)['settling'] !== true) {
    const isScaled =
      provisioned !== null &&
      (provisioned.max > provisioned.min || provisioned.schedules.length > 0);
    // Scaling first: it would set again what is taken away. Of schedules that are not known, all go.
    if (hadScaling && (!isScaled || schedulesBefore === null))
      await removeScaling(aws, target, call);
    const outcome = await patiently(step, call, async () => {
      if (provisioned === null || (provisioned.min === 0 && hadStanding)) {
        await unlessMissing(lambda.deleteProvisionedConcurrencyConfig(live, http));
      } else if (provisioned.min > 0) {
        await lambda.putProvisionedConcurrencyConfig(
          { ...live, ProvisionedConcurrentExecutions: provisioned.min },
          http,
        );
      }
      return { done: true };
    });
    if (!outcome.done || provisioned === null) return outcome;
    if (isScaled) {
      await scale(await aws.autoscaling(), target, provisioned, schedulesBefore ?? [], call);
    }
    if (provisioned.min === 0) return { done: true };
  }
  const { Status, StatusReason } = await lambda.getProvisionedConcurrencyConfig(live, http);
  if (Status === 'READY') return { done: true };
  if (Status === 'FAILED') throw noneReady(target, StatusReason);
  return again(call, {
    stage: 'starting instances',
    keep: { settling: true },
    firstMs: 1000,
    longestMs: 10_000,
  });
};

export function scalable(target: Target) {
  return {
    ServiceNamespace: 'lambda',
    ResourceId: `function:${target.physicalName}:${LIVE}`,
    ScalableDimension: 'lambda:function:ProvisionedConcurrency',
  } as const;
}

async function scale(
  autoscaling: ApplicationAutoScaling,
  target: Target,
  { min, max, targetUtilization, schedules }: Provisioned,
  schedulesBefore: readonly string[],
  call: CallContext,
): Promise<void> {
  const http = { abortSignal: call.signal };
  const resource = scalable(target);
  const policy = { ...resource, PolicyName: 'polyfaas-utilization' };
  await autoscaling.registerScalableTarget(
    { ...resource, MinCapacity: min, MaxCapacity: Math.max(max, min) },
    http,
  );
  if (max > min) {
    await autoscaling.putScalingPolicy(
      {
        ...policy,
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: targetUtilization,
          PredefinedMetricSpecification: {
            PredefinedMetricType: 'LambdaProvisionedConcurrencyUtilization',
          },
        },
      },
      http,
    );
  } else {
    await unlessMissing(autoscaling.deleteScalingPolicy(policy, http));
  }
  for (const schedule of schedules) {
    await autoscaling.putScheduledAction(
      {
        ...resource,
        ScheduledActionName: schedule.name,
        Schedule: expressionOf(schedule),
        ...(schedule.timezone === undefined ? {} : { Timezone: schedule.timezone }),
        ScalableTargetAction: { MinCapacity: schedule.min, MaxCapacity: schedule.max },
      },
      http,
    );
  }
  const wished = new Set(schedules.map(({ name }) => name));
  for (const ScheduledActionName of schedulesBefore.filter((name) => !wished.has(name))) {
    await unlessMissing(
      autoscaling.deleteScheduledAction({ ...resource, ScheduledActionName }, http),
    );
  }
}

function expressionOf({ cron, rate, at }: AwsCapacitySchedule): string {
  if (cron !== undefined) return `cron(${cron})`;
  return rate === undefined ? `at(${at ?? ''})` : `rate(${rate})`;
}

/** With the scalable target, its policy and its scheduled actions go. */
export async function removeScaling(
  aws: AwsClients,
  target: Target,
  call: CallContext,
): Promise<void> {
  const autoscaling = await aws.autoscaling();
  await unlessMissing(
    autoscaling.deregisterScalableTarget(scalable(target), { abortSignal: call.signal }),
  );
}

/** EventBridge Scheduler may be late by seconds; a ping that holds longer finds its neighbours still there. */
const HOLD_ALONE_MS = 75;
const HOLD_AMONG_MS = 3000;

export const keepWarm: Executor = async (aws, step, call) => {
  const {
    target,
    keepWarm: wish,
    boundaryArn,
    before,
  } = inputOf<{
    keepWarm: FunctionSettings['keepWarm'];
    boundaryArn: string | null;
    /** Null: not known. */
    before: number | null;
  }>(step);
  const count = wish?.instances ?? 0;
  if (wish) {
    const iam = await aws.iam();
    const name = roleName(target, aws.region, 'schedule');
    if (before === null || before === 0) {
      await createRole(iam, target, call, {
        roleName: name,
        boundaryArn,
        service: 'scheduler.amazonaws.com',
      });
      await putPolicy(iam, name, POLICY.run, scheduleStatements(aliasArn(target)), call);
    }
    const outcome = await patiently(step, call, async () => {
      for (let index = 0; index < count; index += 1) await ping(aws, target, wish, index, call);
      return { done: true };
    });
    if (!outcome.done) return outcome;
  }
  if (before === null || before > count) await deletePings(aws, target, count, call);
  if (!wish) {
    await deleteRole(aws, target, roleName(target, aws.region, 'schedule'), call);
  }
  return { done: true };
};

async function ping(
  aws: AwsClients,
  target: Target,
  { everyMinutes, instances }: NonNullable<FunctionSettings['keepWarm']>,
  index: number,
  call: CallContext,
): Promise<void> {
  const scheduler = await aws.scheduler();
  const http = { abortSignal: call.signal };
  const input: Envelope = {
    [MARK]: { kind: 'warm', holdMs: instances > 1 ? HOLD_AMONG_MS : HOLD_ALONE_MS },
  };
  const account = target.functionArn.split(':')[4] ?? '';
  const partition = target.functionArn.split(':')[1] ?? 'aws';
  const role = roleName(target, aws.region, 'schedule');
  const schedule = {
    Name: `${pingPrefix(target)}${index}`,
    ScheduleExpression: everyMinutes === 1 ? 'rate(1 minute)' : `rate(${everyMinutes} minutes)`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: aliasArn(target),
      RoleArn: `arn:${partition}:iam::${account}:role/${role}`,
      Input: JSON.stringify(input),
      RetryPolicy: { MaximumRetryAttempts: 0 },
    },
  } as const;
  try {
    await scheduler.createSchedule(schedule, http);
  } catch (error) {
    if (!isNamed(error, 'ConflictException')) throw error;
    await scheduler.updateSchedule(schedule, http);
  }
}

/** EventBridge Scheduler API reference: a schedule's name has at most 64 characters. */
function pingPrefix(target: Target): string {
  return `polyfaas-warm-${target.physicalName.slice(0, 36)}-${shortHash(target.physicalName)}-`;
}

/** The names of those that are there. */
export async function pingsOf(
  aws: AwsClients,
  target: Target,
  call: CallContext,
): Promise<readonly string[]> {
  const scheduler = await aws.scheduler();
  const { Schedules } = await scheduler.listSchedules(
    { NamePrefix: pingPrefix(target), GroupName: 'default', MaxResults: 100 },
    { abortSignal: call.signal },
  );
  return (Schedules ?? []).flatMap(({ Name }) => Name ?? []);
}

/** Those from this number on. */
async function deletePings(
  aws: AwsClients,
  target: Target,
  from: number,
  call: CallContext,
): Promise<void> {
  const scheduler = await aws.scheduler();
  const http = { abortSignal: call.signal };
  const prefix = pingPrefix(target);
  for (const Name of await pingsOf(aws, target, call)) {
    if (Number(Name.slice(prefix.length)) < from) continue;
    await unlessMissing(scheduler.deleteSchedule({ Name }, http));
  }
}

/** Before the function goes; its provisioned concurrency goes with it. */
export const removeCapacity: Executor = async (aws, step, call) => {
  const { target, hadScaling, hadPings } = inputOf<{ hadScaling: boolean; hadPings: boolean }>(
    step,
  );
  if (hadScaling) await removeScaling(aws, target, call);
  if (hadPings) await removePings(aws, target, call);
  return { done: true };
};

/** All of them, and the role that they take. */
export async function removePings(
  aws: AwsClients,
  target: Target,
  call: CallContext,
): Promise<void> {
  await deletePings(aws, target, 0, call);
  await deleteRole(aws, target, roleName(target, aws.region, 'schedule'), call);
}
