/** The kinds of sources, and what a function's role must be allowed to do with them. */
import type { StreamPort, World } from '../core/ports.ts';
import { invalidValue } from './faults.ts';

export type SourceKind = 'sqs' | 'kinesis' | 'dynamodb';

/** The kind of a source by its ARN. */
export function kindOf(arn: string): SourceKind {
  const service = arn.split(':')[2];
  if (service === 'sqs' || service === 'kinesis' || service === 'dynamodb') return service;
  throw invalidValue(`Unrecognized event source, must be kinesis, dynamodb or sqs: ${arn}`);
}

export function streamPort(world: World, kind: SourceKind): StreamPort {
  return kind === 'kinesis' ? world.kinesis : world.dynamodb;
}

/** Refuses a source that is not there. */
export function checkExists(world: World, kind: SourceKind, arn: string): void {
  if (kind === 'sqs') {
    if (world.sqs.exists(arn)) return;
    throw invalidValue(
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist or you do not have access to it.',
    );
  }
  if (!streamPort(world, kind).exists(arn)) throw invalidValue(`Stream not found: ${arn}`);
}

// From the policies AWSLambdaSQSQueueExecutionRole, AWSLambdaKinesisExecutionRole and AWSLambdaDynamoDBExecutionRole.
const QUEUE_ACTIONS = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
const KINESIS_ACTIONS = [
  'GetRecords',
  'GetShardIterator',
  'DescribeStream',
  'DescribeStreamSummary',
  'ListShards',
];
const TABLE_ACTIONS = ['GetRecords', 'GetShardIterator', 'DescribeStream'];

/** Refuses a role that may not read the source. */
export function checkRole(world: World, roleArn: string, kind: SourceKind, arn: string): void {
  if (kind === 'sqs') {
    for (const action of QUEUE_ACTIONS) {
      if (!world.iam.roleAllows(roleArn, `sqs:${action}`, arn)) throw lacks(action, 'SQS');
    }
    return;
  }
  const isKinesis = kind === 'kinesis';
  const actions = isKinesis ? KINESIS_ACTIONS : TABLE_ACTIONS;
  // The list of a table's streams is no part of any one of them.
  const mayList = isKinesis || world.iam.roleAllows(roleArn, 'dynamodb:ListStreams', '*');
  if (mayList && actions.every((each) => world.iam.roleAllows(roleArn, `${kind}:${each}`, arn))) {
    return;
  }
  throw invalidValue(
    `Cannot access stream ${arn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ${isKinesis ? 'ListShards, ' : ''}and ListStreams Actions on your stream in IAM.`,
  );
}

/** Where given-up batches go: the action on it, and the names in the refusal. */
const DESTINATIONS: Readonly<Record<string, readonly [string, string]>> = {
  sqs: ['SendMessage', 'SQS'],
  sns: ['Publish', 'SNS'],
  s3: ['PutObject', 'S3'],
};

export function destinationAllowed(world: World, roleArn: string, arn: string): boolean {
  const service = arn.split(':')[2] ?? '';
  const [action = ''] = DESTINATIONS[service] ?? [];
  const resource = service === 's3' ? `${arn}/*` : arn;
  return world.iam.roleAllows(roleArn, `${service}:${action}`, resource);
}

/** Refuses a destination that is no such resource, or that the role may not write to. */
export function checkDestination(world: World, roleArn: string, arn: string): void {
  const service = arn.split(':')[2] ?? '';
  const [action, name] = DESTINATIONS[service] ?? [];
  const exists =
    (service === 'sqs' && world.sqs.exists(arn) && !world.sqs.isFifo(arn)) ||
    (service === 'sns' && world.sns.exists(arn)) ||
    (service === 's3' && world.s3.bucketExists(arn.split(':').at(-1) ?? ''));
  if (!exists || action === undefined || name === undefined) {
    throw invalidValue(
      `The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=null), onFailure=OnFailure(destination=${arn})) is invalid.`,
    );
  }
  if (!destinationAllowed(world, roleArn, arn)) throw lacks(action, name);
}

function lacks(action: string, service: string): Error {
  return invalidValue(
    `The provided execution role does not have permissions to call ${action} on ${service}`,
  );
}
