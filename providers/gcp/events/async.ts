/** Asynchronous invocations: a topic of the function's own, whose messages are pushed to it. Pure. */
import { asyncDestinations, type AsyncPolicy, type Step } from 'polyfaas/spi';
import { ASYNC_PATH, type AsyncRules } from '../manifest.ts';
import type { MadeSource } from '../record.ts';
import type { PlanContext, SourceUse } from './context.ts';
import { grantKey, memberOf, ROLE, type GrantNeed } from './grants/need.ts';
import { ownedGrants } from './grants/owned.ts';
import { planOne } from './kinds.ts';
import { boundLabels } from './labels.ts';
import { boundBy, has, merge, ownOf } from './made/list.ts';
import { planRetirement } from './made/plan.ts';
import { asyncSubscription, droppedTopic } from './names.ts';
import { grantSteps, madeHere, netSteps, signingGrant, topicStep } from './plan-sources.ts';
import { contextOf } from './plan.ts';
import { backoffOf, MOST_DELIVERIES } from './retry.ts';
import { topicSource } from './source.ts';
import { EVENT_STEP, eventStep } from './steps.ts';
import {
  ackDeadlineSeconds,
  pushTo,
  subscriptionStep,
  type SubscriptionWish,
} from './subscription/plan.ts';
import type { AsyncPlan, AsyncWish } from './types.ts';
import { ownAccount } from './warnings.ts';

/** What asynchronous invocations of a function need. With `isSettled` there are no steps, and the rules are the same. */
export function planAsync(wish: AsyncWish): AsyncPlan {
  const { target, record, policy, isSettled } = wish;
  const context = contextOf(wish);
  const destinations = destinationsOf(context, policy);
  const grants = destinations.map(({ source }): GrantNeed => ({
    resource: source.id,
    role: ROLE.publisher,
    member: memberOf(target),
  }));
  const owned = ownedGrants(context, grants);
  const granted = owned.map((need): MadeSource => ({ kind: 'destination', id: grantKey(need) }));
  const made = merge(ownOf(target), granted);
  const gone = record.made.filter((one) => one.kind === 'destination' && !has(made, one));
  const isThere = isSettled && made.every((one) => has(record.made, one));
  return {
    checks: isThere ? [] : checkSteps(context, wish, destinations),
    sources: isThere
      ? []
      : [
          ...netSteps(target),
          topicStep(target, 'async-topic', {
            topic: target.asyncTopic,
            labels: boundLabels(target.ref),
            isOwn: true,
          }),
          ...grantSteps(
            target,
            'async-grants',
            'Let the function publish what becomes of asynchronous invocations',
            owned,
            granted,
          ),
        ],
    rules: asyncRules(context, policy),
    after: isThere ? [] : [asyncStep(wish)],
    retire: revocation(context, wish, gone),
    made,
    gone,
    warnings:
      isThere || target.ownsServiceAccount
        ? []
        : ownAccount(target, 'async', [...grants, signingGrant(target)]),
  };
}

/** How the code inside treats them. */
export function asyncRules(
  context: Pick<PlanContext, 'target' | 'projectId' | 'database'>,
  { retry, maxAgeSeconds, onSuccess, onFailure }: AsyncPolicy,
): AsyncRules {
  const sendTo = (destination: AsyncPolicy['onSuccess']) =>
    destination === undefined ? null : { topic: topicSource(context, destination.name).id };
  return {
    maxAttempts: retry.maxAttempts,
    maxAgeSeconds,
    topic: { topic: context.target.asyncTopic },
    onSuccess: sendTo(onSuccess),
    onFailure: sendTo(onFailure),
  };
}

/** Queues, topics and buses are topics of Pub/Sub. Each once. */
function destinationsOf(context: PlanContext, async: AsyncPolicy): readonly SourceUse[] {
  const uses = new Map<string, SourceUse>();
  for (const { field, name } of asyncDestinations(async)) {
    const source = topicSource(context, name);
    if (uses.has(source.id)) continue;
    uses.set(source.id, {
      source,
      field: `${field}.name`,
      create: false,
      keepsLetters: false,
      consumer: null,
    });
  }
  return [...uses.values()];
}

/** Destinations are never made by themselves; an event of the same plan may make them. */
function checkSteps(
  context: PlanContext,
  { bindings }: AsyncWish,
  destinations: readonly SourceUse[],
): readonly Step[] {
  const made = madeHere(context, bindings);
  const uses = destinations.filter(({ source }) => !made.has(source.id));
  if (uses.length === 0) return [];
  return [
    eventStep(context.target, {
      id: 'async-check',
      kind: EVENT_STEP.check,
      title: 'See that the destinations of asynchronous invocations are there',
      phase: 'prepare',
      input: { path: 'async', uses },
    }),
  ];
}

function asyncStep({ target, policy, timeoutSeconds }: AsyncWish): Step {
  const subscription: SubscriptionWish = {
    name: asyncSubscription(target),
    topic: target.asyncTopic,
    labels: boundLabels(target.ref),
    push: pushTo(target, ASYNC_PATH),
    ackDeadlineSeconds: ackDeadlineSeconds(timeoutSeconds),
    backoff: backoffOf(policy.retry),
    deadLetter: {
      topic: droppedTopic(target),
      maxDeliveryAttempts: MOST_DELIVERIES,
    },
    ordered: false,
    filter: '',
    queueField: null,
  };
  return subscriptionStep(
    target,
    'async-bind',
    'Push asynchronous invocations to the function',
    subscription,
  );
}

/** A grant that a binding needs too stays. */
function revocation(
  context: PlanContext,
  { bindings }: AsyncWish,
  gone: readonly MadeSource[],
): readonly Step[] {
  const needed = bindings.flatMap((binding) => boundBy(context, planOne(context, binding)));
  return planRetirement(
    context,
    gone.filter(({ id }) => !has(needed, { kind: 'grant', id })),
    { prefix: 'async' },
  );
}
