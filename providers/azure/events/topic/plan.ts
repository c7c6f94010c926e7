/** Topics of Service Bus, each binding with a subscription of its own. */
import { bindingSetting } from '../../manifest.ts';
import {
  deadLetterParts,
  NO_PARTS,
  settingRef,
  triggerOf,
  type BindingParts,
  type EventOf,
  type PlanContext,
} from '../context.ts';
import { connectionName, subscriptionName } from '../names.ts';
import { ROLE } from '../roles.ts';
import { topicSource } from '../source.ts';
import { eventStep } from '../steps.ts';
import { sqlFilter } from './sql-filter.ts';
import type { SubscriptionWish } from './subscription.ts';

const TOPIC = 'TOPIC';
const SUBSCRIPTION = 'SUBSCRIPTION';

export function planTopic(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'topic'>,
): BindingParts {
  const { target } = context;
  const source = topicSource(context, event.topic);
  const dead = deadLetterParts(context, event);
  const always = {
    ...NO_PARTS,
    uses: [...dead.uses, { source, field: 'topic', create: event.create }],
    roles: dead.roles,
    source: source.name,
    deadLetter: dead.deadLetter,
  };
  // Without a subscription nothing piles up.
  if (!event.enabled) return always;
  const connection = connectionName('serviceBus', source.hostId);
  const name = subscriptionName(target, bindingId);
  const id = `${source.id}/subscriptions/${name}`;
  const subscription: SubscriptionWish = {
    id,
    bindingId,
    // The function itself gives a message up before.
    maxDeliveryCount: event.retry.maxAttempts + 1,
    filter: sqlFilter(event.filter),
  };
  const made = { kind: 'subscription', id } as const;
  const step = (suffix: 'own' | 'bind', converge: boolean) =>
    eventStep(target, {
      id: `event-${bindingId}-${suffix}`,
      kind: 'put-subscription',
      title: converge
        ? `Bring the subscription of the topic "${source.name}" into line`
        : `Subscribe to the topic "${source.name}"`,
      phase: converge ? 'bind' : 'prepare',
      input: { subscription, made, converge, isNoted: false },
    });
  return {
    ...always,
    roles: [
      // The role must reach the subscription itself (Azure Functions, "Service Bus trigger", identity-based connections).
      { scope: id, roleId: ROLE.serviceBusReceiver },
      ...dead.roles,
    ],
    bound: [made],
    prepare: [step('own', false)],
    after: [step('bind', true)],
    trigger: triggerOf(bindingId, 'serviceBusTopic', {
      topicName: settingRef(bindingId, TOPIC),
      subscriptionName: settingRef(bindingId, SUBSCRIPTION),
      connection,
    }),
    settings: {
      [bindingSetting(bindingId, TOPIC)]: source.name,
      [bindingSetting(bindingId, SUBSCRIPTION)]: name,
    },
    connections: [{ name: connection, service: 'serviceBus', hostId: source.hostId }],
  };
}
