import type { CallContext } from 'polyfaas/spi';
import type { SNS, Subscription } from '@aws-sdk/client-sns';
import type { AwsClients } from '../../clients/index.ts';
import { aliasArn, type Executor, type Target } from '../../model.ts';
import { ifThere, says, unlessMissing } from '../failures.ts';
import { statementProblem, type DriftScope, type Problem } from '../drift/scope.ts';
import { allow, disallow } from '../permission.ts';
import { again, done, inputOf } from '../steps.ts';

export interface SubscriptionWish {
  readonly topicArn: string;
  readonly statementId: string;
  /** The filter policy as JSON, over the message's attributes; null for all messages. */
  readonly filter: string | null;
}

const SCOPE = 'MessageAttributes';

/** Subscribes the function, or brings its subscription into line. */
export const putSubscription: Executor = async (aws, step, call) => {
  const { target, subscription } = inputOf<{ subscription: SubscriptionWish }>(step);
  const sns = await aws.sns();
  const { topicArn, filter } = subscription;
  await allow(
    aws,
    target,
    { id: subscription.statementId, principal: 'sns.amazonaws.com', sourceArn: topicArn },
    call,
  );
  const endpoint = aliasArn(target);
  try {
    const { SubscriptionArn: arn } = await sns.subscribe(
      {
        TopicArn: topicArn,
        Protocol: 'lambda',
        Endpoint: endpoint,
        ReturnSubscriptionArn: true,
        ...(filter === null
          ? {}
          : { Attributes: { FilterPolicy: filter, FilterPolicyScope: SCOPE } }),
      },
      { abortSignal: call.signal },
    );
    // Without attributes, an old subscription is answered as it is.
    if (filter === null && arn !== undefined) await setFilter(sns, arn, null, call);
    return done();
  } catch (error) {
    if (!says(error, 'already exists with different attributes')) throw error;
  }
  const found = await findSubscription(sns, topicArn, endpoint, call);
  if (found?.SubscriptionArn === undefined) {
    return again(call, 'waiting for the subscription to be listed');
  }
  await setFilter(sns, found.SubscriptionArn, filter, call);
  return done();
};

/** Ends the subscription; then the topic may not call the function either. */
export const deleteSubscription: Executor = async (aws, step, call) => {
  const { target, subscription } = inputOf<{
    subscription: Pick<SubscriptionWish, 'topicArn' | 'statementId'>;
  }>(step);
  await endSubscription(aws, target, subscription.topicArn, call);
  await disallow(aws, target, subscription.statementId, call);
  return done();
};

/** What is wrong with the subscription, or undefined. */
export async function subscriptionDrift(
  scope: DriftScope,
  { topicArn, statementId, filter }: SubscriptionWish,
  isEnabled: boolean,
): Promise<Problem> {
  const { aws, target, call } = scope;
  const sns = await aws.sns();
  const found = await findSubscription(sns, topicArn, aliasArn(target), call);
  if (!isEnabled) return found === undefined ? undefined : 'there is a subscription';
  if (found?.SubscriptionArn === undefined) return 'its subscription is gone';
  const told = await ifThere(
    sns.getSubscriptionAttributes(
      { SubscriptionArn: found.SubscriptionArn },
      { abortSignal: call.signal },
    ),
  );
  const present = told?.Attributes ?? {};
  const hasFilter =
    (present['FilterPolicy'] ?? '{}') === (filter ?? '{}') &&
    (filter === null || (present['FilterPolicyScope'] ?? SCOPE) === SCOPE);
  if (!hasFilter) return 'its subscription has another filter';
  return statementProblem(scope, statementId);
}

/** Ends the function's subscription to a topic, where there is one. */
export async function endSubscription(
  aws: AwsClients,
  target: Target,
  topicArn: string,
  call: CallContext,
): Promise<void> {
  const sns = await aws.sns();
  const found = await findSubscription(sns, topicArn, aliasArn(target), call);
  if (found?.SubscriptionArn === undefined) return;
  await unlessMissing(
    sns.unsubscribe({ SubscriptionArn: found.SubscriptionArn }, { abortSignal: call.signal }),
  );
}

/** All subscriptions of a topic; none when the topic is gone. */
export async function subscriptionsOf(
  sns: SNS,
  topicArn: string,
  call: CallContext,
): Promise<readonly Subscription[]> {
  const found: Subscription[] = [];
  let token: string | undefined;
  do {
    const page = await ifThere(
      sns.listSubscriptionsByTopic(
        { TopicArn: topicArn, ...(token === undefined ? {} : { NextToken: token }) },
        { abortSignal: call.signal },
      ),
    );
    found.push(...(page?.Subscriptions ?? []));
    token = page?.NextToken;
  } while (token !== undefined && token !== '');
  return found;
}

async function findSubscription(
  sns: SNS,
  topicArn: string,
  endpoint: string,
  call: CallContext,
): Promise<Subscription | undefined> {
  const all = await subscriptionsOf(sns, topicArn, call);
  return all.find(({ Endpoint }) => Endpoint === endpoint);
}

async function setFilter(
  sns: SNS,
  arn: string,
  filter: string | null,
  call: CallContext,
): Promise<void> {
  const { Attributes: present = {} } = await sns.getSubscriptionAttributes(
    { SubscriptionArn: arn },
    { abortSignal: call.signal },
  );
  const set = (AttributeName: string, AttributeValue: string): Promise<unknown> =>
    sns.setSubscriptionAttributes(
      { SubscriptionArn: arn, AttributeName, AttributeValue },
      { abortSignal: call.signal },
    );
  if (filter !== null && (present['FilterPolicyScope'] ?? SCOPE) !== SCOPE) {
    await set('FilterPolicyScope', SCOPE);
  }
  const wanted = filter ?? '{}';
  if ((present['FilterPolicy'] ?? '{}') !== wanted) await set('FilterPolicy', wanted);
}
