import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../providers/aws/model.ts';
import {
  covers,
  merged,
  policyDocument,
  samePolicy,
  statementsOf,
} from '../../../providers/aws/policy/document.ts';
import { WILDCARD_RESOURCES, runStatements } from '../../../providers/aws/policy/run.ts';

const identity = { account: '123456789012', region: 'eu-central-1' };
const queue = (name: string): Statement => ({
  Sid: 'Queues',
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'],
  Resource: [`arn:aws:sqs:eu-central-1:123456789012:${name}`],
});

const needs = {
  identity,
  physicalName: 'shop-dev-orders',
  config: { tracing: 'PassThrough', vpc: null, kmsKeyArn: null },
  secrets: [],
  async: { maxRetries: 2, maxAgeSeconds: 21_600, onSuccess: null, onFailure: null },
  further: [],
} as const;

describe('policies', () => {
  it('of two states are one statement for the same actions, whatever the order', () => {
    const both = merged([queue('b')], [queue('a')]);
    expect(both).toStrictEqual([
      {
        Effect: 'Allow',
        Action: ['sqs:DeleteMessage', 'sqs:ReceiveMessage'],
        Resource: [
          'arn:aws:sqs:eu-central-1:123456789012:a',
          'arn:aws:sqs:eu-central-1:123456789012:b',
        ],
      },
    ]);
    expect(covers(both, [queue('a')])).toBe(true);
    expect(covers([queue('a')], both)).toBe(false);
    expect(samePolicy(both, [queue('a'), queue('b')])).toBe(true);
  });

  it('come back from IAM, which encodes them', () => {
    const text = policyDocument([queue('a')]);
    expect(samePolicy(statementsOf(encodeURIComponent(text)), [queue('a')])).toBe(true);
    expect(statementsOf('no policy')).toStrictEqual([]);
    expect(statementsOf(undefined)).toStrictEqual([]);
  });
});

describe('what a function may do', () => {
  it('is to write its own log, and nothing else', () => {
    expect(runStatements(needs)).toStrictEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: [
          'arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-orders:*',
        ],
      },
    ]);
  });

  it('names every resource, or is in the list of those that cannot', () => {
    const statements = runStatements({
      ...needs,
      config: {
        tracing: 'Active',
        vpc: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] },
        kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1',
      },
      secrets: [{ $secret: 'orders/db' }, { $secret: 'orders/db', version: '2' }],
      async: {
        ...needs.async,
        onSuccess: 'arn:aws:sns:eu-central-1:123456789012:done',
        onFailure: 'arn:aws:events:eu-central-1:123456789012:event-bus/failed',
      },
      further: [{ actions: ['dynamodb:GetItem'], resources: ['arn:aws:dynamodb:x'] }],
    });
    expect(statements.map(({ Action, Resource }) => [Action.join(' '), Resource.join(' ')]))
      .toMatchInlineSnapshot(`
        [
          [
            "logs:CreateLogStream logs:PutLogEvents",
            "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-orders:*",
          ],
          [
            "xray:PutTelemetryRecords xray:PutTraceSegments",
            "*",
          ],
          [
            "ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses",
            "*",
          ],
          [
            "kms:Decrypt",
            "arn:aws:kms:eu-central-1:123456789012:key/1",
          ],
          [
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders/db-??????",
          ],
          [
            "sns:Publish",
            "arn:aws:sns:eu-central-1:123456789012:done",
          ],
          [
            "events:PutEvents",
            "arn:aws:events:eu-central-1:123456789012:event-bus/failed",
          ],
          [
            "dynamodb:GetItem",
            "arn:aws:dynamodb:x",
          ],
        ]
      `);
    for (const { Action, Resource } of statements) {
      expect(Action.join(' ')).not.toContain('*');
      for (const action of Resource.includes('*') ? Action : []) {
        expect(WILDCARD_RESOURCES).toHaveProperty([action]);
      }
    }
  });
});
