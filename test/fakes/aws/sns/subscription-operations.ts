/** The operations of SNS on subscriptions. */
import { randomUUID } from 'node:crypto';
import { optionalText, optionalTextMap, text, type Input } from '../core/operation.ts';
import { invalidParameter, subscriptionNotFound } from './faults.ts';
import { page } from './page.ts';
import { checkSubscriptionAttribute, filterOf } from './subscription-attributes.ts';
import { checkArn, type Subscription, type Topics } from './topics.ts';

type Operation = (input: Input) => object;

/** The service has more; these two are what functions and queues use. */
const PROTOCOLS = ['lambda', 'sqs'];

export function subscriptionOperations(
  topics: Topics,
  account: string,
): Readonly<Record<string, Operation>> {
  const subscriptionOf = (input: Input): Subscription => {
    const subscription = topics.subscription(text(input, 'SubscriptionArn'));
    if (!subscription) throw subscriptionNotFound();
    return subscription;
  };
  const told = (each: Subscription): object => ({
    SubscriptionArn: each.arn,
    Owner: account,
    Protocol: each.protocol,
    Endpoint: each.endpoint,
    TopicArn: each.topicArn,
  });
  return {
    // Subscriptions within one account are confirmed at once, so the ARN is always known.
    Subscribe: (input) => ({ SubscriptionArn: subscribe(topics, input).arn }),

    Unsubscribe(input) {
      const arn = text(input, 'SubscriptionArn');
      checkArn(arn, 'SubscriptionArn');
      if (arn.split(':').length < 7) throw invalidParameter('SubscriptionId');
      topics.unsubscribe(arn);
      return {};
    },

    ListSubscriptions(input) {
      const { items, next } = page(topics.subscriptions(), optionalText(input, 'NextToken'));
      return { Subscriptions: items.map(told), NextToken: next };
    },

    ListSubscriptionsByTopic(input) {
      const { arn } = topics.at(text(input, 'TopicArn'));
      const { items, next } = page(topics.subscriptionsOf(arn), optionalText(input, 'NextToken'));
      return { Subscriptions: items.map(told), NextToken: next };
    },

    GetSubscriptionAttributes(input) {
      const subscription = subscriptionOf(input);
      return {
        Attributes: new Map([
          ['SubscriptionArn', subscription.arn],
          ['TopicArn', subscription.topicArn],
          ['Owner', account],
          ['Protocol', subscription.protocol],
          ['Endpoint', subscription.endpoint],
          ['ConfirmationWasAuthenticated', 'true'],
          ['PendingConfirmation', 'false'],
          ['RawMessageDelivery', 'false'],
          ['SubscriptionPrincipal', `arn:aws:iam::${account}:user/deployer`],
          ...(subscription.attributes.has('FilterPolicy')
            ? ([['FilterPolicyScope', 'MessageAttributes']] as const)
            : []),
          ...subscription.attributes,
        ]),
      };
    },

    SetSubscriptionAttributes(input) {
      const subscription = subscriptionOf(input);
      const name = text(input, 'AttributeName');
      const value = optionalText(input, 'AttributeValue') ?? '';
      checkSubscriptionAttribute(name, value, subscription.protocol, false);
      const attributes = new Map(subscription.attributes);
      put(attributes, name, value);
      subscription.filter = filterOf(attributes, false);
      put(subscription.attributes, name, value);
      return {};
    },
  };
}

/** An empty value takes the attribute away, and so does an empty filter policy. */
function put(attributes: Map<string, string>, name: string, value: string): void {
  const isEmptyFilter = name === 'FilterPolicy' && value.replaceAll(/\s/g, '') === '{}';
  if (value === '' || isEmptyFilter) attributes.delete(name);
  else attributes.set(name, value);
}

function subscribe(topics: Topics, input: Input): Subscription {
  const topic = topics.at(text(input, 'TopicArn'));
  const protocol = text(input, 'Protocol');
  const endpoint = optionalText(input, 'Endpoint') ?? '';
  const given = optionalTextMap(input, 'Attributes') ?? {};
  if (!PROTOCOLS.includes(protocol)) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
  checkEndpoint(protocol, endpoint);
  const attributes = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    checkSubscriptionAttribute(name, value, protocol, true);
    put(attributes, name, value);
  }
  const filter = filterOf(attributes, true);
  const existing = topics
    .subscriptionsOf(topic.arn)
    .find((each) => each.protocol === protocol && each.endpoint === endpoint);
  if (existing) {
    if ([...attributes].some(([name, value]) => existing.attributes.get(name) !== value)) {
      throw invalidParameter(
        'Attributes Reason: Subscription already exists with different attributes',
      );
    }
    return existing;
  }
  const subscription: Subscription = {
    arn: `${topic.arn}:${randomUUID()}`,
    topicArn: topic.arn,
    protocol,
    endpoint,
    attributes,
    filter,
  };
  topics.subscribe(subscription);
  return subscription;
}

function checkEndpoint(protocol: string, endpoint: string): void {
  if (protocol === 'lambda') {
    if (!/^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(endpoint)) {
      throw invalidParameter('Lambda endpoint ARN');
    }
    return;
  }
  if (!/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/.test(endpoint)) {
    throw invalidParameter('SQS endpoint ARN');
  }
  if (endpoint.endsWith('.fifo')) {
    throw invalidParameter(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  }
}
