/** Holds the resources of the recorded bindings against what was once made for them. */
import { once, type Binding, type CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import { isDenied } from '../../errors.ts';
import type { BindingDrift, Target } from '../../model.ts';
import type { FunctionRecord } from '../../record.ts';
import { bucketName, placeOf, tableArn } from '../arn.ts';
import { ruleDrift } from '../bus/drift.ts';
import type { RuleWish } from '../bus/rule.ts';
import type { PlanContext } from '../context.ts';
import { httpDrift } from '../http/drift.ts';
import { planBinding } from '../kinds.ts';
import { mappingDrift, mappingsOf, type MappingWish } from '../mapping.ts';
import { notificationDrift } from '../object/notifications.ts';
import { planNotifications } from '../object/plan.ts';
import { granted } from '../permission.ts';
import { scheduleDrift } from '../schedule/drift.ts';
import type { ScheduleWish } from '../schedule/schedule.ts';
import { inputOf } from '../steps.ts';
import { subscriptionDrift, type SubscriptionWish } from '../topic/subscription.ts';
import type { DriftScope, Problem } from './scope.ts';

export interface DriftReading {
  readonly target: Target;
  readonly record: FunctionRecord;
  /** Of the live version: some resources follow from it. */
  readonly timeoutSeconds: number;
  readonly hasShim: boolean;
}

/** The bindings whose resources are gone, or are not as they were made. Those that are half done anyway are left out. */
export async function driftedBindings(
  aws: AwsClients,
  { target, record, timeoutSeconds, hasShim }: DriftReading,
  call: CallContext,
): Promise<readonly BindingDrift[]> {
  const context: PlanContext = {
    target,
    place: placeOf(target),
    timeoutSeconds,
    hasShim,
    boundaryArn: null,
  };
  const scope: DriftScope = {
    aws,
    target,
    call,
    statements: once(() => granted(aws, target, call)),
  };
  const mappings = once(() => mappingsOf(aws, target, call));
  const settled = record.bindings.filter(({ id }) => !record.pending.includes(id));
  const routes = settled.filter(({ event }) => event.type === 'http' && event.enabled);
  const look = async (binding: Binding): Promise<Problem> => {
    const { id, event } = binding;
    switch (event.type) {
      case 'queue':
      case 'stream':
        return mappingDrift(await mappings(), wishOf<{ mapping: MappingWish }>(context, binding));
      case 'table': {
        const wish = wishOf<{ mapping: MappingWish }>(context, binding);
        // A stream has an ARN of its own, which only the platform knows.
        const stream = `${tableArn(context.place, event.table)}/stream/`;
        return mappingDrift(await mappings(), wish, stream);
      }
      case 'topic':
        return subscriptionDrift(
          scope,
          wishOf<{ subscription: SubscriptionWish }>(context, binding).subscription,
          event.enabled,
        );
      case 'bus':
        return ruleDrift(scope, wishOf<{ rule: RuleWish }>(context, binding).rule);
      case 'schedule':
        return scheduleDrift(scope, wishOf<{ schedule: ScheduleWish }>(context, binding).schedule);
      case 'object': {
        const step = planNotifications(context, {
          id,
          bucket: bucketName(event.bucket),
          bindings: [binding],
        });
        return notificationDrift(scope, inputOf(step));
      }
      case 'http':
        break;
    }
    return undefined;
  };
  const found = await Promise.all(
    settled.map(async (binding): Promise<readonly BindingDrift[]> => {
      const problem = await readable(() => look(binding));
      return problem === undefined ? [] : [{ id: binding.id, problem }];
    }),
  );
  const front = routes.length === 0 ? undefined : await readable(() => httpDrift(scope, record));
  return [
    ...found.flat(),
    ...(front === undefined ? [] : routes.map(({ id }) => ({ id, problem: front }))),
  ];
}

/** The input of the step that binds it. */
function wishOf<Wish extends object>(context: PlanContext, binding: Binding): Wish {
  const step = planBinding(context, binding).at(-1);
  if (step === undefined) throw new Error(`${binding.event.type} has no step that binds it`);
  return inputOf<Wish>(step);
}

/** Where the deployer may not look, nothing is known to have changed. */
async function readable(look: () => Promise<Problem>): Promise<Problem> {
  try {
    return await look();
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}
