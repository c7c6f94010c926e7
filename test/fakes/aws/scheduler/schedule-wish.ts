/** Reading the body of `CreateSchedule` and `UpdateSchedule`, and showing it again. */
import {
  object,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalText,
  text,
  type Input,
} from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { parsed } from '../events/json.ts';
import { DEFAULT_RETRY } from '../events/redelivery.ts';
import { isTimezone, timetable } from './expression.ts';
import type { Schedule, ScheduleTarget, ScheduleWish } from './schedules.ts';

const ARN = { min: 1, max: 1600 };
const ROLE_ARN = { ...ARN, pattern: /arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@/-]+/ };
const QUEUE_ARN = { ...ARN, pattern: /arn:aws(-[a-z]+)?:sqs:[a-z0-9-]+:\d{12}:[a-zA-Z0-9\-_]+/ };
const TARGET_FORM = /^arn:aws(-[a-z]+)?:(lambda|sqs|sns):[a-z0-9-]+:\d{12}:.+$/;

/** @throws AwsFault ValidationException */
export function wishOf(world: World, body: Input): ScheduleWish {
  const expression = text(body, 'ScheduleExpression', { min: 1, max: 256 });
  const timezone = optionalText(body, 'ScheduleExpressionTimezone', { min: 1, max: 50 }) ?? 'UTC';
  const window = object(body, 'FlexibleTimeWindow');
  const mode = text(window, 'Mode', { oneOf: ['OFF', 'FLEXIBLE'] });
  const minutes = optionalInteger(window, 'MaximumWindowInMinutes', { min: 1, max: 1440 });
  const target = targetOf(object(body, 'Target'));
  const state = optionalText(body, 'State', { oneOf: ['ENABLED', 'DISABLED'] }) ?? 'ENABLED';
  const after = optionalText(body, 'ActionAfterCompletion', { oneOf: ['NONE', 'DELETE'] });
  if ((mode === 'FLEXIBLE') !== (minutes !== undefined)) {
    throw invalid(
      mode === 'OFF'
        ? 'MaximumWindowInMinutes must not be given when FlexibleTimeWindow Mode is OFF.'
        : 'MaximumWindowInMinutes is required when FlexibleTimeWindow Mode is FLEXIBLE.',
    );
  }
  if (!isTimezone(timezone)) {
    throw invalid(`Invalid ScheduleExpressionTimezone ${timezone}.`);
  }
  const table = timetable(expression, timezone);
  if (table === undefined) throw invalid(`Invalid Schedule Expression ${expression}.`);
  if (!world.iam.canAssume(target.roleArn, 'scheduler.amazonaws.com')) {
    throw invalid(
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    );
  }
  return {
    expression,
    timezone,
    timetable: table,
    isEnabled: state === 'ENABLED',
    description: optionalText(body, 'Description', { max: 512 }),
    windowMinutes: minutes,
    startsAt: milliseconds(body, 'StartDate'),
    endsAt: milliseconds(body, 'EndDate'),
    deletesItself: after === 'DELETE',
    target,
  };
}

function targetOf(target: Input): ScheduleTarget {
  const arn = text(target, 'Arn', ARN);
  const roleArn = text(target, 'RoleArn', ROLE_ARN);
  const input = optionalText(target, 'Input', { min: 1, max: 262_144 });
  const retry = optionalObject(target, 'RetryPolicy') ?? {};
  const deadLetter = optionalObject(target, 'DeadLetterConfig');
  const sqs = optionalObject(target, 'SqsParameters');
  if (!TARGET_FORM.test(arn)) throw invalid('Provided Arn is not in correct format.');
  const isLambda = arn.split(':')[2] === 'lambda';
  if (
    isLambda &&
    input !== undefined &&
    parsed(input.replaceAll(/<aws\.[\w.-]+>/g, '0')) === undefined
  ) {
    throw invalid('Parameter Input is not valid. Reason: it is not well-formed JSON.');
  }
  return {
    arn,
    roleArn,
    input,
    maxRetries:
      optionalInteger(retry, 'MaximumRetryAttempts', { min: 0, max: 185 }) ??
      DEFAULT_RETRY.maxRetries,
    maxAgeSeconds:
      optionalInteger(retry, 'MaximumEventAgeInSeconds', { min: 60, max: 86_400 }) ??
      DEFAULT_RETRY.maxAgeSeconds,
    deadLetterArn: deadLetter && optionalText(deadLetter, 'Arn', QUEUE_ARN),
    messageGroupId: sqs && optionalText(sqs, 'MessageGroupId', { min: 1, max: 128 }),
  };
}

function milliseconds(body: Input, name: string): number | undefined {
  const seconds = optionalNumber(body, name);
  return seconds === undefined ? undefined : seconds * 1000;
}

function invalid(message: string): AwsFault {
  return new AwsFault(400, 'ValidationException', message);
}

/** A schedule as `GetSchedule` shows it. */
export function view(schedule: Schedule): object {
  const { wish } = schedule;
  return {
    Arn: schedule.arn,
    Name: schedule.name,
    GroupName: schedule.group,
    ScheduleExpression: wish.expression,
    ScheduleExpressionTimezone: wish.timezone,
    State: wish.isEnabled ? 'ENABLED' : 'DISABLED',
    ActionAfterCompletion: wish.deletesItself ? 'DELETE' : 'NONE',
    CreationDate: schedule.createdAt / 1000,
    LastModificationDate: schedule.modifiedAt / 1000,
    FlexibleTimeWindow:
      wish.windowMinutes === undefined
        ? { Mode: 'OFF' }
        : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: wish.windowMinutes },
    ...(wish.description !== undefined && { Description: wish.description }),
    ...(wish.startsAt !== undefined && { StartDate: wish.startsAt / 1000 }),
    ...(wish.endsAt !== undefined && { EndDate: wish.endsAt / 1000 }),
    Target: targetView(wish.target),
  };
}

function targetView(target: ScheduleTarget): object {
  return {
    Arn: target.arn,
    RoleArn: target.roleArn,
    ...(target.input !== undefined && { Input: target.input }),
    RetryPolicy: {
      MaximumEventAgeInSeconds: target.maxAgeSeconds,
      MaximumRetryAttempts: target.maxRetries,
    },
    ...(target.deadLetterArn !== undefined && { DeadLetterConfig: { Arn: target.deadLetterArn } }),
    ...(target.messageGroupId !== undefined && {
      SqsParameters: { MessageGroupId: target.messageGroupId },
    }),
  };
}

/** A schedule as `ListSchedules` shows it. */
export function summary(schedule: Schedule): object {
  return {
    Arn: schedule.arn,
    Name: schedule.name,
    GroupName: schedule.group,
    State: schedule.wish.isEnabled ? 'ENABLED' : 'DISABLED',
    CreationDate: schedule.createdAt / 1000,
    LastModificationDate: schedule.modifiedAt / 1000,
    Target: { Arn: schedule.wish.target.arn },
  };
}
