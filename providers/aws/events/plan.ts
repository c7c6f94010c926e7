/** Plans what ties event sources to a function, and what unties them. Pure. */
import { sameJson, type Binding, type Step } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import type { FunctionRecord, MadeSource } from '../record.ts';
import { bucketName, placeOf } from './arn.ts';
import { refuseConflicts } from './conflicts.ts';
import { bareContext, type PlanContext } from './context.ts';
import { planHttp, planHttpRemoval } from './http/plan.ts';
import { planBinding } from './kinds.ts';
import { madeSources } from './made/sources.ts';
import { planNotifications } from './object/plan.ts';
import type { Remains } from './remains/find.ts';
import { planUnknownTies } from './remains/plan.ts';
import { planSchedulerRole, planSchedulerRoleRemoval } from './schedule/plan.ts';
import { eventStep } from './steps.ts';
import { planChecks } from './plan-checks.ts';
import { planSweep } from './plan-sweep.ts';
import type { BindingPlan, BindingWish } from './types.ts';
import { planRevocation, planStreamUnbinding, planUnbinding, resourceKey } from './unbind.ts';

/**
 * What turns the bindings of the record into those that are wished: first what goes, then what comes. Bindings that
 * are as wished need no steps; those that an earlier attempt left half done are done again. The steps run one after the
 * other.
 *
 * @throws ServerlessError INVALID_ARGUMENT for bindings that AWS does not allow beside each other.
 */
export function planBindings(wish: BindingWish): BindingPlan {
  const { target, record, bindings } = wish;
  refuseConflicts(target, bindings);
  const context: PlanContext = {
    target,
    place: placeOf(target),
    timeoutSeconds: wish.timeoutSeconds,
    hasShim: wish.hasShim ?? true,
    boundaryArn: wish.boundaryArn ?? null,
  };
  const dirty = bindings.filter((binding) => !isSettled(wish, binding));
  const wishedKeys = new Set(bindings.map((binding) => resourceKey(context.place, binding)));
  const gone = record.bindings.filter(
    (binding) => !wishedKeys.has(resourceKey(context.place, binding)),
  );
  const http = planHttp(target, record, bindings, wish.drifted);
  const lost = lostIds(record, bindings);

  const steps: Step[] = gone.flatMap((binding) => planUnbinding(context, binding, 'bind'));
  for (const present of record.bindings) {
    steps.push(...planStreamUnbinding(context, present, bindings));
  }
  const touched = new Set([...record.pending, ...http.touched]);
  for (const { id } of [...gone, ...dirty]) touched.add(id);
  const boundsSchedules = wish.setsBoundary === true && hasSchedules(bindings);
  if (boundsSchedules || hasSchedules(dirty)) steps.push(planSchedulerRole(context));
  for (const binding of dirty) steps.push(...planBinding(context, binding));
  for (const present of record.bindings) {
    const next = bindings.find(({ id }) => id === present.id);
    if (next === undefined || gone.includes(present) || sameDeadLetter(present, next)) continue;
    steps.push(...planRevocation(context, present, 'bind'));
  }
  steps.push(...bucketSteps(context, record, bindings, { dirty, gone, all: lost.length > 0 }));
  steps.push(...http.steps);
  const isSwept = record.pending.length > 0;
  if (isSwept) steps.push(planSweep(context, bindings, 'bind'));
  if (!hasSchedules(bindings) && (hasSchedules(record.bindings) || isSwept)) {
    steps.push(planSchedulerRoleRemoval(target, 'bind'));
  }
  steps.push(...settling(context, steps, 'bind'));
  return {
    checks: planChecks(steps),
    steps,
    touched: [...touched].toSorted(),
    made: madeSources(record, bindings),
    url: http.url,
  };
}

/**
 * What takes away all bindings of a function, and then the sources that were made for them: those of the record, and
 * what a search found besides.
 */
export function planRemoval(
  wish: Pick<BindingWish, 'target' | 'record'> & { readonly remains?: Remains | undefined },
): readonly Step[] {
  const { target, record, remains } = wish;
  const context = bareContext(target);
  const steps: Step[] = record.bindings.flatMap((binding) =>
    planUnbinding(context, binding, 'retire'),
  );
  const buckets = new Map<string, string>();
  for (const { id, event } of record.bindings) {
    if (event.type === 'object') buckets.set(bucketName(event.bucket), id);
  }
  for (const [bucket, id] of buckets) {
    steps.push(
      planNotifications(context, {
        id: `event-${id}-unbind`,
        bucket,
        bindings: [],
        phase: 'retire',
      }),
    );
  }
  steps.push(...planHttpRemoval(target, record));
  if (remains !== undefined) steps.push(...planUnknownTies(context, remains, record.bindings));
  if (record.pending.length > 0) steps.push(planSweep(context, [], 'retire'));
  steps.push(...settling(context, steps, 'retire'));
  if (
    hasSchedules(record.bindings) ||
    record.pending.length > 0 ||
    remains?.hasSchedulerRole === true
  ) {
    steps.push(planSchedulerRoleRemoval(target, 'retire'));
  }
  return [...steps, ...deletionSteps(target, deadLettersLast(record, remains?.made ?? []))];
}

/** What deletes sources that were made, in this order. */
export function deletionSteps(target: Target, made: readonly MadeSource[]): readonly Step[] {
  return made.map((source, index) =>
    eventStep(target, {
      id: `source-${index}-delete`,
      kind: 'delete-source',
      title: `Delete the ${source.kind} "${source.name}"`,
      phase: 'retire',
      input: { source },
      locks: [`${source.kind}:${source.name}`],
    }),
  );
}

function sameDeadLetter({ event: a }: Binding, { event: b }: Binding): boolean {
  const nameOf = (event: Binding['event']): string | undefined =>
    'deadLetter' in event ? event.deadLetter : undefined;
  return nameOf(a) === nameOf(b);
}

/** What gives its dead letters to a queue goes, or is handed on, before that queue. */
function deadLettersLast(
  { made: recorded, bindings }: FunctionRecord,
  found: readonly MadeSource[],
): readonly MadeSource[] {
  const isRecorded = (one: MadeSource): boolean =>
    recorded.some(({ kind, name }) => kind === one.kind && name === one.name);
  const made = [...recorded, ...found.filter((one) => !isRecorded(one))];
  const dead = new Set(
    bindings.flatMap(({ event }) => ('deadLetter' in event ? [event.deadLetter] : [])),
  );
  const isDead = ({ kind, name }: MadeSource): boolean => kind === 'queue' && dead.has(name);
  return [...made.filter((source) => !isDead(source)), ...made.filter(isDead)];
}

/** As wished, complete, and made for the function as it is now. */
function isSettled(wish: BindingWish, binding: Binding): boolean {
  const { record, before } = wish;
  const present = record.bindings.find(({ id }) => id === binding.id);
  if (present === undefined || record.pending.includes(binding.id)) return false;
  if (wish.drifted?.has(binding.id)) return false;
  if (!sameJson(present.event, binding.event)) return false;
  if (before === undefined) return true;
  const { type } = binding.event;
  if (type === 'queue') return before.timeoutSeconds === wish.timeoutSeconds;
  if (type === 'schedule' || type === 'bus') return before.hasShim === (wish.hasShim ?? true);
  return true;
}

/** Half done, and named neither by the record nor by the wish: only a look at the platform tells what it was. */
function lostIds(record: FunctionRecord, bindings: readonly Binding[]): readonly string[] {
  const known = new Set([...record.bindings, ...bindings].map(({ id }) => id));
  return record.pending.filter((id) => !known.has(id));
}

function hasSchedules(bindings: readonly Binding[]): boolean {
  return bindings.some(({ event }) => event.type === 'schedule');
}

/** A bucket has one configuration for all bindings: one step for each bucket with a change. */
function bucketSteps(
  context: PlanContext,
  record: FunctionRecord,
  bindings: readonly Binding[],
  changed: { dirty: readonly Binding[]; gone: readonly Binding[]; all: boolean },
): readonly Step[] {
  const steps: Step[] = [];
  const named = new Set<string>();
  const add = (binding: Binding, suffix: 'bind' | 'unbind'): void => {
    const bucket = bucketOf(binding);
    if (bucket === undefined || named.has(bucket)) return;
    named.add(bucket);
    const wished = bindings.filter((other) => bucketOf(other) === bucket);
    steps.push(
      planNotifications(context, {
        id: `event-${binding.id}-${suffix}`,
        bucket,
        bindings: wished,
      }),
    );
  };
  for (const binding of changed.dirty) add(binding, 'bind');
  // A binding that moved to another bucket, or was renamed, is gone from here.
  for (const binding of changed.gone) add(binding, 'unbind');
  if (changed.all) for (const binding of bindings) add(binding, 'bind');
  return steps;
}

function bucketOf({ event }: Binding): string | undefined {
  return event.type === 'object' ? bucketName(event.bucket) : undefined;
}

const TOUCHING: ReadonlySet<string> = new Set(['put-mapping', 'delete-mapping', 'sweep-bindings']);

/** Mappings take their time: all that were touched are waited for together. */
function settling(
  { target }: PlanContext,
  steps: readonly Step[],
  phase: 'bind' | 'retire',
): readonly Step[] {
  const touching = steps.filter(({ kind }) => TOUCHING.has(kind));
  if (touching.length === 0) return [];
  return [
    eventStep(target, {
      id: 'mappings-settle',
      kind: 'settle-mappings',
      title: 'Wait for the mappings',
      phase,
      input: { uuids: touching.map(({ id }) => ({ $from: `${id}.uuids` })) },
      deadlineSeconds: 600,
    }),
  ];
}
