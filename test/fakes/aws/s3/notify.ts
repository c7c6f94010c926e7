/** Changes of objects on their way to functions, queues, topics and the default event bus. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { deliver } from '../events/redelivery.ts';
import type { Bucket, ObjectListener, StoredObject } from './buckets.ts';
import { invalidArgument } from './fault.ts';
import { concerns, type NotificationTarget, type Notifications } from './notification.ts';

const PRINCIPAL = 's3.amazonaws.com';
const EVENT_NAMES = { put: 'ObjectCreated:Put', delete: 'ObjectRemoved:Delete' } as const;

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

/**
 * Every destination must let the bucket in, at the time it is configured.
 *
 * @throws AwsFault InvalidArgument
 */
export function checkDestinations(
  world: World,
  bucket: string,
  notifications: Notifications,
): void {
  const refused = notifications.targets.flatMap((target) => {
    const reason = refusal(world, bucket, target);
    return reason === undefined ? [] : [{ arn: target.arn, reason }];
  });
  if (refused.length === 0) return;
  const fields = refused.map(({ arn, reason }, index): [string, string][] => [
    [`ArgumentName${index + 1}`, `${arn}, null`],
    [`ArgumentValue${index + 1}`, reason],
  ]);
  throw invalidArgument(
    'Unable to validate the following destination configurations',
    Object.fromEntries(fields.flat()),
  );
}

function refusal(world: World, bucket: string, target: NotificationTarget): string | undefined {
  const { arn } = target;
  if (target.kind === 'CloudFunction') {
    if (world.lambda.describe(arn) === undefined)
      return 'The destination Lambda function does not exist';
    return world.lambda.allows(arn, sourceOf(world, bucket))
      ? undefined
      : `Not authorized to invoke function [${arn}]`;
  }
  if (target.kind === 'Topic') {
    return world.sns.exists(arn) ? undefined : 'The destination topic does not exist';
  }
  if (!world.sqs.exists(arn)) return 'The destination queue does not exist';
  if (world.sqs.isFifo(arn)) return 'FIFO SQS queues are not supported';
  return world.sqs.allowsService(arn, PRINCIPAL, bucketArn(bucket))
    ? undefined
    : 'Permissions on the destination queue do not allow S3 to publish notifications from this bucket';
}

function sourceOf(world: World, bucket: string) {
  return { principal: PRINCIPAL, sourceArn: bucketArn(bucket), sourceAccount: world.account };
}

export function objectNotifier(world: World): ObjectListener {
  let sequence = 0;
  return (bucket, change) => {
    sequence += 1;
    const eventName = EVENT_NAMES[change.type];
    const sequencer = (BigInt(Math.trunc(world.clock.now())) * 1_000_000n + BigInt(sequence))
      .toString(16)
      .toUpperCase()
      .padStart(18, '0');
    const { notifications } = bucket;
    for (const target of notifications.targets) {
      if (!concerns(target, eventName, change.key)) continue;
      const record = recordOf(world, bucket, target.id, eventName, sequencer, change);
      world.work.run(() => push(world, bucket, target, JSON.stringify({ Records: [record] })));
    }
    if (notifications.hasEventBridge) toBus(world, bucket, sequencer, change);
  };
}

async function push(
  world: World,
  bucket: Bucket,
  target: NotificationTarget,
  payload: string,
): Promise<void> {
  await deliver(world, {
    maxRetries: 185,
    maxAgeSeconds: 86_400,
    async send() {
      if (target.kind === 'CloudFunction') {
        const source = sourceOf(world, bucket.name);
        await world.lambda.invoke({ arn: target.arn, type: 'Event', payload, source });
      } else if (target.kind === 'Topic') {
        if (!world.sns.exists(target.arn)) throw gone(target.arn);
        world.sns.publish(target.arn, payload, { subject: 'Amazon S3 Notification' });
      } else {
        if (!world.sqs.exists(target.arn)) throw gone(target.arn);
        world.sqs.send(target.arn, payload);
      }
    },
    // S3 has nowhere to put what it cannot deliver.
    giveUp() {},
  });
}

function gone(arn: string): AwsFault {
  return new AwsFault(404, 'ResourceNotFoundException', `${arn} does not exist`);
}

type Change = Parameters<ObjectListener>[1];

function recordOf(
  world: World,
  bucket: Bucket,
  configurationId: string,
  eventName: string,
  sequencer: string,
  change: Change,
): object {
  const { object } = change;
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(world.clock.now()).toISOString(),
    eventName,
    userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
      'x-amz-id-2': randomBytes(48).toString('base64'),
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: 'A3EXAMPLE' },
        arn: bucketArn(bucket.name),
      },
      object: { key: encodedKey(change.key), ...sizeAndTag(object), sequencer },
    },
  };
}

function sizeAndTag(object: StoredObject | undefined): object {
  return object === undefined
    ? {}
    : { size: object.body.length, eTag: object.eTag.replaceAll('"', '') };
}

/** As forms encode their fields, but for the slash. */
export function encodedKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}

function toBus(world: World, bucket: Bucket, sequencer: string, change: Change): void {
  const { object } = change;
  world.events.put({
    bus: 'default',
    source: 'aws.s3',
    detailType: change.type === 'put' ? 'Object Created' : 'Object Deleted',
    resources: [bucketArn(bucket.name)],
    detail: JSON.stringify({
      version: '0',
      bucket: { name: bucket.name },
      object: {
        key: change.key,
        ...(object && { size: object.body.length, etag: object.eTag.replaceAll('"', '') }),
        sequencer,
      },
      'request-id': randomUUID(),
      requester: world.account,
      'source-ip-address': '127.0.0.1',
      reason: change.type === 'put' ? 'PutObject' : 'DeleteObject',
      ...(change.type === 'delete' && { 'deletion-type': 'Permanently Deleted' }),
    }),
  });
}
