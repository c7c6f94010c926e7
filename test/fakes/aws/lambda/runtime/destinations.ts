import { randomUUID } from 'node:crypto';
import type { World } from '../../core/ports.ts';

export interface Destination {
  readonly arn: string;
  readonly roleArn: string;
  readonly isSuccess: boolean;
  /** Of the function whose call it is, qualified. */
  readonly functionArn: string;
  /** The invocation record, or the bare event for a dead-letter queue. */
  readonly record: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What a service needs, and how the record gets there. */
interface Route {
  readonly action: string;
  deliver(world: World, destination: Destination): Promise<void> | void;
}

const ROUTES: Readonly<Record<string, Route>> = {
  sqs: {
    action: 'sqs:SendMessage',
    deliver(world, { arn, record, attributes = {} }) {
      if (!world.sqs.exists(arn)) throw new Error(`There is no queue ${arn}`);
      world.sqs.send(arn, record, { attributes });
    },
  },
  sns: {
    action: 'sns:Publish',
    deliver(world, { arn, record, attributes = {} }) {
      if (!world.sns.exists(arn)) throw new Error(`There is no topic ${arn}`);
      world.sns.publish(arn, record, { attributes });
    },
  },
  events: {
    action: 'events:PutEvents',
    deliver(world, { arn, record, isSuccess, functionArn }) {
      if (!world.events.busExists(arn)) throw new Error(`There is no bus ${arn}`);
      world.events.put({
        bus: arn.split(':event-bus/')[1] ?? 'default',
        source: 'lambda',
        detailType: `Lambda Function Invocation Result - ${isSuccess ? 'Success' : 'Failure'}`,
        detail: record,
        resources: [arn, functionArn],
      });
    },
  },
  lambda: {
    action: 'lambda:InvokeFunction',
    async deliver(world, { arn, record }) {
      await world.lambda.invoke({ arn, payload: record, type: 'Event' });
    },
  },
  s3: {
    action: 's3:PutObject',
    deliver(world, { arn, record, functionArn }) {
      const bucket = arn.split(':::')[1] ?? '';
      if (!world.s3.bucketExists(bucket)) throw new Error(`There is no bucket ${bucket}`);
      const time = new Date(world.clock.now()).toISOString();
      const day = time.slice(0, 10);
      const name = functionArn.split(':')[6] ?? '';
      const stamp = time.slice(0, 19).replaceAll(':', '.');
      const key = `aws/lambda/async/${name}/${day.replaceAll('-', '/')}/${stamp}-${randomUUID()}`;
      world.s3.put(bucket, key, Buffer.from(record), 'application/json');
    },
  },
};

/** Sends the record of an asynchronous call. False when it could not be delivered: then it is lost. */
export async function sendToDestination(world: World, destination: Destination): Promise<boolean> {
  const { arn, roleArn } = destination;
  const route = ROUTES[arn.split(':')[2] ?? ''];
  if (!route || !world.iam.roleAllows(roleArn, route.action, arn)) return false;
  try {
    await route.deliver(world, destination);
    return true;
  } catch {
    return false;
  }
}
