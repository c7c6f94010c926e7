/** What a function's role may do, beside what its events need. */
import type { ProviderIdentity, SecretRef } from 'polyfaas/spi';
import type { AsyncConfig, Statement, VersionConfig } from '../model.ts';
import { arnOf, logGroupName } from '../names.ts';
import type { FunctionSettings } from '../options.ts';

/** Actions that IAM cannot hold to one resource, and why. No other statement of ours names `*`. */
export const WILDCARD_RESOURCES: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'X-Ray has no resources to name (service authorization reference).',
  'xray:PutTelemetryRecords': 'X-Ray has no resources to name (service authorization reference).',
  'dynamodb:ListStreams': 'It knows no resource (service authorization reference).',
  'ec2:CreateNetworkInterface': 'Lambda checks the role for it without naming the interface.',
  'ec2:DescribeNetworkInterfaces': 'EC2 describes know no resources.',
  'ec2:DescribeSubnets': 'EC2 describes know no resources.',
  'ec2:DeleteNetworkInterface': 'The interface that Lambda makes has no name beforehand.',
  'ec2:AssignPrivateIpAddresses': 'The interface that Lambda makes has no name beforehand.',
  'ec2:UnassignPrivateIpAddresses': 'The interface that Lambda makes has no name beforehand.',
};

const TRACING = ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'];
const NETWORK = Object.keys(WILDCARD_RESOURCES).filter((action) => action.startsWith('ec2:'));

/** What the statements follow from. */
export interface RunNeeds {
  readonly identity: ProviderIdentity;
  readonly physicalName: string;
  readonly config: Pick<VersionConfig, 'tracing' | 'vpc' | 'kmsKeyArn'>;
  readonly secrets: readonly SecretRef[];
  readonly async: AsyncConfig;
  readonly further: FunctionSettings['policyStatements'];
}

export function runStatements(needs: RunNeeds): readonly Statement[] {
  const { identity, physicalName, config, secrets, async, further } = needs;
  const statements: Statement[] = [
    allow(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      [`${arnOf(identity, 'logs', `log-group:${logGroupName(physicalName)}`)}:*`],
    ),
  ];
  if (config.tracing === 'Active') statements.push(allow(TRACING, ['*']));
  if (config.vpc) statements.push(allow(NETWORK, ['*']));
  // The environment is decrypted as the role.
  if (config.kmsKeyArn !== null) statements.push(allow(['kms:Decrypt'], [config.kmsKeyArn]));
  if (secrets.length > 0) {
    const resources = [...new Set(secrets.map((secret) => secretArn(identity, secret)))];
    statements.push(allow(['secretsmanager:GetSecretValue'], resources.toSorted()));
  }
  for (const arn of [async.onSuccess, async.onFailure]) {
    if (arn !== null) statements.push(destination(arn));
  }
  for (const { actions, resources } of further) statements.push(allow(actions, resources));
  return statements;
}

/** Secrets Manager adds a dash and six characters to a name (API reference, `CreateSecret`). */
function secretArn(identity: ProviderIdentity, { $secret }: SecretRef): string {
  return $secret.startsWith('arn:')
    ? $secret
    : arnOf(identity, 'secretsmanager', `secret:${$secret}-??????`);
}

function destination(arn: string): Statement {
  const service = arn.split(':')[2];
  if (service === 'sns') return allow(['sns:Publish'], [arn]);
  if (service === 'events') return allow(['events:PutEvents'], [arn]);
  return allow(['sqs:SendMessage'], [arn]);
}

/** Lets EventBridge Scheduler call what it is told to, and no other version. */
export function scheduleStatements(calledArn: string): readonly Statement[] {
  return [allow(['lambda:InvokeFunction'], [calledArn])];
}

/** Where an asynchronous call's outcome goes: a plain name is of this account and region. */
export function destinationArn(
  identity: ProviderIdentity,
  { type, name }: { readonly type: 'queue' | 'topic' | 'bus'; readonly name: string },
): string {
  if (name.startsWith('arn:')) return name;
  if (type === 'queue') return arnOf(identity, 'sqs', name);
  if (type === 'topic') return arnOf(identity, 'sns', name);
  return arnOf(identity, 'events', `event-bus/${name}`);
}

function allow(actions: readonly string[], resources: readonly string[]): Statement {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}
