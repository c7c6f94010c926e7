/**
 * The policy of the guide is what a deployer needs, and no more: functions that use everything live through their
 * whole lives, and each of their calls is held against it.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePolicy, type PolicyStatement } from '../fakes/aws/iam/policy-document.ts';
import { permissionsOf, type Permission } from './support/permissions.ts';
import { ACCOUNT, createStage, REGION, type Stage } from './support/stage.ts';
import { liveThrough } from './support/whole-life.ts';

const FILE = new URL('../../docs/guide/aws-deployer-policy.json', import.meta.url);

/** Actions that AWS holds to no resource (service authorization reference). */
const WITHOUT_RESOURCES = [
  'application-autoscaling:DescribeScalableTargets',
  'cloudwatch:GetMetricData',
  'dynamodb:ListTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
  'events:ListEventBuses',
  'kinesis:ListStreams',
  // It could be held to functions by a condition on their names, which differ from user to user.
  'lambda:CreateEventSourceMapping',
  'lambda:ListEventSourceMappings',
  'lambda:ListFunctions',
  'logs:DescribeLogGroups',
  'logs:GetQueryResults',
  's3:ListAllMyBuckets',
  'scheduler:ListSchedules',
  'sns:ListSubscriptions',
  'sns:ListTopics',
  'sqs:ListQueues',
  'sts:GetCallerIdentity',
];

/** IAM user guide, "IAM and AWS STS quotas": a managed policy has at most 6,144 characters without white space. */
const MANAGED_POLICY_LENGTH = 6144;

let stage: Stage;
let text: string;
let statements: readonly PolicyStatement[];
let needed: readonly (Permission & { readonly operation: string })[];

beforeAll(async () => {
  text = (await readFile(FILE, 'utf8')).replaceAll('ACCOUNT', ACCOUNT).replaceAll('REGION', REGION);
  statements = parsePolicy(text, 'identity');
  stage = await createStage();
  await liveThrough(stage, (config) => stage.manager(config));
  needed = stage.calls.flatMap((call) =>
    permissionsOf(call).map((permission) => ({
      ...permission,
      operation: `${call.service}:${call.operation}`,
    })),
  );
});
afterAll(() => stage[Symbol.asyncDispose]());

function matches(pattern: string, value: string): boolean {
  const quoted = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${quoted.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(value);
}

function allows(statement: PolicyStatement, { action, resource, context }: Permission): boolean {
  return (
    statement.actions.includes(action) &&
    statement.resources.some((pattern) => matches(pattern, resource)) &&
    statement.conditions.every(
      ({ key, values }) => key === context?.[0].toLowerCase() && values.includes(context[1]),
    )
  );
}

describe('the policy for deployers', () => {
  it('allows every call that was made', () => {
    const missing = needed.filter((one) => !statements.some((statement) => allows(statement, one)));
    const lines = missing.map(
      ({ operation, action, resource }) => `${operation} needs ${action} on ${resource}`,
    );
    expect([...new Set(lines)]).toStrictEqual([]);
  });

  it('allows nothing else: each action, and each resource of it, was needed', () => {
    const unused = statements.flatMap((statement) =>
      statement.actions.flatMap((action) =>
        needed.some((one) => one.action === action && allows(statement, one)) ? [] : [action],
      ),
    );
    expect(unused).toStrictEqual([]);
    const idle = statements.flatMap((statement) =>
      statement.resources.filter(
        (pattern) => !needed.some((one) => allows({ ...statement, resources: [pattern] }, one)),
      ),
    );
    expect(idle).toStrictEqual([]);
    const conditions = statements.flatMap((statement) =>
      statement.conditions.flatMap(({ key, values }) =>
        values.filter(
          (value) =>
            !needed.some(
              ({ context }) => context?.[0].toLowerCase() === key && context[1] === value,
            ),
        ),
      ),
    );
    expect(conditions).toStrictEqual([]);
  });

  it('names its actions, and its resources wherever AWS knows some', () => {
    const wild = statements
      .filter(({ resources }) => resources.includes('*'))
      .flatMap(({ actions }) => actions);
    expect(wild.toSorted()).toStrictEqual(WITHOUT_RESOURCES);
    for (const { actions } of statements) {
      for (const action of actions) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z0-9]+$/);
    }
  });

  it('lets roles go to Lambda and the scheduler only', () => {
    const passing = statements.filter(({ actions }) => actions.includes('iam:PassRole'));
    expect(passing.map(({ conditions }) => conditions)).toStrictEqual([
      [
        {
          operator: 'StringEquals',
          key: 'iam:passedtoservice',
          values: ['lambda.amazonaws.com', 'scheduler.amazonaws.com'],
        },
      ],
    ]);
  });

  it('fits into one managed policy, and tells by its Sids what each part is for', () => {
    const { Statement }: { Statement: readonly { Sid?: string }[] } = JSON.parse(text);
    expect(JSON.stringify(JSON.parse(text)).length).toBeLessThanOrEqual(MANAGED_POLICY_LENGTH);
    for (const { Sid } of Statement) expect(Sid).toMatch(/^[A-Z][A-Za-z]+$/);
  });
});
