/**
 * Buses: custom topics of Event Grid that take CloudEvents. Events go into a queue of the binding's own, in the function
 * app's own storage account, and the function reads that queue.
 *
 * A message of that queue is base64 of one event as CloudEvents 1.0 writes it. Event Grid filters what its advanced
 * filters can say; the function looks at the whole pattern once more.
 */
import { eventSubscriptionIdOf } from '../arm-id.ts';
import {
  deadLetterParts,
  NO_PARTS,
  type BindingParts,
  type EventOf,
  type PlanContext,
} from '../context.ts';
import { subscriptionName } from '../names.ts';
import { planOwnQueue } from '../own-queue/plan.ts';
import type { EventSubscriptionWish } from '../own-queue/subscription.ts';
import { busSource } from '../source.ts';
import { eventStep } from '../steps.ts';
import { advancedFilters } from './advanced-filters.ts';

export function planBus(
  context: PlanContext,
  bindingId: string,
  event: EventOf<'bus'>,
): BindingParts {
  const { target } = context;
  const source = busSource(context, event.bus);
  const dead = deadLetterParts(context, event);
  const always = {
    ...NO_PARTS,
    uses: [...dead.uses, { source, field: 'bus', create: event.create }],
    roles: dead.roles,
    source: source.name,
    deadLetter: dead.deadLetter,
  };
  if (!event.enabled) return always;
  const own = planOwnQueue(context, bindingId);
  const name = subscriptionName(target, bindingId);
  const subscription: EventSubscriptionWish = {
    topicId: source.id,
    name,
    bindingId,
    queue: own.destination,
    filter: {
      advancedFilters: advancedFilters(event.pattern).filters,
      enableAdvancedFilteringOnArrays: true,
    },
  };
  const made = { kind: 'eventSubscription', id: eventSubscriptionIdOf(source.id, name) } as const;
  return {
    ...always,
    ...own.parts,
    bound: [made, ...own.parts.bound],
    after: [
      eventStep(target, {
        id: `event-${bindingId}-bind`,
        kind: 'put-event-subscription',
        title: `Subscribe to the bus "${source.name}"`,
        phase: 'bind',
        input: { subscription, made },
      }),
    ],
  };
}
