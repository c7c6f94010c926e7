/** Subscriptions of topics of Service Bus, one for each binding. */
import type { JsonObject } from 'polyfaas/spi';
import { numberAt, textAt } from '../../arm/json.ts';
import { EVENT_API } from '../api-versions.ts';
import { put, read } from '../arm.ts';
import { afresh } from '../../arm/turn.ts';
import type { Executor } from '../../model.ts';
import { done, inputOf } from '../steps.ts';

export interface SubscriptionWish {
  /** Its ARM id. */
  readonly id: string;
  readonly bindingId: string;
  readonly maxDeliveryCount: number;
  /** The SQL of its one rule. */
  readonly filter: string;
}

/** The rule that every new subscription has: it lets everything through until it is changed. */
const RULE = '$Default';
/** The longest that Service Bus locks a message for at once. */
const LOCK = 'PT5M';

/**
 * Subscribes. A subscription that is there is brought into line with `converge`, rule and all. Before that it may serve a
 * version that is live, so it only gets the deliveries that more attempts need: they harm nobody, and come too late once
 * the function counts on them. Its name belongs to one binding of one function app, whose name no other has.
 */
export const putSubscription: Executor = async (azure, step, call) => {
  const { subscription, converge, isNoted } = inputOf<{
    subscription: SubscriptionWish;
    converge: boolean;
    /** The record knows it from before; its rule is for a later step to change. */
    isNoted: boolean;
  }>(step);
  const { id, maxDeliveryCount, filter } = subscription;
  const apiVersion = EVENT_API.serviceBus;
  const found = await read(azure, { path: id, apiVersion }, call);
  if (found === undefined || !fits(found, maxDeliveryCount, converge)) {
    const properties = {
      maxDeliveryCount,
      lockDuration: LOCK,
      deadLetteringOnMessageExpiration: false,
      deadLetteringOnFilterEvaluationExceptions: false,
    };
    const result = await put(
      azure,
      { path: id, apiVersion },
      { properties },
      call,
      'subscribing to the topic',
    );
    if (!result.done) return result;
  }
  if (found !== undefined && isNoted && !converge) return done();
  // A rule that a lost reply kept from being set is set by the repeat.
  const rule = { path: `${id}/rules/${RULE}`, apiVersion };
  const present = await read(azure, rule, call);
  if (present !== undefined && sqlOf(present) === filter) return done();
  const body = {
    properties: { filterType: 'SqlFilter', sqlFilter: { sqlExpression: filter } },
  };
  return await put(azure, rule, body, afresh(call), 'setting the filter');
};

function fits(found: JsonObject, maxDeliveryCount: number, isExact: boolean): boolean {
  const present = numberAt(found, 'properties', 'maxDeliveryCount') ?? 0;
  return isExact ? present === maxDeliveryCount : present >= maxDeliveryCount;
}

function sqlOf(rule: JsonObject): string | undefined {
  return textAt(rule, 'properties', 'sqlFilter', 'sqlExpression');
}
