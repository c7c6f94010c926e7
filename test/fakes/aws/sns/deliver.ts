/** How a message gets from a topic to one subscriber, and where it goes when the subscriber refuses it. */
import { createHash, randomUUID } from 'node:crypto';
import { isObject } from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { attributesAsEvent, bodyAsEvent } from './filter-policy.ts';
import type { Message } from './message.ts';
import type { Subscription } from './topics.ts';

const PRINCIPAL = 'sns.amazonaws.com';
/** Between attempts while the function is throttled. The service itself begins at once and slows down to 20 s. */
const RETRY_MS = 1000;
/** The service tries for 23 days; a message that nobody took for so long is as good as lost in a test. */
const MAX_ATTEMPTS = 100;

/** Whether the subscription's filter policy lets the message through. */
export function passes(subscription: Subscription, message: Message): boolean {
  if (!subscription.filter) return true;
  if (subscription.attributes.get('FilterPolicyScope') !== 'MessageBody') {
    return subscription.filter(attributesAsEvent(message.attributes));
  }
  const event = bodyAsEvent(message.body(subscription.protocol));
  return event !== undefined && subscription.filter(event);
}

/** Delivers in the background. */
export function deliver(
  world: World,
  subscription: Subscription,
  message: Message,
  attempt = 1,
): void {
  world.work.run(async () => {
    try {
      if (subscription.protocol === 'lambda') await toFunction(world, subscription, message);
      else toQueue(world, subscription, message);
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      const isPassing = error.status === 429 || error.status >= 500;
      if (isPassing && attempt < MAX_ATTEMPTS) {
        world.clock.after(RETRY_MS, () => deliver(world, subscription, message, attempt + 1));
      } else {
        giveUp(world, subscription, message, error);
      }
    }
  });
}

async function toFunction(
  world: World,
  subscription: Subscription,
  message: Message,
): Promise<void> {
  const { Signature, SigningCertURL, SignatureVersion, UnsubscribeURL, ...rest } = notification(
    world,
    subscription,
    message,
  );
  const event = {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        // Lambda gets some members under other names, and those without a value as null.
        Sns: {
          ...rest,
          Subject: message.subject ?? null,
          SignatureVersion,
          Signature,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
          MessageAttributes: message.attributes,
        },
      },
    ],
  };
  await world.lambda.invoke({
    arn: subscription.endpoint,
    type: 'Event',
    source: { principal: PRINCIPAL, sourceArn: subscription.topicArn },
    payload: JSON.stringify(event),
  });
}

function toQueue(world: World, subscription: Subscription, message: Message): void {
  const { endpoint, topicArn } = subscription;
  if (!world.sqs.exists(endpoint)) {
    throw new AwsFault(400, 'QueueDoesNotExist', 'The specified queue does not exist.');
  }
  if (!world.sqs.allowsService(endpoint, PRINCIPAL, topicArn)) {
    throw new AwsFault(403, 'AccessDenied', `${topicArn} may not send to ${endpoint}`);
  }
  if (subscription.attributes.get('RawMessageDelivery') === 'true') {
    const attributes = Object.entries(message.attributes).map(([name, { Value }]) => [name, Value]);
    world.sqs.send(endpoint, message.body('sqs'), { attributes: Object.fromEntries(attributes) });
  } else {
    world.sqs.send(endpoint, JSON.stringify(notification(world, subscription, message)));
  }
}

function giveUp(world: World, subscription: Subscription, message: Message, error: AwsFault): void {
  const queue = deadLetterQueue(subscription.attributes.get('RedrivePolicy'));
  if (queue === undefined || !world.sqs.exists(queue)) return;
  // The queue's policy must let the topic send, as for any other queue; otherwise the message is lost.
  if (!world.sqs.allowsService(queue, PRINCIPAL, subscription.topicArn)) return;
  world.sqs.send(queue, JSON.stringify(notification(world, subscription, message)), {
    attributes: {
      RequestID: randomUUID(),
      ErrorCode: String(error.status),
      ErrorMessage: error.message,
    },
  });
}

function deadLetterQueue(policy: string | undefined): string | undefined {
  const parsed: unknown = policy === undefined ? undefined : JSON.parse(policy);
  const target = isObject(parsed) ? parsed['deadLetterTargetArn'] : undefined;
  return typeof target === 'string' ? target : undefined;
}

interface Notification {
  readonly Type: string;
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly SignatureVersion: string;
  readonly Signature: string;
  readonly SigningCertURL: string;
  readonly UnsubscribeURL: string;
  readonly MessageAttributes?: Message['attributes'];
}

function notification(world: World, subscription: Subscription, message: Message): Notification {
  const host = `https://sns.${world.region}.amazonaws.com`;
  return {
    Type: 'Notification',
    MessageId: message.id,
    TopicArn: subscription.topicArn,
    ...(message.subject !== undefined && { Subject: message.subject }),
    Message: message.body(subscription.protocol),
    Timestamp: new Date(message.publishedAt).toISOString(),
    SignatureVersion: '1',
    // Of the right length; nothing here verifies it.
    Signature: createHash('sha512').update(message.id).digest('base64'),
    SigningCertURL: `${host}/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem`,
    UnsubscribeURL: `${host}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
    ...(Object.keys(message.attributes).length > 0 && { MessageAttributes: message.attributes }),
  };
}
