/** Plans what ties event sources to a function, and what unties them. Pure. */
import { sameJson, type Binding, type Step } from 'polyfaas/spi';
import type { MadeSource } from '../record.ts';
import { refuseConflicts } from './conflicts.ts';
import type { PlanContext, Planned } from './context.ts';
import { planOne, policyOf } from './kinds.ts';
import { has, isBound, isNoted, isOwn, merge, neededBy, ownOf } from './made/list.ts';
import { planRetirement } from './made/plan.ts';
import { droppedTopic } from './names.ts';
import { madeHere, netSteps, planChecks, planSources } from './plan-sources.ts';
import { attemptDeadlineSeconds } from './schedule/plan.ts';
import { ackDeadlineSeconds } from './subscription/plan.ts';
import type { AsyncPlan, BindingPlan, BindingWish } from './types.ts';
import { planWarnings } from './warnings.ts';

export { planEventRemoval } from './made/plan.ts';

/**
 * What turns the bindings of the record into those that are wished. Bindings that are as wished need no steps; those that
 * an earlier attempt left half done are done again. The steps run one after the other. Made sources stay until the
 * function is removed; what was made for one binding alone goes with it, once what replaces it stands.
 *
 * @throws ServerlessError INVALID_ARGUMENT for bindings that do not work beside each other, UNSUPPORTED for streams.
 */
export function planBindings(wish: BindingWish): BindingPlan {
  const { record, bindings } = wish;
  const context = contextOf(wish);
  refuseConflicts(context, bindings);
  const planned = bindings.map((binding) => planOne(context, binding));
  const wanted = merge(planned.flatMap((one) => neededBy(context, one)));
  const dirty = planned.filter(
    (one) =>
      !isSettled(wish, one) || !isNoted(record, context, one) || !isWhole(context, wish, one),
  );
  const net = dirty.some(({ parts }) => parts.isPushed) ? wish.target : null;
  const own = net === null ? [] : ownOf(net).filter(({ id }) => id === droppedTopic(net));
  const isKept = (one: MadeSource): boolean => !isBound(one) || isOwn(wish.target, one);
  const retired = record.made.filter((one) => !isKept(one) && !has(wanted, one));
  return {
    checks: planChecks(context, dirty, madeHere(context, bindings)),
    sources: [
      ...(net === null || isNetThere(wish) ? [] : netSteps(net)),
      ...dirty.flatMap((one) => planSources(context, one)),
    ],
    policies: planned.map(policyOf),
    after: dirty.flatMap(({ parts }) => parts.after),
    retire: retireSteps(context, wish, retired),
    touched: touchedIds(wish, dirty),
    made: merge(record.made, wanted, own),
    kept: merge(record.made.filter(isKept), wanted, own),
    hasHttp: bindings.some(({ event }) => event.type === 'http' && event.enabled),
    warnings: planWarnings(context, dirty),
  };
}

/** Both in one. */
export function withAsync(bound: BindingPlan, async: AsyncPlan): BindingPlan {
  return {
    ...bound,
    checks: joined(bound.checks, async.checks),
    // What it takes to deliver at all comes first, and the destinations may be what bindings make.
    sources: joined(bound.sources, async.sources),
    after: joined(async.after, bound.after),
    retire: joined(bound.retire, async.retire),
    made: merge(bound.made, async.made),
    kept: merge(
      bound.kept.filter((one) => !has(async.gone, one)),
      async.made,
    ),
    warnings: [...bound.warnings, ...async.warnings],
  };
}

function joined(first: readonly Step[], second: readonly Step[]): readonly Step[] {
  const known = new Set(first.map(({ id }) => id));
  return [...first, ...second.filter(({ id }) => !known.has(id))];
}

export function contextOf({
  target,
  platform,
  record,
  timeoutSeconds,
  keptAccount,
}: Pick<
  BindingWish,
  'target' | 'platform' | 'record' | 'timeoutSeconds' | 'keptAccount'
>): PlanContext {
  return {
    target,
    projectId: target.projectId,
    database: platform.firestoreDatabase,
    record,
    timeoutSeconds,
    keptAccount,
  };
}

/** Nothing of it was taken away by somebody else. */
function isWhole(context: PlanContext, { target, missing }: BindingWish, one: Planned): boolean {
  if (one.parts.isPushed && has(missing, netOf(target))) return false;
  return !neededBy(context, one).some((made) => has(missing, made));
}

/** As wished, complete, and made for a function that takes as long as now. */
function isSettled(wish: BindingWish, { binding }: Planned): boolean {
  const { record, repairsAll } = wish;
  const present = record.bindings.find(({ id }) => id === binding.id);
  if (repairsAll || present === undefined || record.pending.includes(binding.id)) return false;
  return sameJson(present.event, binding.event) && sameDeadline(wish, binding);
}

function sameDeadline({ record, timeoutSeconds }: BindingWish, { event }: Binding): boolean {
  const live = record.versions.find(({ version }) => version === record.live);
  if (live === undefined || event.type === 'http') return true;
  const deadline = event.type === 'schedule' ? attemptDeadlineSeconds : ackDeadlineSeconds;
  return deadline(live.timeoutSeconds) === deadline(timeoutSeconds);
}

/** A function that was live once has it; a plan that puts everything right, or follows one that was broken off, looks again. */
function isNetThere({ target, record, repairsAll, missing }: BindingWish): boolean {
  const topic = netOf(target);
  // What is about to be made is noted before it is there.
  const isBrokenOff = record.pending.length > 0;
  return (
    record.live !== null &&
    !repairsAll &&
    !isBrokenOff &&
    has(record.made, topic) &&
    !has(missing, topic)
  );
}

function netOf(target: BindingWish['target']): MadeSource {
  return { kind: 'ownTopic', id: droppedTopic(target) };
}

/** A grant that a destination needs too stays. */
function retireSteps(
  context: PlanContext,
  { record }: BindingWish,
  retired: readonly MadeSource[],
): readonly Step[] {
  return planRetirement(
    context,
    retired.filter(
      ({ kind, id }) => kind !== 'grant' || !has(record.made, { kind: 'destination', id }),
    ),
  );
}

function touchedIds(
  { record, bindings }: BindingWish,
  dirty: readonly Planned[],
): readonly string[] {
  const wished = new Set(bindings.map(({ id }) => id));
  const gone = record.bindings.flatMap(({ id }) => (wished.has(id) ? [] : [id]));
  const ids = new Set([...record.pending, ...dirty.map(({ binding }) => binding.id), ...gone]);
  return [...ids].toSorted();
}
