import type { NormalTopicEvent, Step } from 'polyfaas/spi';
import { topicArn } from '../arn.ts';
import { deadLetterPlan, type PlanContext } from '../context.ts';
import { statementId } from '../names.ts';
import { eventStep } from '../steps.ts';
import type { SubscriptionWish } from './subscription.ts';

export function planTopic(
  context: PlanContext,
  bindingId: string,
  event: NormalTopicEvent,
): readonly Step[] {
  const { target, place } = context;
  const arn = topicArn(place, event.topic);
  const filter = Object.keys(event.filter ?? {}).length > 0 ? event.filter : undefined;
  const subscription: SubscriptionWish = {
    topicArn: arn,
    statementId: statementId('topic', arn),
    filter: filter === undefined ? null : JSON.stringify(filter),
  };
  return [
    ...deadLetterPlan(context, bindingId, event).steps,
    eventStep(target, {
      id: `event-${bindingId}-source`,
      kind: 'ensure-topic',
      title: `Have the topic "${event.topic}" ready`,
      input: { topic: event.topic, create: event.create, bindingId },
      locks: [`topic:${event.topic}`],
    }),
    // SNS has no subscription that rests.
    eventStep(target, {
      id: `event-${bindingId}-bind`,
      kind: event.enabled ? 'put-subscription' : 'delete-subscription',
      title: event.enabled
        ? `Subscribe to the topic "${event.topic}"`
        : `Have no subscription to the topic "${event.topic}"`,
      input: { subscription },
    }),
  ];
}
