/** Push subscriptions: how every delivery of Pub/Sub reaches the function. Pure. */
import type { FromRef, NormalEvent, RetryPolicy, Step } from 'polyfaas/spi';
import { EVENTS_PATH } from '../../manifest.ts';
import type { Target } from '../../model.ts';
import type { BindingParts, PlanContext } from '../context.ts';
import { memberOf, pubsubAgent, ROLE } from '../grants/need.ts';
import { boundLabels } from '../labels.ts';
import { droppedTopic } from '../names.ts';
import { backoffOf, MOST_DELIVERIES, type Backoff } from '../retry.ts';
import { deadLetterOf } from '../source.ts';
import { EVENT_STEP, eventStep } from '../steps.ts';

/** Pub/Sub waits so long for an answer to a push, in seconds ("Receive messages by push", acknowledgement deadline). */
const SHORTEST_ACK = 10;
const LONGEST_ACK = 600;

/** Where a push goes. The URL may be told by an earlier step. */
export interface PushWish {
  readonly url: string | FromRef;
  /** With the query. */
  readonly path: string;
  readonly serviceAccount: string;
}

/** A subscription, wished for. JSON. */
export interface SubscriptionWish {
  /** `projects/p/subscriptions/s` */
  readonly name: string;
  /** `projects/p/topics/t` */
  readonly topic: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null while the binding is disabled: messages wait. */
  readonly push: PushWish | null;
  readonly ackDeadlineSeconds: number;
  readonly backoff: Backoff;
  readonly deadLetter: { readonly topic: string; readonly maxDeliveryAttempts: number };
  readonly ordered: boolean;
  /** Empty: everything. */
  readonly filter: string;
  /** The field that names the queue, which may have no other consumer; null for what is no queue. */
  readonly queueField: string | null;
}

export type PushedEvent = Extract<NormalEvent, { readonly retry: RetryPolicy }>;

export function ackDeadlineSeconds(timeoutSeconds: number): number {
  return Math.min(LONGEST_ACK, Math.max(SHORTEST_ACK, timeoutSeconds));
}

/** Where Google delivers the events of a binding. */
export function eventsPath(bindingId: string, policy: string): string {
  return `${EVENTS_PATH}${bindingId}?policy=${policy}`;
}

/** A subscription that pushes the messages of a topic to the function, with what it needs. */
export function planPushed(
  context: PlanContext,
  bindingId: string,
  event: PushedEvent,
  parts: {
    readonly name: string;
    readonly topic: string;
    readonly policy: string;
    readonly ordered?: boolean;
    readonly filter?: string;
    readonly title: string;
  },
): Pick<
  BindingParts,
  'uses' | 'bound' | 'ownGrants' | 'agentGrants' | 'after' | 'deadLetter' | 'isPushed'
> {
  const { target } = context;
  const dead = deadLetterParts(context, event);
  const subscription: SubscriptionWish = {
    name: parts.name,
    topic: parts.topic,
    labels: boundLabels(target.ref, { id: bindingId, kind: event.type }),
    push: event.enabled ? pushTo(target, eventsPath(bindingId, parts.policy)) : null,
    ackDeadlineSeconds: ackDeadlineSeconds(context.timeoutSeconds),
    backoff: backoffOf(event.retry),
    deadLetter: {
      topic: dead.deadLetter ?? droppedTopic(target),
      maxDeliveryAttempts: MOST_DELIVERIES,
    },
    ordered: parts.ordered ?? false,
    filter: parts.filter ?? '',
    queueField: event.type === 'queue' ? `events.${bindingId}.queue` : null,
  };
  return {
    ...dead,
    bound: [{ kind: 'subscription', id: parts.name }],
    after: [subscriptionStep(target, `event-${bindingId}-bind`, parts.title, subscription)],
    isPushed: true,
  };
}

export function pushTo(target: Target, path: string): PushWish {
  return { url: target.url, path, serviceAccount: target.serviceAccount };
}

export function subscriptionStep(
  target: Target,
  id: string,
  title: string,
  subscription: SubscriptionWish,
): Step {
  return eventStep(target, {
    id,
    kind: EVENT_STEP.subscription,
    title,
    phase: 'bind',
    input: { subscription },
    makes: [{ kind: 'subscription', id: subscription.name }],
    // Two functions that would read one queue see each other.
    locks: [subscription.topic],
  });
}

/** What a dead-letter queue adds to a binding. */
function deadLetterParts(
  context: PlanContext,
  event: PushedEvent,
): Pick<BindingParts, 'uses' | 'ownGrants' | 'agentGrants' | 'deadLetter'> {
  const source = deadLetterOf(context, event);
  if (source === undefined) return { uses: [], ownGrants: [], agentGrants: [], deadLetter: null };
  const { target } = context;
  const publisher = { resource: source.id, role: ROLE.publisher };
  return {
    uses: [
      {
        source,
        field: 'deadLetter',
        create: event.create && !source.isNative,
        keepsLetters: true,
        consumer: null,
      },
    ],
    ownGrants: [{ ...publisher, member: memberOf(target) }],
    agentGrants: [{ ...publisher, member: pubsubAgent(target) }],
    deadLetter: source.id,
  };
}
