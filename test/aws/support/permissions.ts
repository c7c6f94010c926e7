/**
 * Which permissions a call needs: AWS's service authorization reference, for the operations of this adapter. An
 * operation that nothing is said of here needs `service:Operation`.
 */
import { ACCOUNT, REGION, type WireCall } from './stage.ts';

export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** Condition key and its value. */
  readonly context?: readonly [key: string, value: string];
}

type Fields = Readonly<Record<string, unknown>>;

/** The prefix of a service's actions, where it is not its signing name. */
const PREFIX: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

/** The action, where it is not named like the operation. */
const ACTION: Readonly<Record<string, string>> = {
  'lambda:Invoke': 'lambda:InvokeFunction',
  's3:HeadBucket': 's3:ListBucket',
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:HeadObject': 's3:GetObject',
  's3:GetBucketNotificationConfiguration': 's3:GetBucketNotification',
  's3:PutBucketNotificationConfiguration': 's3:PutBucketNotification',
  's3:DeleteBucketTagging': 's3:PutBucketTagging',
};

/** Lists of a whole account, which AWS holds to no resource (service authorization reference). */
const WHOLE_LISTS: ReadonlySet<string> = new Set([
  'application-autoscaling:DescribeScalableTargets',
  'dynamodb:ListTables',
  'events:ListEventBuses',
  'kinesis:ListStreams',
  's3:ListBuckets',
  'sns:ListSubscriptions',
  'sns:ListTopics',
  'sqs:ListQueues',
]);

/** What tagging while creating needs beside the creation itself. */
const TAGGING: Readonly<Record<string, string>> = {
  'lambda:CreateFunction': 'lambda:TagResource',
  'lambda:CreateEventSourceMapping': 'lambda:TagResource',
  'iam:CreateRole': 'iam:TagRole',
  'sqs:CreateQueue': 'sqs:TagQueue',
  'sns:CreateTopic': 'sns:TagResource',
  'events:CreateEventBus': 'events:TagResource',
  'events:PutRule': 'events:TagResource',
  'kinesis:CreateStream': 'kinesis:AddTagsToStream',
  'dynamodb:CreateTable': 'dynamodb:TagResource',
  'logs:CreateLogGroup': 'logs:TagResource',
  'apigateway:CreateApi': 'apigateway:TagResource',
  'apigateway:CreateStage': 'apigateway:TagResource',
};

export function permissionsOf(call: WireCall): readonly Permission[] {
  const key = `${call.service}:${call.operation}`;
  const fields = fieldsOf(call);
  const prefix = PREFIX[call.service] ?? call.service;
  const action =
    call.service === 'apigateway'
      ? `apigateway:${call.method}`
      : (ACTION[key] ?? `${prefix}:${call.operation}`);
  const resource = resourceOf(call, fields);
  const tagging = TAGGING[key];
  const isTagged = /"[Tt]ags":|Tags\.member/.test(call.body);
  return [
    { action, resource },
    ...(tagging !== undefined && isTagged
      ? [{ action: tagging, resource: taggedOf(key, resource) }]
      : []),
    ...further(key, fields, resource),
  ];
}

function taggedOf(key: string, resource: string): string {
  return key === 'lambda:CreateEventSourceMapping'
    ? `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:new`
    : resource;
}

/** What the service does in the name of the caller. */
function further(key: string, fields: Fields, resource: string): readonly Permission[] {
  const found: Permission[] = [];
  const pass = (role: unknown, service: string): void => {
    if (typeof role !== 'string') return;
    found.push({
      action: 'iam:PassRole',
      resource: role,
      context: ['iam:PassedToService', service],
    });
  };
  if (key === 'lambda:GetFunction') found.push({ action: 'lambda:ListTags', resource });
  if (key === 'lambda:CreateFunction' || key === 'lambda:UpdateFunctionConfiguration') {
    pass(fields['Role'], 'lambda.amazonaws.com');
    if (subnetsOf(fields).length > 0) {
      for (const what of ['SecurityGroups', 'Subnets', 'Vpcs']) {
        found.push({ action: `ec2:Describe${what}`, resource: '*' });
      }
    }
  }
  if (key === 'scheduler:CreateSchedule' || key === 'scheduler:UpdateSchedule') {
    const target = fields['Target'];
    if (isFields(target)) pass(target['RoleArn'], 'scheduler.amazonaws.com');
  }
  if (key === 'application-autoscaling:RegisterScalableTarget') {
    const service = 'lambda.application-autoscaling.amazonaws.com';
    found.push({
      action: 'iam:CreateServiceLinkedRole',
      resource: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${service}/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency`,
      context: ['iam:AWSServiceName', service],
    });
  }
  return found;
}

function subnetsOf(fields: Fields): readonly unknown[] {
  const vpc = fields['VpcConfig'];
  const subnets = isFields(vpc) ? vpc['SubnetIds'] : [];
  return Array.isArray(subnets) ? subnets : [];
}

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** The ARN that the action is checked on; `*` where the service knows none. */
function resourceOf(call: WireCall, fields: Fields): string {
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => fields[name]).find((value) => typeof value === 'string');
  if (WHOLE_LISTS.has(`${call.service}:${call.operation}`)) return '*';
  const path = decodeURIComponent(call.path);
  const own = text('ResourceArn', 'ResourceARN', 'resourceArn', 'TopicArn', 'SubscriptionArn');
  if (own !== undefined) {
    return call.service === 'sns' ? own.split(':').slice(0, 6).join(':') : own;
  }
  const named: Readonly<Record<string, () => string>> = {
    lambda: () => lambdaResource(call, path, text('FunctionName')),
    iam: () => `arn:aws:iam::${ACCOUNT}:role/${text('RoleName') ?? ''}`,
    sqs: () => arn('sqs', text('QueueName') ?? text('QueueUrl')?.split('/').at(-1) ?? ''),
    sns: () => arn('sns', text('Name') ?? ''),
    kinesis: () => arn('kinesis', `stream/${text('StreamName') ?? ''}`),
    dynamodb: () => arn('dynamodb', `table/${text('TableName') ?? ''}`),
    s3: () => `arn:aws:s3:::${path.replace(/^\//, '').replace(/\/$/, '')}`,
    apigateway: () => `arn:aws:apigateway:${REGION}::${path.replace(/^\/v2/, '')}`,
    scheduler: () =>
      path === '/schedules'
        ? '*'
        : arn('scheduler', path.replace('/schedules/', 'schedule/default/')),
    secretsmanager: () => arn('secretsmanager', `secret:${text('SecretId') ?? ''}-AbCdEf`),
    logs: () => {
      const several = fields['logGroupNames'];
      const group = text('logGroupName') ?? (Array.isArray(several) ? several[0] : undefined);
      return group === undefined ? '*' : arn('logs', `log-group:${String(group)}:*`);
    },
    events: () => eventsResource(call.operation, text),
    'application-autoscaling': () => arn('application-autoscaling', 'scalable-target/0a1b2c'),
  };
  return named[call.service]?.() ?? '*';
}

function lambdaResource(call: WireCall, path: string, name: string | undefined): string {
  const tagged = /\/tags\/(arn:.+)$/.exec(path)?.[1];
  if (tagged !== undefined) return tagged;
  const mapping = /\/event-source-mappings\/([^/]+)/.exec(path)?.[1];
  if (mapping !== undefined) return arn('lambda', `event-source-mapping:${mapping}`);
  if (/^(?:List(?:Functions|EventSourceMappings)|CreateEventSourceMapping)$/.test(call.operation)) {
    return '*';
  }
  const inPath = /\/functions\/([^/]+)/.exec(path)?.[1];
  return arn('lambda', `function:${inPath ?? name ?? ''}`);
}

function eventsResource(
  operation: string,
  text: (...names: readonly string[]) => string | undefined,
): string {
  const bus = text('EventBusName') ?? 'default';
  const rule = text('Rule') ?? (operation.endsWith('Rule') ? text('Name') : undefined);
  if (rule === undefined) return arn('events', `event-bus/${text('Name') ?? bus}`);
  return arn('events', bus === 'default' ? `rule/${rule}` : `rule/${bus}/${rule}`);
}

/** What the request says: JSON, or a form. */
function fieldsOf({ body, service }: WireCall): Fields {
  if (service === 'iam' || service === 'sns' || service === 'sts') {
    return Object.fromEntries(new URLSearchParams(body));
  }
  if (!body.startsWith('{')) return {};
  const value: unknown = JSON.parse(body);
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
