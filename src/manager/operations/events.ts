/** Adding, changing and removing event sources of a deployed function, and warming it. */
import {
  checkBinding,
  checkHandles,
  checkRoutes,
  requireCapability,
} from '../../engine/preflight.ts';
import type { EventSpec } from '../../spec/types.ts';
import type { Binding } from '../../spi/bindings.ts';
import { sameJson } from '../../spi/digest.ts';
import type { FunctionRef, Warning } from '../../spi/plan.ts';
import { checkInteger, invalid } from '../arguments.ts';
import type {
  ApplyOptions,
  EventResult,
  PreWarmOptions,
  PreWarmResult,
  Removal,
} from '../types.ts';
import { absentEvent } from './absent-event.ts';
import type { OperationParts } from './parts.ts';
import { replacedSelection } from './replaced-selection.ts';

/** Events and warming have to do with no version but the live one. */
const LIVE_ONLY = { versions: false } as const;

export async function configureEvent(
  { engine, settings }: OperationParts,
  ref: FunctionRef,
  event: EventSpec,
  options: ApplyOptions,
): Promise<EventResult> {
  const { provider } = engine;
  const wish: Binding = { ...settings.normalizeEvent(event), origin: 'api' };
  const checked = checkBinding(provider, ref.name, wish);
  const { observed, description } = await engine.present(ref, options.signal, LIVE_ONLY);
  const live = description.versions.find(({ version }) => version === description.liveVersion);
  checkHandles(provider.id, ref.name, live?.handles ?? [], [wish]);
  checkRoutes(provider, ref.name, live?.timeoutSeconds ?? 0, [wish]);
  const present = description.bindings.find(({ id }) => id === wish.id);
  // The same event keeps the origin it has: naming it once more does not make it undeclared.
  const binding = present && sameJson(present.event, wish.event) ? present : wish;
  const warnings =
    present && event.id === undefined
      ? [...checked, ...replacedSelection(wish.id, present.event, wish.event)]
      : checked;
  const identity = await engine.identify(options.signal);
  const plan = provider.plan.configureEvent({ ref, identity, binding }, observed);
  const run = await engine.run(plan, options);
  const { url } = run.result;
  return {
    bindingId: binding.id,
    url: typeof url === 'string' ? url : null,
    changed: plan.steps.length > 0,
    warnings: [...warnings, ...run.warnings],
  };
}

export async function removeEvent(
  { engine }: OperationParts,
  ref: FunctionRef,
  bindingId: string,
  options: ApplyOptions,
): Promise<Removal> {
  if (typeof bindingId !== 'string' || bindingId === '') {
    throw invalid('bindingId', 'it names no binding. describe() lists the ids.');
  }
  const identity = await engine.identify(options.signal);
  const observed = await engine.observe(ref, options.signal, LIVE_ONLY);
  const plan = engine.provider.plan.removeEvent({ ref, identity, bindingId }, observed);
  const { warnings } = await engine.run(plan, options);
  // It may be removed without having been described: what a process that died has begun of it.
  const removed = plan.steps.length > 0;
  const absent = removed
    ? []
    : absentEvent(ref.name, bindingId, observed.description?.bindings ?? []);
  return { removed, warnings: [...absent, ...warnings] };
}

export async function preWarm(
  { engine }: OperationParts,
  ref: FunctionRef,
  options: PreWarmOptions,
): Promise<PreWarmResult> {
  const { provider } = engine;
  const instances = checkInteger('instances', options.instances, 1, 1000);
  requireCapability(provider, { key: 'warm.ping', path: 'preWarm' }, ref.name);
  const identity = await engine.identify(options.signal);
  const { observed } = await engine.present(ref, options.signal, LIVE_ONLY);
  const plan = provider.plan.preWarm({ ref, identity, instances }, observed);
  const { result, warnings } = await engine.run(plan, options);
  const { distinctInstances: counted, guaranteed: kept } = result;
  const distinctInstances = typeof counted === 'number' ? counted : 0;
  const guaranteed = kept === true;
  return {
    requested: instances,
    distinctInstances,
    guaranteed,
    warnings:
      distinctInstances < instances
        ? [...warnings, fewer(distinctInstances, instances, guaranteed)]
        : warnings,
  };
}

/** Why there are fewer than were asked for. */
function fewer(distinct: number, requested: number, guaranteed: boolean): Warning {
  const why = guaranteed
    ? 'there is no room for more. Raise `maxInstances` of the function, or the limit that the provider has for all of them together'
    : 'the platform let one instance answer several of the calls, or has no room for more. Call it again, raise `maxInstances`, or keep instances ready by `minInstances` where the platform has that';
  return {
    type: 'limit',
    field: 'instances',
    message: `${distinct} of ${requested} instances are warm: ${why}.`,
  };
}
