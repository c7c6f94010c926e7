/** Holds the resources of the recorded bindings against what was once made for them. */
import { once, ServerlessError, type Binding, type CallContext, type Step } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import { isDenied } from '../../errors.ts';
import type { BindingDrift, Executor, Target } from '../../model.ts';
import type { FunctionRecord } from '../../record.ts';
import { bucketName, placeOf, tableArn } from '../arn.ts';
import { ruleDrift } from '../bus/drift.ts';
import type { RuleWish } from '../bus/rule.ts';
import type { PlanContext } from '../context.ts';
import { httpDrift } from '../http/drift.ts';
import { planBinding } from '../kinds.ts';
import { mappingDrift, mappingsOf, type MappingWish } from '../mapping.ts';
import { notificationDrift, readConfiguration } from '../object/notifications.ts';
import { planNotifications } from '../object/plan.ts';
import { granted } from '../permission.ts';
import { ensureQueue } from '../queue/ensure.ts';
import { scheduleDrift } from '../schedule/drift.ts';
import { schedulerRoleDrift } from '../schedule/role.ts';
import type { ScheduleWish } from '../schedule/schedule.ts';
import { inputOf } from '../steps.ts';
import { ensureStream } from '../stream/ensure.ts';
import { ensureTable } from '../table/ensure.ts';
import { subscriptionDrift, type SubscriptionWish } from '../topic/subscription.ts';
import type { DriftScope, Problem } from './scope.ts';

export interface DriftReading {
  readonly target: Target;
  readonly record: FunctionRecord;
  /** Of the live version: some resources follow from it. */
  readonly timeoutSeconds: number;
  readonly hasShim: boolean;
  /** The permissions boundary of the roles that were made; null for none. */
  readonly boundaryArn: string | null;
}

/** The bindings whose resources are gone, or are not as they were made. Those that are half done anyway are left out. */
export async function driftedBindings(
  aws: AwsClients,
  { target, record, timeoutSeconds, hasShim, boundaryArn }: DriftReading,
  call: CallContext,
): Promise<readonly BindingDrift[]> {
  const context: PlanContext = {
    target,
    place: placeOf(target),
    timeoutSeconds,
    hasShim,
    boundaryArn,
  };
  const scope: DriftScope = {
    aws,
    target,
    call,
    statements: once(() => granted(aws, target, call)),
    schedulerRole: once(() => schedulerRoleDrift(aws, target, boundaryArn, call)),
    notifications: onceEach(async (bucket) => readConfiguration(await aws.s3(), bucket, call)),
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
      const problem =
        (await readable(() => look(binding))) ??
        (await readable(() => sourceProblem(aws, planBinding(context, binding), call)));
      return problem === undefined ? [] : [{ id: binding.id, problem }];
    }),
  );
  const front = routes.length === 0 ? undefined : await readable(() => httpDrift(scope, record));
  return [
    ...found.flat(),
    ...(front === undefined ? [] : routes.map(({ id }) => ({ id, problem: front }))),
  ];
}

/** What only looks at a source that a mapping reads: the mapping of one that is gone stays. */
const LOOKS: Readonly<Record<string, Executor>> = {
  'ensure-queue': ensureQueue,
  'ensure-stream': ensureStream,
  'ensure-table': ensureTable,
};

/** What is wrong with what a binding reads, and with the queue of its dead letters. */
async function sourceProblem(
  aws: AwsClients,
  steps: readonly Step[],
  call: CallContext,
): Promise<Problem> {
  for (const step of steps) {
    const executor = LOOKS[step.kind];
    const problem = executor && (await lookAtSource(executor, aws, step, call));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** As the step would, but without a change. What it would refuse is wrong too: then the deploy is refused for it. */
async function lookAtSource(
  executor: Executor,
  aws: AwsClients,
  step: Step,
  call: CallContext,
): Promise<Problem> {
  try {
    const looked = await executor(aws, { ...step, input: { ...step.input, dry: true } }, call);
    const problem = looked.done ? looked.output?.['problem'] : undefined;
    return typeof problem === 'string' ? problem : undefined;
  } catch (error) {
    if (ServerlessError.isInstance(error)) return error.message;
    throw error;
  }
}

/** One look for each key. */
function onceEach<Value>(look: (key: string) => Promise<Value>): (key: string) => Promise<Value> {
  const looks = new Map<string, () => Promise<Value>>();
  return (key) => {
    const known = looks.get(key) ?? once(() => look(key));
    looks.set(key, known);
    return known();
  };
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
