/** Plans what ties event sources to a function, and what unties them. Pure. */
import { digestOf, sameJson, type Binding, type Step } from 'polyfaas/spi';
import type { TriggerSpec } from '../manifest.ts';
import type { MadeSource } from '../record.ts';
import { planAddresses } from './addresses.ts';
import { idKey } from './arm-id.ts';
import { refuseConflicts } from './conflicts.ts';
import type { PlanContext } from './context.ts';
import { hostExtensions, oldestSettings, type Planned } from './host-settings.ts';
import { hasHttp, httpTriggers } from './http/plan.ts';
import { partsOf } from './kinds.ts';
import { boundBy, isBound, isNoted, isRole, merge } from './made/list.ts';
import { planRetirement } from './made/plan.ts';
import { planChecks, planHosts, planRoles, planSources } from './plan-sources.ts';
import { roleKey } from './roles.ts';
import { assignsRoles, eventSettings } from './settings.ts';
import { createdSources } from './source.ts';
import type { BindingPlan, BindingWish } from './types.ts';
import { planWarnings } from './warnings.ts';

export { planEventRemoval } from './made/plan.ts';

/**
 * What turns the bindings of the record into those that are wished. Bindings that are as wished need no steps; those that
 * an earlier attempt left half done, or of which something is gone, are done again. The steps run one after the other. Made sources stay until the
 * function is removed; what was made for one binding alone goes with it.
 *
 * @throws ServerlessError INVALID_ARGUMENT for bindings that do not work beside each other.
 */
export function planEvents(wish: BindingWish): BindingPlan {
  const { target, record, bindings } = wish;
  const context: PlanContext = {
    target,
    place: target,
    settings: eventSettings(wish.platform, target),
  };
  refuseConflicts(context, bindings);
  const gives = assignsRoles(target);
  const planned = bindings.map((binding) => ({ binding, parts: partsOf(context, binding) }));
  const wanted = merge(
    destinationsOf(wish),
    planned.flatMap(({ binding, parts }) => [
      ...createdSources(context, binding),
      ...boundBy(parts, gives),
    ]),
  );
  const dirty = planned.filter(
    (one) =>
      !isSettled(wish, one.binding) ||
      !isNoted(record, context, one, gives) ||
      isLost(wish, context, one),
  );
  const gone = record.bindings.filter(({ id }) => !bindings.some((one) => one.id === id));
  const addresses = planAddresses(context, planned);
  const settings = {
    ...oldestSettings(planned),
    ...settingsOf(planned),
    ...addresses.settings,
  };
  const triggers = triggersOf(bindings, planned);
  const retired = record.made.filter((one) => isBound(one) && !isNeeded(wanted, one));
  return {
    checks: planChecks(context, dirty),
    sources: [
      ...planHosts(context, dirty),
      ...dirty.flatMap((one) => [
        ...planSources(context, one),
        ...prepareOf(wish, one),
        ...(gives ? planRoles(context, one) : []),
      ]),
      // An identity that is looked for may turn out to be another one, without the roles of the one before.
      ...(gives && typeof target.principalId !== 'string'
        ? planned.filter((one) => !dirty.includes(one)).flatMap((one) => planRoles(context, one))
        : []),
      ...(addresses.step === null ? [] : [addresses.step]),
    ],
    settings,
    host: hostExtensions(planned, wish.timeoutSeconds),
    settingsDigest: digestOf({ settings, wish: addresses.wish }),
    triggers,
    after: afterOf(wish, dirty),
    retire: planRetirement(target, retired),
    touched: touchedIds(wish, dirty, gone),
    made: merge(record.made, wanted),
    kept: merge(
      record.made.filter((one) => !isBound(one)),
      wanted,
    ),
    hasHttp: hasHttp(bindings),
    warnings: planWarnings(context, { planned, dirty, lost: wish.lost ?? [] }, record, gives),
  };
}

/** As wished, and complete. */
function isSettled({ record }: BindingWish, binding: Binding): boolean {
  const present = record.bindings.find(({ id }) => id === binding.id);
  return (
    present !== undefined &&
    !record.pending.includes(binding.id) &&
    sameJson(present.event, binding.event)
  );
}

/** Something of it was deleted by hand. */
function isLost(
  { lost = [] }: BindingWish,
  context: PlanContext,
  { binding, parts }: Planned,
): boolean {
  return [...createdSources(context, binding), ...parts.bound].some((one) => isIn(lost, one));
}

/** A subscription that is there may serve a version that is live. */
function prepareOf({ record }: BindingWish, { parts }: Planned): readonly Step[] {
  const isThere = parts.bound.some((one) => one.kind === 'subscription' && isIn(record.made, one));
  return parts.prepare.map((step) =>
    isThere && step.kind === 'put-subscription'
      ? { ...step, input: { ...step.input, isNoted: true } }
      : step,
  );
}

/** What was made anew in `prepare` is as it should be; only what was there before is brought into line. */
function afterOf({ record }: BindingWish, dirty: readonly Planned[]): readonly Step[] {
  const known = new Set([...record.bindings.map(({ id }) => id), ...record.pending]);
  return dirty.flatMap(({ binding: { id }, parts }) =>
    parts.after.filter(({ kind }) => kind !== 'put-subscription' || known.has(id)),
  );
}

function triggersOf(
  bindings: readonly Binding[],
  planned: readonly Planned[],
): readonly TriggerSpec[] {
  const own = planned.flatMap(({ parts }) => (parts.trigger === null ? [] : [parts.trigger]));
  return [...httpTriggers(bindings), ...own].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function settingsOf(planned: readonly Planned[]): Record<string, string> {
  const enabled = planned.filter(({ binding }) => binding.event.enabled);
  return Object.fromEntries(enabled.flatMap(({ parts }) => Object.entries(parts.settings)));
}

function touchedIds(
  { record }: BindingWish,
  dirty: readonly Planned[],
  gone: readonly Binding[],
): readonly string[] {
  const ids = new Set(record.pending);
  for (const { binding } of dirty) ids.add(binding.id);
  for (const { id } of gone) ids.add(id);
  return [...ids].toSorted();
}

function destinationsOf({ record, destinations }: BindingWish): readonly MadeSource[] {
  return (
    destinations?.map((need): MadeSource => ({ kind: 'destination', id: roleKey(need) })) ??
    record.made.filter(({ kind }) => kind === 'destination')
  );
}

/** A role is one, whether a binding needs it or a destination. */
function isNeeded(wanted: readonly MadeSource[], one: MadeSource): boolean {
  if (!isRole(one.kind)) return isIn(wanted, one);
  return wanted.some(({ kind, id }) => isRole(kind) && idKey(id) === idKey(one.id));
}

function isIn(list: readonly MadeSource[], one: MadeSource): boolean {
  return merge(list, [one]).length === list.length;
}
