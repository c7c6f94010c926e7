/** Application Auto Scaling, as far as the provisioned concurrency of functions needs it. It keeps; it does not scale. */
import { jsonService, type JsonOperation } from '../core/json-protocol.ts';
import {
  number,
  object,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTexts,
  text,
  type Input,
} from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { AwsFault, type Service } from '../core/service.ts';
import type { FakeIam } from '../iam/index.ts';
import {
  arnId,
  keyOf,
  notFound,
  Targets,
  type ScalableTarget,
  type ScalingPolicy,
  type ScheduledAction,
} from './targets.ts';

const CAPACITY = { min: 0, max: 2_147_483_647 };
const NAME = { min: 1, max: 256 };
const PRINCIPAL = 'lambda.application-autoscaling.amazonaws.com';

export function createAutoScalingService(
  world: Pick<World, 'clock' | 'account' | 'region' | 'lambda'> & { readonly iam: FakeIam },
): Service {
  const { clock, account, region } = world;
  const targets = new Targets();
  const arn = (kind: string, id: string): string =>
    `arn:aws:autoscaling:${region}:${account}:${kind}:${id}`;

  const operations: Readonly<Record<string, JsonOperation>> = {
    RegisterScalableTarget(input) {
      const key = keyOf(input);
      const present = targets.find(key);
      const min = optionalInteger(input, 'MinCapacity', CAPACITY) ?? present?.min;
      const max = optionalInteger(input, 'MaxCapacity', CAPACITY) ?? present?.max;
      if (min === undefined || max === undefined) {
        throw refused('MinCapacity and MaxCapacity are required to register a new scalable target');
      }
      if (min > max) throw refused('MaxCapacity cannot be less than MinCapacity');
      const [, name = '', qualifier = ''] = key.resource.split(':');
      const functionArn = `arn:aws:lambda:${region}:${account}:function:${name}:${qualifier}`;
      if (!world.lambda.describe(functionArn)) {
        throw refused(`The Lambda function ${functionArn} does not exist`);
      }
      const target: ScalableTarget = present ?? {
        ...key,
        min,
        max,
        roleArn: world.iam.ensureServiceLinkedRole(PRINCIPAL),
        arn: `arn:aws:application-autoscaling:${region}:${account}:scalable-target/${arnId()}`,
        createdAt: clock.now(),
        suspended: {},
        policies: new Map(),
        actions: new Map(),
      };
      target.min = min;
      target.max = max;
      target.suspended = optionalObject(input, 'SuspendedState') ?? target.suspended;
      targets.add(target);
      return { ScalableTargetARN: target.arn };
    },
    DescribeScalableTargets(input) {
      const resources = optionalTexts(input, 'ResourceIds', { max: 50 });
      return pageOf(input, 'ScalableTargets', selected(input, resources).map(describeTarget));
    },
    DeregisterScalableTarget(input) {
      targets.delete(targets.get(keyOf(input)));
      return {};
    },
    PutScalingPolicy(input) {
      const target = targets.get(keyOf(input));
      const name = text(input, 'PolicyName', { ...NAME, pattern: /[^\p{Cc}]+/u });
      const present = target.policies.get(name);
      const type =
        optionalText(input, 'PolicyType', { oneOf: ['StepScaling', 'TargetTrackingScaling'] }) ??
        present?.type ??
        'StepScaling';
      if (type !== 'TargetTrackingScaling') {
        throw refused('Only TargetTrackingScaling is supported for lambda');
      }
      const policy: ScalingPolicy = {
        name,
        type,
        arn:
          present?.arn ??
          arn('scalingPolicy', `${arnId()}:resource/lambda/${target.resource}:policyName/${name}`),
        configuration: checkedTracking(input),
        createdAt: present?.createdAt ?? clock.now(),
      };
      target.policies.set(name, policy);
      return { PolicyARN: policy.arn, Alarms: [] };
    },
    DescribeScalingPolicies(input) {
      const names = optionalTexts(input, 'PolicyNames', { max: 50 });
      const policies = selected(input).flatMap((target) =>
        [...target.policies.values()]
          .filter(({ name }) => names?.includes(name) ?? true)
          .map((policy) => describePolicy(target, policy)),
      );
      return pageOf(input, 'ScalingPolicies', policies);
    },
    DeleteScalingPolicy(input) {
      const key = keyOf(input);
      const name = text(input, 'PolicyName', { min: 1, max: 1600 });
      if (!targets.find(key)?.policies.delete(name)) {
        throw notFound(
          `No scaling policy found for service namespace: ${key.namespace}, resource ID: ${key.resource}, scalable dimension: ${key.dimension}, policy name: ${name}`,
        );
      }
      return {};
    },
    PutScheduledAction(input) {
      const target = targets.get(keyOf(input));
      const name = text(input, 'ScheduledActionName', {
        ...NAME,
        pattern: /(?! )[^\p{Cc}:/|]+(?<! )/u,
      });
      const present = target.actions.get(name);
      const schedule = optionalText(input, 'Schedule', { min: 1, max: 1600 }) ?? present?.schedule;
      if (schedule === undefined || !/^(?:at|rate|cron)\(.+\)$/.test(schedule)) {
        throw refused(`The schedule ${schedule ?? 'null'} is not valid`);
      }
      target.actions.set(name, {
        name,
        arn:
          present?.arn ??
          arn(
            'scheduledAction',
            `${arnId()}:resource/lambda/${target.resource}:scheduledActionName/${name}`,
          ),
        schedule,
        timezone: optionalText(input, 'Timezone', { min: 1, max: 1600 }) ?? present?.timezone,
        startTime: optionalNumber(input, 'StartTime') ?? present?.startTime,
        endTime: optionalNumber(input, 'EndTime') ?? present?.endTime,
        action: checkedAction(input) ?? present?.action,
        createdAt: present?.createdAt ?? clock.now(),
      });
      return {};
    },
    DescribeScheduledActions(input) {
      const names = optionalTexts(input, 'ScheduledActionNames', { max: 50 });
      const actions = selected(input).flatMap((target) =>
        [...target.actions.values()]
          .filter(({ name }) => names?.includes(name) ?? true)
          .map((action) => describeAction(target, action)),
      );
      return pageOf(input, 'ScheduledActions', actions);
    },
    DeleteScheduledAction(input) {
      const key = keyOf(input);
      const name = text(input, 'ScheduledActionName', { min: 1, max: 1600 });
      if (!targets.find(key)?.actions.delete(name)) {
        throw notFound(
          `No scheduled action found for service namespace: ${key.namespace}, resource ID: ${key.resource}, scalable dimension: ${key.dimension}, scheduled action name: ${name}`,
        );
      }
      return {};
    },
  };

  /** The targets that a Describe operation asks for. */
  function selected(
    input: Input,
    resources: readonly string[] | undefined = resourceIdOf(input),
  ): readonly ScalableTarget[] {
    const namespace = text(input, 'ServiceNamespace', { oneOf: ['lambda'] });
    const dimension = optionalText(input, 'ScalableDimension');
    return targets.all.filter(
      (target) =>
        target.namespace === namespace &&
        (resources?.includes(target.resource) ?? true) &&
        (dimension === undefined || target.dimension === dimension),
    );
  }

  return jsonService({
    id: 'application-autoscaling',
    targetPrefix: 'AnyScaleFrontendService',
    version: '1.1',
    operations,
    inventory: () =>
      targets.all.flatMap(({ resource, policies, actions }) => [
        `application-autoscaling target ${resource}`,
        ...[...policies.keys()].map((name) => `application-autoscaling policy ${resource} ${name}`),
        ...[...actions.keys()].map((name) => `application-autoscaling action ${resource} ${name}`),
      ]),
  });
}

function refused(message: string): AwsFault {
  return new AwsFault(400, 'ValidationException', message);
}

function resourceIdOf(input: Input): readonly string[] | undefined {
  const id = optionalText(input, 'ResourceId');
  return id === undefined ? undefined : [id];
}

function checkedTracking(input: Input): Input {
  const configuration = object(input, 'TargetTrackingScalingPolicyConfiguration');
  const value = number(configuration, 'TargetValue');
  const metric = optionalObject(configuration, 'PredefinedMetricSpecification');
  if (metric) {
    text(metric, 'PredefinedMetricType', { oneOf: ['LambdaProvisionedConcurrencyUtilization'] });
    if (value < 0.1 || value > 0.9) {
      throw refused(
        'TargetValue must be between 0.1 and 0.9 for LambdaProvisionedConcurrencyUtilization',
      );
    }
  } else if (!optionalObject(configuration, 'CustomizedMetricSpecification')) {
    throw refused('A PredefinedMetricSpecification or a CustomizedMetricSpecification is required');
  }
  optionalInteger(configuration, 'ScaleInCooldown', { min: 0 });
  optionalInteger(configuration, 'ScaleOutCooldown', { min: 0 });
  return configuration;
}

function checkedAction(input: Input): Input | undefined {
  const action = optionalObject(input, 'ScalableTargetAction');
  if (!action) return undefined;
  const min = optionalInteger(action, 'MinCapacity', CAPACITY);
  const max = optionalInteger(action, 'MaxCapacity', CAPACITY);
  if (min === undefined && max === undefined) {
    throw refused('Either MinCapacity or MaxCapacity must be given');
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw refused('MaxCapacity cannot be less than MinCapacity');
  }
  return action;
}

function keyMembers(target: ScalableTarget): object {
  return {
    ServiceNamespace: target.namespace,
    ResourceId: target.resource,
    ScalableDimension: target.dimension,
  };
}

function describeTarget(target: ScalableTarget): object {
  return {
    ...keyMembers(target),
    MinCapacity: target.min,
    MaxCapacity: target.max,
    RoleARN: target.roleArn,
    CreationTime: target.createdAt / 1000,
    SuspendedState: {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
      ...target.suspended,
    },
    ScalableTargetARN: target.arn,
  };
}

function describePolicy(target: ScalableTarget, policy: ScalingPolicy): object {
  return {
    ...keyMembers(target),
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    PolicyType: policy.type,
    TargetTrackingScalingPolicyConfiguration: policy.configuration,
    Alarms: [],
    CreationTime: policy.createdAt / 1000,
  };
}

function describeAction(target: ScalableTarget, action: ScheduledAction): object {
  return {
    ...keyMembers(target),
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    Schedule: action.schedule,
    Timezone: action.timezone,
    StartTime: action.startTime,
    EndTime: action.endTime,
    ScalableTargetAction: action.action,
    CreationTime: action.createdAt / 1000,
  };
}

function pageOf(input: Input, member: string, all: readonly object[]): object {
  const size = optionalInteger(input, 'MaxResults', { min: 1, max: 50 }) ?? 50;
  const token = optionalText(input, 'NextToken');
  const from = Number(token ?? 0);
  if (!Number.isInteger(from)) {
    throw new AwsFault(400, 'InvalidNextTokenException', 'The next token supplied is invalid');
  }
  return {
    [member]: all.slice(from, from + size),
    ...(all.length > from + size && { NextToken: String(from + size) }),
  };
}
