import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, trustOf, useSubject } from './support.ts';
import { zipOf } from './zip.ts';

const subject = useSubject();
const scaling = (): ApplicationAutoScaling => new ApplicationAutoScaling(subject().settings());
const KEY = {
  ServiceNamespace: 'lambda',
  ResourceId: 'function:fn:live',
  ScalableDimension: 'lambda:function:ProvisionedConcurrency',
} as const;
const TRACKING = {
  TargetValue: 0.7,
  PredefinedMetricSpecification: {
    PredefinedMetricType: 'LambdaProvisionedConcurrencyUtilization',
  },
} as const;

beforeAll(async () => {
  const { Role } = await new IAM(subject().settings()).createRole({
    RoleName: 'fn',
    AssumeRolePolicyDocument: trustOf('lambda.amazonaws.com'),
  });
  await subject().clock.advance(5000);
  const lambda = new Lambda(subject().settings());
  await lambda.createFunction({
    FunctionName: 'fn',
    Role: Role?.Arn,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: await zipOf('export const handler = async () => 1;') },
  });
  await subject().clock.advance(10_000);
  await lambda.publishVersion({ FunctionName: 'fn' });
  await lambda.createAlias({ FunctionName: 'fn', Name: 'live', FunctionVersion: '1' });
});

describe('Application Auto Scaling', () => {
  it('keeps a target with its policy and action, and takes them away with it', async () => {
    await scaling().registerScalableTarget({ ...KEY, MinCapacity: 1, MaxCapacity: 5 });
    await scaling().registerScalableTarget({ ...KEY, MaxCapacity: 10 });
    const policy = {
      ...KEY,
      PolicyName: 'usage',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: TRACKING,
    } as const;
    const put = await scaling().putScalingPolicy(policy);
    expect((await scaling().putScalingPolicy(policy)).PolicyARN).toBe(put.PolicyARN);
    await scaling().putScheduledAction({
      ...KEY,
      ScheduledActionName: 'morning',
      Schedule: 'cron(0 7 * * ? *)',
      Timezone: 'Europe/Berlin',
      ScalableTargetAction: { MinCapacity: 3 },
    });

    const { ScalableTargets } = await scaling().describeScalableTargets({
      ServiceNamespace: 'lambda',
      ResourceIds: [KEY.ResourceId],
    });
    expect(ScalableTargets).toMatchObject([{ ...KEY, MinCapacity: 1, MaxCapacity: 10 }]);
    const { ScalingPolicies } = await scaling().describeScalingPolicies(KEY);
    expect(ScalingPolicies).toMatchObject([
      { PolicyName: 'usage', TargetTrackingScalingPolicyConfiguration: TRACKING },
    ]);
    const { ScheduledActions } = await scaling().describeScheduledActions(KEY);
    expect(ScheduledActions).toMatchObject([
      { ScheduledActionName: 'morning', ScalableTargetAction: { MinCapacity: 3 } },
    ]);
    const inventory = (): readonly string[] =>
      subject()
        .fake.inventory()
        .filter((line) => line.startsWith('application-autoscaling'));
    expect(inventory()).toHaveLength(3);

    await scaling().deleteScheduledAction({ ...KEY, ScheduledActionName: 'morning' });
    await scaling().deregisterScalableTarget(KEY);
    expect(inventory()).toEqual([]);
    expect(await refusal(scaling().deregisterScalableTarget(KEY))).toEqual([
      'ObjectNotFoundException',
      400,
    ]);
  });

  it('refuses what does not exist or is out of range', async () => {
    const policy = (TargetValue: number): Promise<unknown> =>
      scaling().putScalingPolicy({
        ...KEY,
        PolicyName: 'p',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: { ...TRACKING, TargetValue },
      });
    expect(await refusal(policy(0.7))).toEqual(['ObjectNotFoundException', 400]);
    const register = (more: object): Promise<unknown> =>
      scaling().registerScalableTarget({ ...KEY, MinCapacity: 1, MaxCapacity: 2, ...more });
    for (const more of [
      { MinCapacity: 3 },
      { MinCapacity: -1 },
      { MaxCapacity: undefined },
      { ResourceId: 'function:fn' },
      { ResourceId: 'function:none:live' },
      { ScalableDimension: 'dynamodb:table:ReadCapacityUnits' },
    ]) {
      expect(await refusal(register(more))).toEqual(['ValidationException', 400]);
    }
    await register({});
    expect(await refusal(policy(70))).toEqual(['ValidationException', 400]);
    expect(await refusal(scaling().deleteScalingPolicy({ ...KEY, PolicyName: 'none' }))).toEqual([
      'ObjectNotFoundException',
      400,
    ]);
    const action = scaling().putScheduledAction({
      ...KEY,
      ScheduledActionName: 'a',
      Schedule: 'daily',
    });
    expect(await refusal(action)).toEqual(['ValidationException', 400]);
  });
});
